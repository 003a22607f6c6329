"""What each letter has to say: one function a letter, from its event to the values of its templates.

The words stand in templates/emails/<letter>.{subject,txt,html}. A letter tells the times of its event, even
when the visit has moved on since. What the clinic wrote to the patient stands in the patient's letter, and
why a patient cancels in the doctor's, as long as the log keeps it. Why somebody sees a doctor stands in none:
mails are read over shoulders. Codes and links are made here, as the letter goes out.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app import clock
from app.accounts.codes import code_for, link_token_for
from app.accounts.queries import get_confirmation
from app.booking.queries import Visit, visit_by_id
from app.directory.queries import get_practice
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.errors import Overtaken
from app.notifications.followers import days_to_tell
from app.notifications.mail import lines_of
from app.payments.queries import get_refund, payment_of, refund_of
from app.reviews.queries import get_review

Context = dict[str, Any]
Compose = Callable[[PastEvent], Awaitable[Context]]
ComposeFor = Callable[[PastEvent, UUID], Awaitable[Context]]

LETTERS: dict[str, ComposeFor] = {}
"""Every letter by its kind, which is also the name of its templates."""

MOST_DAYS = 14
"""Days a letter names one by one; of more it says how many."""


def letter(compose: Compose) -> Compose:
    """Make a function known as a letter of its own name, alike for all its readers."""

    async def for_anybody(event: PastEvent, _reader_id: UUID) -> Context:
        return await compose(event)

    LETTERS[compose.__name__] = for_anybody
    return compose


def letter_to(compose: ComposeFor) -> ComposeFor:
    """As `letter`, where each reader is told something else."""
    LETTERS[compose.__name__] = compose
    return compose


@letter
async def confirm_email(event: PastEvent) -> Context:
    """Six digits and a link, each with what is left of its time; one that is over is left out.

    The reader is not called by name: whoever signed up may have typed another's address, and a name can say
    anything.
    """
    asked = await get_confirmation(UUID(event.facts["confirmation_id"]))
    minutes = round((asked.code_expires_at - clock.now()).total_seconds() / 60)
    hours = round((asked.link_expires_at - clock.now()).total_seconds() / 3600)
    return {
        "code": code_for(asked.id) if minutes > 0 else None,
        "minutes": minutes,
        "link": links.confirm(link_token_for(asked.id)) if hours > 0 else None,
        "hours": hours,
        "ask_again": links.enter_code(),
    }


@letter
async def known_email(_event: PastEvent) -> Context:
    """To the owner of an address somebody tried to sign up with."""
    return {"link": links.log_in()}


@letter
async def booked(event: PastEvent) -> Context:
    """The patient's slip."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_patient(visit, event),
        "amount_paise": visit.amount_paise,
        "note": _words_of_the_clinic(event),
    }


@letter
async def booked_doctor(event: PastEvent) -> Context:
    """Who comes when."""
    return _for_doctor(await visit_by_id(event.subject_id), event)


@letter
async def approval_waits(event: PastEvent) -> Context:
    """To the patient who has paid: the doctor still has to agree, and until when."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_patient(visit, event),
        "amount_paise": visit.amount_paise,
        "approve_until": visit.approve_until,
    }


@letter
async def approval_asked(event: PastEvent) -> Context:
    """To the doctor: who wants to come when, and until when an answer counts."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_doctor(visit, event),
        "approve_until": visit.approve_until,
        "link": links.requests(),
    }


@letter
async def declined(event: PastEvent) -> Context:
    """The doctor, or the time to answer, said no; the patient has everything back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_patient(visit, event),
        "refund_paise": await _refund_paise(visit.id),
        "by_time": event.by_role == "system",
        "note": _words_of_the_clinic(event),
        "home": links.home(),
    }


@letter
async def cancelled(event: PastEvent) -> Context:
    """To the patient: who cancelled, and what comes back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_patient(visit, event),
        "refund_paise": await _refund_paise(visit.id),
        "by_patient": event.by_role == "patient",
        "is_closed": _is_closed(event),
        "note": _words_of_the_clinic(event),
        "home": links.home(),
    }


@letter
async def cancelled_doctor(event: PastEvent) -> Context:
    """To the doctor: who does not come, and that the time is free again."""
    visit = await visit_by_id(event.subject_id)
    by_patient = event.by_role == "patient"
    return {**_for_doctor(visit, event), "by_patient": by_patient, "note": _note(event) if by_patient else ()}


@letter
async def rescheduled(event: PastEvent) -> Context:
    """To the patient: the old time and the new one, and what comes back if the new one does not suit."""
    visit = await visit_by_id(event.subject_id)
    payment = await payment_of(visit.id)
    return {
        **_for_patient(visit, event),
        **_both_times(event),
        "is_closed": _is_closed(event),
        "paid_paise": payment.left_paise if payment else 0,
        "note": _words_of_the_clinic(event),
    }


@letter
async def rescheduled_doctor(event: PastEvent) -> Context:
    """To the doctor: the old time and the new one."""
    visit = await visit_by_id(event.subject_id)
    return {**_for_doctor(visit, event), **_both_times(event)}


@letter
async def another_time(event: PastEvent) -> Context:
    """To the doctor: a patient asks for another time."""
    return {**_for_doctor(await visit_by_id(event.subject_id), event), "link": links.requests()}


@letter
async def request_declined(event: PastEvent) -> Context:
    """To the patient: the visit stays where it is."""
    visit = await visit_by_id(event.subject_id)
    return {**_for_patient(visit, event), "note": _words_of_the_clinic(event)}


@letter
async def paid_too_late(event: PastEvent) -> Context:
    """The payment came when the time was gone or the visit cancelled; everything goes back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **_for_patient(visit, event),
        "refund_paise": event.facts["amount_paise"],
        "was_cancelled": event.facts["why"] == "cancelled",
        "home": links.home(),
    }


@letter
async def paid_unexpected(event: PastEvent) -> Context:
    """Money came that nothing was owed for, such as a second payment; it goes back."""
    visit = await visit_by_id(event.subject_id)
    return {**_for_patient(visit, event), "refund_paise": event.facts["amount_paise"]}


@letter
async def refunded(event: PastEvent) -> Context:
    """The gateway has sent the money back; the reference is what a bank can look for."""
    refund = await get_refund(UUID(event.facts["refund_id"]))
    return {
        **_for_patient(await visit_by_id(event.subject_id), event),
        "refund_paise": refund.amount_paise,
        "reference": refund.razorpay_refund_id,
    }


@letter
async def review_answered(event: PastEvent) -> Context:
    """To the patient: what the doctor says to their review, as it stands now."""
    review = await get_review(event.subject_id)
    if review.answered_at is None or review.is_hidden:
        raise Overtaken
    visit = await visit_by_id(review.appointment_id)
    return {
        "doctor": visit.doctor_name,
        "zone": visit.zone,
        "starts_at": visit.starts_at,
        "on_date": visit.on_date,
        "answer": lines_of(review.answer),
        "link": links.visit(visit.code),
    }


@letter_to
async def new_days(event: PastEvent, reader_id: UUID) -> Context:
    """To a follower: the days a doctor has opened since they last heard, as far as they are still offered."""
    days = await days_to_tell(event.id, reader_id, now=clock.now())
    if not days:
        raise Overtaken
    practice = await get_practice(event.subject_id)
    return {
        "doctor": practice.doctor_name,
        "days": days[:MOST_DAYS],
        "more": len(days[MOST_DAYS:]),
        "link": links.doctor(practice.doctor_slug),
    }


def _for_patient(visit: Visit, event: PastEvent) -> Context:
    return {**_of_visit(visit, event), "link": links.visit(visit.code)}


def _for_doctor(visit: Visit, event: PastEvent) -> Context:
    return {**_of_visit(visit, event), "link": links.appointment(visit.code)}


def _of_visit(visit: Visit, event: PastEvent) -> Context:
    starts_at = _moment(event.facts.get("starts_at")) or visit.starts_at
    return {
        "doctor": visit.doctor_name,
        "patient": visit.person_name,
        "clinic": visit.clinic_name,
        "address": f"{visit.clinic_address}, {visit.clinic_city} {visit.clinic_pincode}",
        "phone": visit.clinic_phone,
        "zone": visit.zone,
        "starts_at": starts_at,
        "code": visit.code,
        "token": _token_of_day(visit, starts_at),
    }


def _token_of_day(visit: Visit, starts_at: datetime | None) -> int | None:
    """The number, unless the visit has moved to another day since, where it has another."""
    if starts_at is None or visit.token_on == clock.day_of(starts_at, ZoneInfo(visit.zone)):
        return visit.token_number
    return None


def _is_closed(event: PastEvent) -> bool:
    """Whether the doctor closed the time of many visits at once, and this is one of them."""
    return "closing_id" in event.facts


def _words_of_the_clinic(event: PastEvent) -> tuple[str, ...]:
    """What doctor or reception wrote to the patient; nobody is sent back their own words."""
    return () if event.by_role == "patient" else _note(event)


def _note(event: PastEvent) -> tuple[str, ...]:
    """The note that came with the event, by lines, while it is still kept."""
    return lines_of(event.private.get("note", ""))


def _both_times(event: PastEvent) -> Context:
    return {
        "old_starts_at": _moment(event.facts["from_starts_at"]),
        "starts_at": _moment(event.facts["to_starts_at"]),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def _refund_paise(appointment_id: UUID) -> int:
    """What comes back for a visit, 0 where nothing was paid."""
    refund = await refund_of(appointment_id)
    return refund.amount_paise if refund else 0
