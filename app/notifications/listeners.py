"""Who is told of what. Each listener only writes the letters down; sending is another job's work."""

from uuid import UUID

from app.booking.queries import visit_by_id
from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter
from app.payments.queries import get_payment
from app.reviews.queries import answers_to, get_review


@listens_for(names.APPOINTMENT_BOOKED)
async def on_booked(event: PastEvent) -> None:
    """Patient and doctor hear of a visit that is settled."""
    await _tell_both(event, "booked", "booked_doctor")


@listens_for(names.APPROVAL_ASKED)
async def on_approval_asked(event: PastEvent) -> None:
    """The doctor is asked, the patient hears that the answer is awaited."""
    await _tell_both(event, "approval_waits", "approval_asked")


@listens_for(names.APPOINTMENT_DECLINED)
async def on_declined(event: PastEvent) -> None:
    """The patient hears the no; the doctor said it."""
    await _tell_patient(event, "declined")


@listens_for(names.APPOINTMENT_CANCELLED)
async def on_cancelled(event: PastEvent) -> None:
    """Patient and doctor hear of it, unless it was only held, of which neither had a letter."""
    if event.facts["from"] != "held":
        await _tell_both(event, "cancelled", "cancelled_doctor")


@listens_for(names.APPOINTMENT_RESCHEDULED)
async def on_rescheduled(event: PastEvent) -> None:
    """Patient and doctor hear the new time."""
    await _tell_both(event, "rescheduled", "rescheduled_doctor")


@listens_for(names.RESCHEDULE_REQUESTED)
async def on_another_time_asked(event: PastEvent) -> None:
    """The doctor hears the wish."""
    await _tell_doctor(event, "another_time")


@listens_for(names.RESCHEDULE_DECLINED)
async def on_request_declined(event: PastEvent) -> None:
    """The patient hears that the visit stays."""
    await _tell_patient(event, "request_declined")


@listens_for(names.REFUND_ASKED)
async def on_refund_asked(event: PastEvent) -> None:
    """Who paid in vain hears it at once; money that goes back by a cancellation stands in its letter."""
    why = event.facts["why"]
    if why in ("slot_taken", "slot_passed") or (why == "cancelled" and event.by_role == "gateway"):
        await _tell_payer(event, "paid_too_late")
    elif why == "unexpected":
        await _tell_payer(event, "paid_unexpected")


@listens_for(names.REFUND_PROCESSED)
async def on_refunded(event: PastEvent) -> None:
    """Who paid hears that the money is on its way."""
    await _tell_payer(event, "refunded")


@listens_for(names.REVIEW_ANSWERED)
async def on_review_answered(event: PastEvent) -> None:
    """The author hears of the doctor's first answer, and of none that only says it otherwise."""
    first, *_later = await answers_to(event.subject_id)
    if first.id == event.id:
        review = await get_review(event.subject_id)
        await write_letter(event, "review_answered", review.author_id)


async def _tell_both(event: PastEvent, to_patient: str, to_doctor: str) -> None:
    """Who closes the time of many visits sees on one page what becomes of them: no letter of each."""
    await _tell_patient(event, to_patient)
    if "closing_id" not in event.facts:
        await _tell_doctor(event, to_doctor)


async def _tell_patient(event: PastEvent, kind: str) -> None:
    """To the account that booked; a visit made at the desk may have none."""
    visit = await visit_by_id(event.subject_id)
    if visit.booked_by_id is not None:
        await write_letter(event, kind, visit.booked_by_id)


async def _tell_doctor(event: PastEvent, kind: str) -> None:
    visit = await visit_by_id(event.subject_id)
    await write_letter(event, kind, visit.doctor_user_id)


async def _tell_payer(event: PastEvent, kind: str) -> None:
    payment = await get_payment(UUID(event.facts["payment_id"]))
    await write_letter(event, kind, payment.payer_id)
