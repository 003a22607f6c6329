"""Messages of the gateway: kept before anything else, handled by a job."""

from app import clock
from app.db.engine import execute, fetch_one, transaction
from app.jobs.services import enqueue


async def keep_delivery(event_id: str, *, name: str, razorpay_order_id: str | None, body: str) -> bool:
    """Keep a message whose signature held, and have it handled; False for one we have already."""
    async with transaction():
        is_new = await fetch_one(
            """
            INSERT INTO webhook_deliveries (event_id, name, razorpay_order_id, body, received_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING event_id
            """,
            event_id,
            name,
            razorpay_order_id,
            body,
            clock.now(),
        )
        if is_new is None:
            return False
        await enqueue("checkout.handle_webhook", {"event_id": event_id})
        return True


async def mark_handled(event_id: str) -> None:
    """Say that a message was understood and has done what it had to.

    Of somebody who is being erased, or was, it is not kept: it says who paid. One without an order is known
    by the payment it names.
    """
    await execute(
        """
        UPDATE webhook_deliveries d SET handled_at = $2, body = CASE
            WHEN EXISTS (
                SELECT FROM payments p JOIN erasures e ON e.user_id = p.payer_id
                WHERE p.razorpay_order_id = d.razorpay_order_id
                    AND (e.sealed IS NOT NULL OR e.masked_at IS NOT NULL))
            THEN ''
            WHEN d.razorpay_order_id IS NULL AND EXISTS (
                SELECT FROM erasures e JOIN payments p ON p.payer_id = e.user_id
                JOIN captures c ON c.payment_id = p.id
                WHERE (e.sealed IS NOT NULL OR e.masked_at IS NOT NULL)
                    AND position(c.razorpay_payment_id IN d.body) > 0)
            THEN '' ELSE body END
        WHERE event_id = $1 AND handled_at IS NULL
        """,
        event_id,
        clock.now(),
    )
