"""Asking the gateway about orders nobody told us of, in growing gaps, until they are final."""

import asyncio
import logging

from app import clock
from app.booking.queries import get_appointment
from app.checkout.services.settle import look_up
from app.payments.errors import GatewayDown
from app.payments.queries import Payment
from app.payments.rules import KEEP_ASKING_FOR, next_order_ask
from app.payments.services import asked, due_orders
from app.settings import settings

log = logging.getLogger(__name__)

AT_ONCE = 4


async def poll() -> None:
    """Ask about every order that is due; what is found is settled, the rest is asked about later."""
    few = asyncio.Semaphore(AT_ONCE)

    async def ask(payment: Payment) -> None:
        async with few:
            await _ask(payment)

    await asyncio.gather(*(ask(payment) for payment in await due_orders()))


async def _ask(payment: Payment) -> None:
    """One order: final once settled, or when the gateway still knows nothing 96 h after the hold ended."""
    visit = await get_appointment(payment.appointment_id)
    ended_at = visit.hold_expires_at or payment.created_at
    is_over = clock.now() >= ended_at + KEEP_ASKING_FOR
    try:
        await look_up(payment)
    except GatewayDown:
        log.warning("gateway does not answer order=%s", payment.razorpay_order_id)
        is_over = False
    later = next_order_ask(clock.now(), hold_ended_at=ended_at, every=settings().reconcile_every)
    await asked(payment.id, next_ask_at=None if is_over else later)
