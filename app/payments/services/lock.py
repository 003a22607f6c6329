"""The lock every change of a payment or its refunds takes first; the appointment's lock comes before it."""

from uuid import UUID

from app.db.engine import fetch_one
from app.errors import NotFound
from app.payments.rows import PAYMENT_COLUMNS, Payment


async def lock_payment(payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends; raises NotFound."""
    row = await fetch_one(f"SELECT {PAYMENT_COLUMNS} FROM payments p WHERE p.id = $1 FOR UPDATE", payment_id)
    if row is None:
        raise NotFound
    return Payment.of(row)
