"""The order at the gateway: made after the hold has committed, once, whatever gets lost on the way."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app import clock
from app.booking.errors import AlreadyBooked, HoldOver
from app.booking.queries import get_appointment
from app.booking.rules import BOOKED
from app.checkout.errors import NothingToPay
from app.jobs.services import enqueue
from app.payments import gateway
from app.payments.errors import GatewayDown
from app.payments.facts import GatewayOrder
from app.payments.queries import Payment, get_payment, payment_of
from app.payments.services import claim_order, note_order, release_claim

WAIT_FOR_TWIN = timedelta(seconds=10)
LOOK_AGAIN = timedelta(milliseconds=100)


async def ensure_order(appointment_id: UUID) -> Payment:
    """The payment of a held visit with its order at the gateway, which is made if there is none.

    Two calls at once make one order: the first takes a claim in the row, and nobody waits on a lock while
    the gateway is asked. A create whose answer was lost is looked up by its receipt first, the gateway is
    told that receipts are unique, and of two answers the first noted counts, so that a payment never
    leads to two orders. Raises HoldOver, AlreadyBooked, NothingToPay, GatewayDown (the hold stays).
    """
    appointment = await get_appointment(appointment_id)
    if appointment.status in BOOKED:
        raise AlreadyBooked
    if appointment.status != "held" or appointment.is_lapsed(clock.now()):
        raise HoldOver
    payment = await payment_of(appointment_id)
    if payment is None:
        raise NothingToPay
    if payment.razorpay_order_id is not None:
        return payment
    which_try = await claim_order(payment.id)
    if which_try is None:
        return await _order_of_twin(payment.id)
    try:
        order = await _find_or_create(payment, code=appointment.code, is_first_try=which_try == 1)
    except GatewayDown:
        await release_claim(payment.id)
        raise
    return await note_order(payment.id, order.id)


async def try_order(appointment_id: UUID) -> Payment | None:
    """As `ensure_order`, but None while the gateway is down: the hold stays.

    A button tries again, and so does a job, so that the page can be paid from once the gateway is back.
    """
    try:
        return await ensure_order(appointment_id)
    except GatewayDown:
        payload = {"appointment_id": appointment_id}
        await enqueue("checkout.make_order", payload, dedupe=f"order:{appointment_id}")
        return None


async def make_order_late(appointment_id: UUID) -> None:
    """Make the order the gateway did not answer for, while the time is held.

    Raises GatewayDown, to be tried again.
    """
    try:
        await ensure_order(appointment_id)
    except (AlreadyBooked, HoldOver):
        return


async def _find_or_create(payment: Payment, *, code: str, is_first_try: bool) -> GatewayOrder:
    if not is_first_try:
        for earlier in await gateway.orders_with_receipt(payment.receipt):
            if earlier.amount_paise == payment.amount_paise:
                return earlier
    order = await gateway.create_order(
        receipt=payment.receipt, amount_paise=payment.amount_paise, notes={"visit": code}
    )
    if (order.amount_paise, order.receipt) != (payment.amount_paise, payment.receipt):
        raise GatewayDown
    return order


async def _order_of_twin(payment_id: UUID) -> Payment:
    """Wait for the order that another request is making just now; raises GatewayDown when it fails."""
    for _look in range(WAIT_FOR_TWIN // LOOK_AGAIN):
        await asyncio.sleep(LOOK_AGAIN.total_seconds())
        payment = await get_payment(payment_id)
        if payment.razorpay_order_id is not None:
            return payment
        if payment.order_claimed_at is None:
            break
    raise GatewayDown
