"""Giving money back: asked for in the transaction of the reason, sent after commit, followed to its end."""

import logging
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import Invalid, Unavailable, _
from app.events import names
from app.events.actor import GATEWAY, Actor
from app.events.services import publish
from app.jobs.services import enqueue
from app.payments import gateway
from app.payments.errors import GatewayRefused, NothingToRefund, OrderUnknown, RefundDoesNotFit
from app.payments.facts import GatewayRefund
from app.payments.queries import due_refunds, get_refund
from app.payments.rows import REFUND_COLUMNS, Payment, Refund
from app.payments.rules import (
    GIVE_UP_REFUND_AFTER,
    LEAST_PAISE,
    REFUND_FIRST_ASK,
    next_refund_ask,
    status_of_money,
)
from app.payments.services.lock import lock_payment
from app.payments.tables import RefundRow

log = logging.getLogger(__name__)


async def open_refund(
    payment_id: UUID,
    *,
    why: str,
    by: Actor,
    amount_paise: int | None = None,
    razorpay_payment_id: str | None = None,
) -> Refund:
    """Promise money back, in the transaction of the reason; the gateway is asked after commit.

    Without an amount everything that is left goes back. `why` is cancelled, declined, slot_taken,
    slot_passed, unexpected or admin. `razorpay_payment_id` names a capture other than the one that paid.
    Raises NothingToRefund, Invalid (field amount). The database keeps the sum within what was captured.
    """
    async with transaction():
        payment = await lock_payment(payment_id)
        amount = payment.left_paise if amount_paise is None else amount_paise
        if payment.left_paise < LEAST_PAISE or payment.razorpay_payment_id is None:
            raise NothingToRefund
        if not LEAST_PAISE <= amount <= payment.left_paise:
            raise Invalid(fields={"amount": _("Between 100 paise and what is left of the payment.")})
        refund_id = await _insert(
            payment, razorpay_payment_id or payment.razorpay_payment_id, amount, why=why, by=by
        )
        await enqueue("payments.send_refund", {"refund_id": refund_id}, dedupe=f"refund:{refund_id}")
        return await get_refund(refund_id)


async def refund_everything(payment_id: UUID, *, why: str, by: Actor) -> Refund | None:
    """As `open_refund` for all that is left; None where nothing was captured or all is on its way back."""
    try:
        return await open_refund(payment_id, why=why, by=by)
    except NothingToRefund:
        return None


async def send_refund(refund_id: UUID) -> None:
    """Ask the gateway to give the money back; twice is once, by the refund's own key.

    Raises GatewayDown to be tried again. A refusal ends the refund when it can never be granted or has
    lasted three days; a refund whose answer was lost is found in the gateway's list first.
    """
    refund = await get_refund(refund_id)
    if refund.status != "pending" or refund.razorpay_refund_id is not None:
        return
    try:
        facts = await gateway.refund(
            refund.razorpay_payment_id, refund.amount_paise, idempotency_key=refund.idempotency_key
        )
    except GatewayRefused as refusal:
        if await _found_at_gateway(refund):
            return
        is_old = clock.now() - refund.created_at >= GIVE_UP_REFUND_AFTER
        if not (refusal.is_final or is_old):
            raise
        await _fail(refund.id, refusal.reason)
        return
    await record_refund(facts, by=GATEWAY)


async def record_refund(facts: GatewayRefund, *, by: Actor) -> Refund:
    """Write down what the gateway says of a refund, ours or one made by hand at the gateway.

    Pending goes to processed or failed once; everything else changes nothing. Raises OrderUnknown where
    the payment is not ours, RefundDoesNotFit where the book has no room for a foreign refund yet.
    """
    async with transaction():
        payment = await _payment_of_capture(facts.payment_id)
        refund = await _our_refund(facts) or await _foreign_refund(payment, facts, by=by)
        await execute(
            "UPDATE refunds SET razorpay_refund_id = $2 WHERE id = $1 AND razorpay_refund_id IS NULL",
            refund.id,
            facts.id,
        )
        if refund.status == "pending" and facts.status == "processed":
            await _process(await lock_payment(refund.payment_id), refund, by=by)
        elif refund.status == "pending" and facts.status == "failed":
            await _fail(refund.id, "failed")
        return await get_refund(refund.id)


async def sync_refunds(razorpay_payment_id: str) -> None:
    """Read all refunds of one payment at the gateway into our book; raises GatewayDown.

    A foreign one that does not fit yet waits until the book has room for it.
    """
    for facts in await gateway.refunds_of(razorpay_payment_id):
        try:
            await record_refund(facts, by=GATEWAY)
        except RefundDoesNotFit:
            log.warning("refund does not fit razorpay_refund=%s", facts.id)


async def poll_refunds() -> None:
    """Ask about refunds that are pending for long, and send again those the gateway never got."""
    for refund in await due_refunds(now=clock.now()):
        now = clock.now()
        await execute(
            "UPDATE refunds SET next_ask_at = $2 WHERE id = $1",
            refund.id,
            next_refund_ask(now, created_at=refund.created_at),
        )
        try:
            if refund.razorpay_refund_id is None:
                await send_refund(refund.id)
            else:
                await sync_refunds(refund.razorpay_payment_id)
        except Unavailable as failure:
            log.warning("refund not settled refund=%s why=%s", refund.id, _reason(failure))


def _reason(failure: Unavailable) -> str:
    return failure.reason if isinstance(failure, GatewayRefused) else type(failure).__name__


async def _payment_of_capture(razorpay_payment_id: str) -> Payment:
    payment_id = await fetch_value(
        "SELECT payment_id FROM captures WHERE razorpay_payment_id = $1", razorpay_payment_id
    )
    if payment_id is None:
        raise OrderUnknown
    return await lock_payment(payment_id)


async def _our_refund(facts: GatewayRefund) -> Refund | None:
    """By the gateway's id, else by our key, which is the receipt: the answer with the id may be lost."""
    row = await fetch_one(
        f"""
        SELECT {REFUND_COLUMNS} FROM refunds r WHERE r.razorpay_refund_id = $1
            OR (r.razorpay_refund_id IS NULL AND r.idempotency_key = $2 AND r.amount_paise = $3)
        """,
        facts.id,
        facts.receipt or "",
        facts.amount_paise,
    )
    return Refund.of(row) if row else None


async def _foreign_refund(payment: Payment, facts: GatewayRefund, *, by: Actor) -> Refund:
    """A refund somebody made by hand at the gateway takes its place in the book like one of ours."""
    if facts.amount_paise > payment.left_paise:
        raise RefundDoesNotFit
    refund_id = await _insert(payment, facts.payment_id, facts.amount_paise, why="gateway", by=by)
    return await get_refund(refund_id)


async def _insert(payment: Payment, razorpay_payment_id: str, amount: int, *, why: str, by: Actor) -> UUID:
    now = clock.now()
    row = RefundRow(
        payment_id=payment.id,
        razorpay_payment_id=razorpay_payment_id,
        amount_paise=amount,
        status="pending",
        why=why,
        idempotency_key=f"refund-{uuid4().hex}",
        created_at=now,
        next_ask_at=now + REFUND_FIRST_ASK,
    )
    await RefundRow.insert(row)
    await execute(
        "UPDATE payments SET refunding_paise = refunding_paise + $2 WHERE id = $1", payment.id, amount
    )
    await _tell(names.REFUND_ASKED, payment, row.id, amount, why=why, by=by)
    return row.id


async def _process(payment: Payment, refund: Refund, *, by: Actor) -> None:
    refunded = payment.refunded_paise + refund.amount_paise
    await execute(
        "UPDATE refunds SET status = 'processed', processed_at = $2 WHERE id = $1", refund.id, clock.now()
    )
    await execute(
        """
        UPDATE payments SET refunding_paise = refunding_paise - $2, refunded_paise = $3, status = $4
        WHERE id = $1
        """,
        payment.id,
        refund.amount_paise,
        refunded,
        status_of_money(captured_paise=payment.captured_paise, refunded_paise=refunded),
    )
    await _tell(names.REFUND_PROCESSED, payment, refund.id, refund.amount_paise, why=refund.why, by=by)


async def _fail(refund_id: UUID, reason: str) -> None:
    """End a refund without success; its amount is free again, so that a person can try anew."""
    async with transaction():
        refund = await get_refund(refund_id)
        payment = await lock_payment(refund.payment_id)
        failed = await fetch_one(
            """
            UPDATE refunds SET status = 'failed', failure_reason = $2
            WHERE id = $1 AND status = 'pending' RETURNING id
            """,
            refund_id,
            reason[:500],
        )
        if failed is None:
            return
        await execute(
            "UPDATE payments SET refunding_paise = refunding_paise - $2 WHERE id = $1",
            payment.id,
            refund.amount_paise,
        )
        await _tell(names.REFUND_FAILED, payment, refund.id, refund.amount_paise, why=refund.why, by=GATEWAY)


async def _found_at_gateway(refund: Refund) -> bool:
    """Whether the gateway has made this refund already; then it is written down."""
    for facts in await gateway.refunds_of(refund.razorpay_payment_id):
        if facts.receipt == refund.idempotency_key:
            await record_refund(facts, by=GATEWAY)
            return True
    return False


async def _tell(name: str, payment: Payment, refund_id: UUID, amount: int, *, why: str, by: Actor) -> None:
    await publish(
        name,
        payment.appointment_id,
        by=by,
        facts={"payment_id": payment.id, "refund_id": refund_id, "amount_paise": amount, "why": why},
    )
