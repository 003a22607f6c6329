"""What time alone does: lapsed holds are closed, approvals nobody gave are declined."""

from uuid import UUID

from app import clock
from app.booking.errors import HoldRunning, NotPossible
from app.booking.queries import get_appointment
from app.booking.queries.due import lapsed_holds, unanswered
from app.booking.services import expire
from app.checkout.services.cancel import decline
from app.checkout.services.settle import look_up
from app.events.actor import SYSTEM
from app.jobs.services import enqueue
from app.payments.queries import payment_of, payments_of


async def sweep() -> None:
    """Close lapsed holds and decline unanswered approvals; two workers at once do it once.

    A hold whose payment has an order is closed by a job of its own, which asks the gateway first.
    """
    now = clock.now()
    lapsed = await lapsed_holds(now=now)
    payments = await payments_of([hold.id for hold in lapsed])
    for hold in lapsed:
        payment = payments.get(hold.id)
        if payment is not None and payment.razorpay_order_id is not None:
            await enqueue("checkout.close_hold", {"appointment_id": hold.id}, dedupe=f"close:{hold.id}")
        else:
            await _expire(hold.id)
    for visit in await unanswered(now=now):
        await _decline(visit.id)


async def close_hold(appointment_id: UUID) -> None:
    """Ask the gateway whether a lapsed hold was paid for; settle the money, or else close the hold.

    Raises GatewayDown: then it stays, a rival may take its time all the same, and the job comes again.
    """
    if not (await get_appointment(appointment_id)).is_lapsed(clock.now()):
        return
    payment = await payment_of(appointment_id)
    if payment is not None:
        await look_up(payment)
    await _expire(appointment_id)


async def _expire(appointment_id: UUID) -> None:
    """Close a hold unless it was paid for, given up or extended meanwhile."""
    try:
        await expire(appointment_id, by=SYSTEM)
    except (HoldRunning, NotPossible):
        return


async def _decline(appointment_id: UUID) -> None:
    """Decline an approval nobody gave, unless somebody just answered."""
    try:
        await decline(appointment_id, by=SYSTEM)
    except NotPossible:
        return
