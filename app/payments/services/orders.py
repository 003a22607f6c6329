"""A payment's beginning: the row, the claim to make its order, the order, and when to ask about it."""

from datetime import datetime
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.jobs.services import enqueue
from app.payments.queries import get_payment
from app.payments.rows import PAYMENT_COLUMNS, Payment
from app.payments.rules import ORDER_CLAIM
from app.payments.tables import PaymentRow
from app.settings import settings


async def open_payment(
    appointment_id: UUID, *, code: str, amount_paise: int, payer_id: UUID, by: Actor
) -> Payment:
    """Write down what a visit costs, before any gateway is asked; in the transaction that holds the time.

    The receipt is the visit's `code` with a random tail: short (at most 40 characters), and unique at the
    gateway too when a database begins anew with the same keys.
    """
    async with transaction():
        row = PaymentRow(
            appointment_id=appointment_id,
            payer_id=payer_id,
            status="due",
            amount_paise=amount_paise,
            receipt=f"{code}-{uuid4().hex[:16]}",
            created_at=clock.now(),
        )
        await PaymentRow.insert(row)
        await publish(
            names.PAYMENT_OPENED,
            appointment_id,
            by=by,
            facts={"payment_id": row.id, "amount_paise": amount_paise, "method": "razorpay"},
        )
        return await get_payment(row.id)


async def claim_order(payment_id: UUID) -> int | None:
    """Take the right to make this payment's order, for 30 seconds; None while another process has it.

    A claim instead of a row lock, because no lock is held while the gateway is asked. Returns which try
    this is: from the second on, an order may exist whose answer was lost.
    """
    now = clock.now()
    tries: int | None = await fetch_value(
        """
        UPDATE payments SET order_claimed_at = $2, order_tries = order_tries + 1
        WHERE id = $1 AND razorpay_order_id IS NULL
          AND (order_claimed_at IS NULL OR order_claimed_at NOT BETWEEN $3 AND $2)
        RETURNING order_tries
        """,
        payment_id,
        now,
        now - ORDER_CLAIM,
    )
    return tries


async def release_claim(payment_id: UUID) -> None:
    """Give the right back after a failure, so that the next press may try at once."""
    await execute("UPDATE payments SET order_claimed_at = NULL WHERE id = $1", payment_id)


async def note_order(payment_id: UUID, razorpay_order_id: str) -> Payment:
    """Write down the order that was made; the first one stays, whoever comes later.

    Messages of the gateway that came before we knew the order are looked at again. Returns the payment
    with the order that counts.
    """
    now = clock.now()
    async with transaction():
        await execute(
            """
            UPDATE payments SET razorpay_order_id = $2, order_claimed_at = NULL, next_ask_at = $3,
                   status = CASE WHEN status = 'due' THEN 'created' ELSE status END
            WHERE id = $1 AND razorpay_order_id IS NULL
            """,
            payment_id,
            razorpay_order_id,
            now + settings().reconcile_every,
        )
        waiting = await fetch(
            "SELECT event_id FROM webhook_deliveries WHERE razorpay_order_id = $1 AND handled_at IS NULL",
            razorpay_order_id,
        )
        for row in waiting:
            await enqueue("checkout.handle_webhook", {"event_id": row["event_id"]})
        return await get_payment(payment_id)


async def due_orders(*, limit: int = 100) -> list[Payment]:
    """Take the orders about which the gateway is to be asked now; two workers never take the same one.

    Each taken order is due again after `RECONCILE_SECONDS`, unless `asked` says otherwise, so that a
    worker that dies in between loses nothing.
    """
    now = clock.now()
    rows = await fetch(
        f"""
        UPDATE payments p SET next_ask_at = $2, asks = asks + 1
        WHERE p.id IN (
            SELECT id FROM payments
            WHERE final_at IS NULL AND next_ask_at <= $1 AND razorpay_order_id IS NOT NULL
            ORDER BY next_ask_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING {PAYMENT_COLUMNS}
        """,
        now,
        now + settings().reconcile_every,
        limit,
    )
    return [Payment.of(row) for row in rows]


async def asked(payment_id: UUID, *, next_ask_at: datetime | None) -> None:
    """Say when to ask about an order again; None makes it final."""
    await execute(
        """
        UPDATE payments SET next_ask_at = $2, final_at = $3
        WHERE id = $1 AND final_at IS NULL
        """,
        payment_id,
        next_ask_at,
        clock.now() if next_ask_at is None else None,
    )


async def ask_soon(payment_id: UUID) -> None:
    """Let the poller ask about this order on its next round."""
    await execute(
        "UPDATE payments SET next_ask_at = $2 WHERE id = $1 AND final_at IS NULL", payment_id, clock.now()
    )
