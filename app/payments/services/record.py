"""Writing down what the gateway says of a payment: forward only, each captured rupee once."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app import clock
from app.db.engine import execute, fetch_one, transaction
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.payments.facts import GatewayPayment
from app.payments.rows import Payment
from app.payments.rules import CURRENCY, LEAST_PAISE, is_forward, status_of_money
from app.payments.services.lock import lock_payment
from app.payments.services.refunds import open_refund

RETURNED_UNCAPTURED = "returned_uncaptured"
"""The gateway gave an authorized payment back by itself; that money was never ours."""


class News(StrEnum):
    """What a message told us that we did not know."""

    NOTHING = "nothing"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Recorded:
    """The payment after a message, and what in it was new."""

    payment: Payment
    news: News


async def record(payment_id: UUID, facts: GatewayPayment, *, by: Actor) -> Recorded:
    """Write down what the gateway says of one attempt to pay; old and repeated news change nothing.

    Captured money that is not exactly what was asked for (sum, currency, a second time, or partly given
    back already) is UNEXPECTED and goes back at once; it never pays for a visit. The caller decides
    about the visit in the same transaction.
    """
    async with transaction():
        payment = await lock_payment(payment_id)
        if facts.was_captured:
            news = await _capture(payment, facts, by=by)
        elif facts.status == "refunded":
            news = await _returned(payment, facts, by=by)
        elif facts.status in ("authorized", "failed") and is_forward(payment.status, facts.status):
            news = await _attempt(payment, facts, by=by)
        else:
            news = News.NOTHING
        return Recorded(await lock_payment(payment_id), news)


async def _attempt(payment: Payment, facts: GatewayPayment, *, by: Actor) -> News:
    await execute(
        "UPDATE payments SET status = $2, razorpay_payment_id = $3, failure_reason = $4 WHERE id = $1",
        payment.id,
        facts.status,
        facts.id,
        facts.error_reason if facts.status == "failed" else None,
    )
    is_authorized = facts.status == "authorized"
    name = names.PAYMENT_AUTHORIZED if is_authorized else names.PAYMENT_FAILED
    await _tell_attempt(name, payment, facts, by=by)
    return News.AUTHORIZED if is_authorized else News.FAILED


async def _tell_attempt(name: str, payment: Payment, facts: GatewayPayment, *, by: Actor) -> None:
    ids = {"payment_id": payment.id, "razorpay_payment_id": facts.id}
    await publish(name, payment.appointment_id, by=by, facts=ids)


async def _returned(payment: Payment, facts: GatewayPayment, *, by: Actor) -> News:
    """The one way back in rank: what was only authorized was given back by the gateway itself."""
    if payment.status != "authorized" or payment.razorpay_payment_id != facts.id:
        return News.NOTHING
    await execute(
        "UPDATE payments SET status = 'failed', failure_reason = $2 WHERE id = $1",
        payment.id,
        RETURNED_UNCAPTURED,
    )
    await _tell_attempt(names.PAYMENT_FAILED, payment, facts, by=by)
    return News.FAILED


async def _capture(payment: Payment, facts: GatewayPayment, *, by: Actor) -> News:
    now = clock.now()
    is_new = await fetch_one(
        """
        INSERT INTO captures (razorpay_payment_id, payment_id, amount_paise, currency, captured_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING razorpay_payment_id
        """,
        facts.id,
        payment.id,
        facts.amount_paise,
        facts.currency,
        now,
    )
    if is_new is None:
        return News.NOTHING
    captured = payment.captured_paise + facts.amount_paise
    await execute(
        """
        UPDATE payments SET status = $2, captured_paise = $3, captured_at = coalesce(captured_at, $4),
               razorpay_payment_id = CASE WHEN captured_at IS NULL THEN $5 ELSE razorpay_payment_id END,
               failure_reason = NULL, next_ask_at = NULL, final_at = coalesce(final_at, $4)
        WHERE id = $1
        """,
        payment.id,
        status_of_money(captured_paise=captured, refunded_paise=payment.refunded_paise),
        captured,
        now,
        facts.id,
    )
    return await _tell_capture(payment, facts, by=by)


async def _tell_capture(payment: Payment, facts: GatewayPayment, *, by: Actor) -> News:
    is_asked_for = (
        payment.captured_paise == 0
        and (facts.amount_paise, facts.currency) == (payment.amount_paise, CURRENCY)
        and facts.refunded_paise == 0
    )
    await publish(
        names.PAYMENT_SUCCEEDED if is_asked_for else names.PAYMENT_UNEXPECTED,
        payment.appointment_id,
        by=by,
        facts={
            "payment_id": payment.id,
            "razorpay_payment_id": facts.id,
            "amount_paise": facts.amount_paise,
            "currency": facts.currency,
        },
    )
    if is_asked_for:
        return News.CAPTURED
    too_much = facts.amount_paise - facts.refunded_paise
    if too_much >= LEAST_PAISE:
        await open_refund(
            payment.id, amount_paise=too_much, why="unexpected", by=by, razorpay_payment_id=facts.id
        )
    return News.UNEXPECTED
