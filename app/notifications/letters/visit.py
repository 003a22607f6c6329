"""Letters about a visit's life: booked, laid before the doctor, cancelled, moved."""

from uuid import UUID

from app.booking.queries import visit_by_id
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.about import (
    both_times,
    for_doctor,
    for_patient,
    is_closed,
    note,
    words_of_the_clinic,
)
from app.notifications.letters.known import Context, letter
from app.payments.queries import payment_of, refund_of


@letter
async def booked(event: PastEvent) -> Context:
    """The patient's slip."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_patient(visit, event),
        "amount_paise": visit.amount_paise,
        "note": words_of_the_clinic(event),
    }


@letter
async def booked_doctor(event: PastEvent) -> Context:
    """Who comes when."""
    return for_doctor(await visit_by_id(event.subject_id), event)


@letter
async def approval_waits(event: PastEvent) -> Context:
    """To the patient who has paid: the doctor still has to agree, and until when."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_patient(visit, event),
        "amount_paise": visit.amount_paise,
        "approve_until": visit.approve_until,
    }


@letter
async def approval_asked(event: PastEvent) -> Context:
    """To the doctor: who wants to come when, and until when an answer counts."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_doctor(visit, event),
        "approve_until": visit.approve_until,
        "link": links.requests(),
    }


@letter
async def declined(event: PastEvent) -> Context:
    """The doctor, or the time to answer, said no; the patient has everything back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_patient(visit, event),
        "refund_paise": await _refund_paise(visit.id),
        "by_time": event.by_role == "system",
        "note": words_of_the_clinic(event),
        "home": links.home(),
    }


@letter
async def cancelled(event: PastEvent) -> Context:
    """To the patient: who cancelled, and what comes back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_patient(visit, event),
        "refund_paise": await _refund_paise(visit.id),
        "by_patient": event.by_role == "patient",
        "is_closed": is_closed(event),
        "note": words_of_the_clinic(event),
        "home": links.home(),
    }


@letter
async def cancelled_doctor(event: PastEvent) -> Context:
    """To the doctor: who does not come, and that the time is free again."""
    visit = await visit_by_id(event.subject_id)
    by_patient = event.by_role == "patient"
    return {**for_doctor(visit, event), "by_patient": by_patient, "note": note(event) if by_patient else ()}


@letter
async def rescheduled(event: PastEvent) -> Context:
    """To the patient: the old time and the new one, and what comes back if the new one does not suit."""
    visit = await visit_by_id(event.subject_id)
    payment = await payment_of(visit.id)
    return {
        **for_patient(visit, event),
        **both_times(event),
        "is_closed": is_closed(event),
        "paid_paise": payment.left_paise if payment else 0,
        "note": words_of_the_clinic(event),
    }


@letter
async def rescheduled_doctor(event: PastEvent) -> Context:
    """To the doctor: the old time and the new one."""
    visit = await visit_by_id(event.subject_id)
    return {**for_doctor(visit, event), **both_times(event)}


@letter
async def another_time(event: PastEvent) -> Context:
    """To the doctor: a patient asks for another time."""
    return {**for_doctor(await visit_by_id(event.subject_id), event), "link": links.requests()}


@letter
async def request_declined(event: PastEvent) -> Context:
    """To the patient: the visit stays where it is."""
    visit = await visit_by_id(event.subject_id)
    return {**for_patient(visit, event), "note": words_of_the_clinic(event)}


async def _refund_paise(appointment_id: UUID) -> int:
    """What comes back for a visit, 0 where nothing was paid."""
    refund = await refund_of(appointment_id)
    return refund.amount_paise if refund else 0
