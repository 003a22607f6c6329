"""What payments keep of a person: sums and states, and what the gateway says about who paid."""

from app.accounts.personal import Export, Subject
from app.db.engine import execute, transaction
from app.db.plain import plain_rows

_MESSAGES = """
event_id IN (
    SELECT d.event_id FROM payments p JOIN webhook_deliveries d ON d.razorpay_order_id = p.razorpay_order_id
    WHERE p.payer_id = $1
    UNION
    SELECT d.event_id FROM webhook_deliveries d
    JOIN captures c ON position(c.razorpay_payment_id IN d.body) > 0
    JOIN payments p ON p.id = c.payment_id
    WHERE d.razorpay_order_id IS NULL AND p.payer_id = $1)
"""
"""The gateway's messages about a payer: they hold the e-mail address, number and means given there."""

_EXPORTED = {
    "payments": "SELECT * FROM payments WHERE payer_id = $1 ORDER BY created_at, id",
    "captures": """
        SELECT c.* FROM captures c JOIN payments p ON p.id = c.payment_id
        WHERE p.payer_id = $1 ORDER BY c.captured_at, c.razorpay_payment_id""",
    "refunds": """
        SELECT r.* FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.payer_id = $1 ORDER BY r.created_at, r.id""",
    "webhook_deliveries": f"""
        SELECT * FROM webhook_deliveries WHERE {_MESSAGES} ORDER BY received_at, event_id""",
}


async def export(who: Subject) -> Export:
    """Payments, refunds, and every message of the gateway about them."""
    return {table: await plain_rows(sql, who.user_id) for table, sql in _EXPORTED.items()}


async def erase(who: Subject) -> None:
    """Take out what the gateway said of the payer; sums, states and its numbers stay, so the book adds up.

    A message nobody has handled yet is about money, and is left until the next time: it is handled within
    minutes, and what is left over at the end of the legal term goes with it.
    """
    async with transaction():
        await execute(
            f"UPDATE webhook_deliveries SET body = '' WHERE handled_at IS NOT NULL AND {_MESSAGES}",
            who.user_id,
        )
        await execute("UPDATE payments SET failure_reason = NULL WHERE payer_id = $1", who.user_id)
        await execute(
            "UPDATE refunds SET failure_reason = NULL WHERE payment_id IN "
            "(SELECT id FROM payments WHERE payer_id = $1)",
            who.user_id,
        )


async def forget(who: Subject) -> None:
    """Let go of the gateway's messages that nobody could handle either."""
    await execute(f"UPDATE webhook_deliveries SET body = '' WHERE {_MESSAGES}", who.user_id)
