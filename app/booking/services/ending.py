"""How a visit ends: cancelled, completed, or nobody came."""

from datetime import date, datetime
from uuid import UUID

from app import clock
from app.booking.errors import NotBegun, VisitBegun
from app.booking.rows import Appointment
from app.booking.rules import check_move
from app.booking.services.steps import because_of, change, check_text, close_request, lock_appointment
from app.db.engine import transaction
from app.directory.queries import get_practice
from app.events import names
from app.events.actor import Actor


async def cancel(
    appointment_id: UUID, *, reason: str = "", closing_id: UUID | None = None, by: Actor
) -> Appointment:
    """Give a visit up for good; its time is free again.

    The money goes back by `checkout.services.cancel`, which calls this. A patient can cancel until the visit
    begins, the clinic also later. `closing_id` is the closed time that takes the visit its own. Raises
    AlreadyCancelled, VisitBegun, NotPossible, HoldOver, BadText.
    """
    check_text(reason=reason)
    async with transaction():
        visit = await lock_appointment(appointment_id)
        check_move(visit.status, "cancelled")
        if by.role == "patient" and visit.has_begun(clock.now()):
            raise VisitBegun
        await close_request(appointment_id, "withdrawn")
        facts = because_of(closing_id)
        return await change(
            visit, names.APPOINTMENT_CANCELLED, by=by, status="cancelled", note=reason, facts=facts
        )


async def complete(appointment_id: UUID, *, by: Actor) -> Appointment:
    """The patient was seen, which may be before the visit's time: people come early. Raises NotPossible."""
    async with transaction():
        visit = await lock_appointment(appointment_id)
        check_move(visit.status, "completed")
        await close_request(appointment_id, "withdrawn")
        return await change(visit, names.APPOINTMENT_COMPLETED, by=by, status="completed")


async def mark_no_show(appointment_id: UUID, *, by: Actor) -> Appointment:
    """The patient did not come; from the visit's time on. Raises NotBegun, NotPossible."""
    now = clock.now()
    async with transaction():
        visit = await lock_appointment(appointment_id)
        check_move(visit.status, "no_show")
        if not visit.has_begun(now) and visit.on_date >= await _today(visit.practice_id, now):
            raise NotBegun
        await close_request(appointment_id, "withdrawn")
        return await change(visit, names.APPOINTMENT_NO_SHOW, by=by, status="no_show")


async def _today(practice_id: UUID, now: datetime) -> date:
    """The day a practice's clinic writes down."""
    practice = await get_practice(practice_id)
    return clock.day_of(now, practice.zone_info)
