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

    Of somebody who was erased meanwhile it is not kept: it says who paid.
    """
    await execute(
        """
        UPDATE webhook_deliveries d SET handled_at = $2, body = CASE WHEN EXISTS (
            SELECT FROM payments p JOIN erasures e ON e.user_id = p.payer_id AND e.masked_at IS NOT NULL
            WHERE p.razorpay_order_id = d.razorpay_order_id) THEN '' ELSE body END
        WHERE event_id = $1 AND handled_at IS NULL
        """,
        event_id,
        clock.now(),
    )
