"""A visit is given up, and its money goes back with it."""

from dataclasses import dataclass
from uuid import UUID

from app.booking import services as booking
from app.booking.errors import AlreadyBooked, BookedNotHeld, HoldOver
from app.booking.queries import Appointment
from app.booking.rules import BOOKED, CANCELLABLE
from app.db.engine import transaction
from app.db.retry import retried
from app.events.actor import Actor
from app.payments.errors import NothingToRefund
from app.payments.queries import Refund, payment_of
from app.payments.services import open_refund, refund_everything


@dataclass(frozen=True)
class Cancelled:
    """The visit after it was given up, and the refund on its way where something had been paid."""

    appointment: Appointment
    refund: Refund | None


@retried
async def cancel(
    appointment_id: UUID, *, reason: str = "", closing_id: UUID | None = None, by: Actor
) -> Cancelled:
    """Cancel a visit and give back in full what was captured for it, in one transaction.

    A visit that is only held is cancelled too: money that comes after that is given back, never a seat.
    `closing_id` is the closed time that takes the visit its own.
    Raises what `booking.services.cancel` raises; twice is AlreadyCancelled, and one refund.
    """
    async with transaction():
        visit = await booking.cancel(appointment_id, reason=reason, closing_id=closing_id, by=by)
        return Cancelled(visit, await _give_back(appointment_id, why="cancelled", by=by))


@retried
async def give_up(appointment_id: UUID, *, by: Actor) -> Appointment:
    """End a hold because the patient does not want the time; money that comes after that goes back.

    A page left open never cancels a paid visit: raises BookedNotHeld where cancelling is the way,
    AlreadyBooked where that is no longer possible either, HoldOver once the time is no longer held.
    """
    async with transaction():
        held = await booking.lock_for_settling(appointment_id)
        if held.status in BOOKED:
            raise BookedNotHeld if held.status in CANCELLABLE else AlreadyBooked
        if held.status != "held":
            raise HoldOver
        return await booking.cancel(appointment_id, reason="", by=by)


@retried
async def decline(appointment_id: UUID, *, note: str = "", by: Actor) -> Cancelled:
    """Say no to a visit that waited for approval, with all its money back.

    Raises what `booking.services.decline` raises.
    """
    async with transaction():
        visit = await booking.decline(appointment_id, note=note, by=by)
        return Cancelled(visit, await _give_back(appointment_id, why="declined", by=by))


async def refund(appointment_id: UUID, *, amount_paise: int | None = None, by: Actor) -> Refund:
    """Give money back by a person's decision; the visit stays what it is.

    Without an amount everything that is left. Raises NothingToRefund, Invalid (field amount).
    """
    payment = await payment_of(appointment_id)
    if payment is None:
        raise NothingToRefund
    return await open_refund(payment.id, why="admin", amount_paise=amount_paise, by=by)


async def _give_back(appointment_id: UUID, *, why: str, by: Actor) -> Refund | None:
    payment = await payment_of(appointment_id)
    return await refund_everything(payment.id, why=why, by=by) if payment else None
