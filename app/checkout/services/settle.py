"""The one door for money: browser return, webhook and poller all settle here, and twice is once."""

import logging
from uuid import UUID

from app.booking import services as booking
from app.booking.errors import NoLongerFree, SlotPassed
from app.booking.queries import Appointment, get_appointment
from app.db.engine import transaction
from app.db.retry import retried
from app.events.actor import GATEWAY, Actor
from app.jobs.services import enqueue
from app.payments import gateway
from app.payments.errors import GatewayDown, GatewayRefused, NotTheGateways, OrderUnknown
from app.payments.facts import GatewayPayment
from app.payments.queries import Payment, get_payment_by_order
from app.payments.services import News, ask_soon, record, refund_everything

log = logging.getLogger(__name__)


@retried
async def settle(razorpay_order_id: str, facts: GatewayPayment, *, by: Actor) -> Appointment:
    """Write down what the gateway says of a payment, then decide about the visit, in one transaction.

    Money first, forward only. New captured money confirms a held visit, seats an expired one again where
    its time is still free and has not begun, and else goes back in full; so does money that is not what
    was asked for. Old news changes nothing and writes no event. Raises OrderUnknown, NotTheGateways.
    """
    payment = await get_payment_by_order(razorpay_order_id)
    if facts.order_id != razorpay_order_id:
        raise NotTheGateways
    async with transaction():
        visit = await booking.lock_for_settling(payment.appointment_id)
        recorded = await record(payment.id, facts, by=by)
        if recorded.news is News.AUTHORIZED:
            ids = {"razorpay_order_id": razorpay_order_id, "razorpay_payment_id": facts.id}
            await enqueue("checkout.capture", ids, dedupe=f"capture:{facts.id}")
        elif recorded.news is News.CAPTURED:
            await _decide(visit, payment.id, by=by)
        elif recorded.news is News.UNEXPECTED and visit.status == "held":
            await booking.release_hold(visit.id, by=by)
        return await get_appointment(visit.id)


async def _decide(visit: Appointment, payment_id: UUID, *, by: Actor) -> None:
    """What captured money does: a seat where there is one, else it goes back."""
    try:
        if visit.status == "held":
            await booking.confirm(visit.id, by=by)
        elif visit.status == "expired":
            await booking.seat_again(visit.id, by=by)
        elif visit.status == "cancelled":
            await refund_everything(payment_id, why="cancelled", by=by)
    except NoLongerFree as gone:
        if visit.status == "held":
            await booking.expire(visit.id, by=by)
        why = "slot_passed" if isinstance(gone, SlotPassed) else "slot_taken"
        await refund_everything(payment_id, why=why, by=by)


async def capture(razorpay_order_id: str, razorpay_payment_id: str) -> None:
    """Take a payment that the bank has only promised, and settle what came of it.

    The gateway captures by itself as well; who comes second is refused and looks again. Raises
    GatewayDown while the payment stays authorized, so that the job is tried again.
    """
    facts = await gateway.fetch_payment(razorpay_payment_id)
    if facts is not None and facts.status == "authorized":
        facts = await _captured(facts)
    if facts is None:
        return
    await settle(razorpay_order_id, facts, by=GATEWAY)
    if facts.status == "authorized":
        raise GatewayDown


async def look_up(payment: Payment) -> None:
    """Ask the gateway for every attempt to pay an order, and settle each; raises GatewayDown."""
    if payment.razorpay_order_id is None:
        return
    for found in await gateway.order_payments(payment.razorpay_order_id):
        facts = await _captured(found) if found.status == "authorized" else found
        if facts is not None:
            await settle(payment.razorpay_order_id, facts, by=GATEWAY)


async def take_return(
    razorpay_order_id: str, razorpay_payment_id: str, signature: str, *, payer_id: UUID | None = None
) -> str:
    """Take what the browser brought back from the gateway's form; gives the visit's code to go on to.

    The signature is checked against the order id we stored, the money is asked from the gateway itself.
    While it is down nothing changes and the poller asks soon. `payer_id` makes the orders of others
    unknown. Raises OrderUnknown, NotTheGateways.
    """
    payment = await get_payment_by_order(razorpay_order_id)
    if payer_id is not None and payment.payer_id != payer_id:
        raise OrderUnknown
    stored = payment.razorpay_order_id or ""
    if not gateway.verify_return(stored, razorpay_payment_id, signature):
        raise NotTheGateways
    try:
        facts = await gateway.fetch_payment(razorpay_payment_id)
    except GatewayDown:
        log.warning("return could not be looked up order=%s", stored)
        await ask_soon(payment.id)
    else:
        if facts is None:
            raise NotTheGateways
        await settle(stored, facts, by=GATEWAY)
    return (await get_appointment(payment.appointment_id)).code


async def _captured(facts: GatewayPayment) -> GatewayPayment | None:
    try:
        return await gateway.capture(facts)
    except GatewayRefused:
        return await gateway.fetch_payment(facts.id)
