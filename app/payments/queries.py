"""Reads: payments, their refunds, messages of the gateway."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db.engine import fetch, fetch_one, fetch_value
from app.errors import NotFound
from app.events import names
from app.events.queries import events_of
from app.payments.errors import OrderUnknown
from app.payments.rows import PAYMENT_COLUMNS, REFUND_COLUMNS, Delivery, MoneyEntry, Payment, Refund

__all__ = ["Delivery", "MoneyEntry", "Payment", "Refund"]

_PAYMENT = f"SELECT {PAYMENT_COLUMNS} FROM payments p "
_MONEY_EVENTS = frozenset(
    {
        names.PAYMENT_FAILED,
        names.PAYMENT_SUCCEEDED,
        names.PAYMENT_UNEXPECTED,
        names.REFUND_ASKED,
        names.REFUND_PROCESSED,
        names.REFUND_FAILED,
    }
)
"""What a history tells of money; the steps in between are left to the log."""

_REFUND = f"SELECT {REFUND_COLUMNS} FROM refunds r "


async def payment_of(appointment_id: UUID) -> Payment | None:
    """The payment opened for an appointment; None where nothing is to be paid."""
    row = await fetch_one(_PAYMENT + "WHERE p.appointment_id = $1", appointment_id)
    return Payment.of(row) if row else None


async def payments_of(appointment_ids: Sequence[UUID]) -> dict[UUID, Payment]:
    """The payments of several appointments, by appointment."""
    rows = await fetch(_PAYMENT + "WHERE p.appointment_id = ANY($1)", list(appointment_ids))
    return {row["appointment_id"]: Payment.of(row) for row in rows}


async def paid_appointments(payer_id: UUID) -> list[UUID]:
    """The appointments for which money of this payer came or is being checked, given back or not."""
    rows = await fetch(
        """
        SELECT p.appointment_id FROM appointments a JOIN payments p ON p.appointment_id = a.id
        WHERE a.booked_by_id = $1 AND p.payer_id = $1 AND (p.captured_paise > 0 OR p.status = 'authorized')
        """,
        payer_id,
    )
    return [row["appointment_id"] for row in rows]


async def get_payment(payment_id: UUID) -> Payment:
    """One payment by its row id; raises NotFound."""
    row = await fetch_one(_PAYMENT + "WHERE p.id = $1", payment_id)
    if row is None:
        raise NotFound
    return Payment.of(row)


async def get_payment_by_order(razorpay_order_id: str) -> Payment:
    """The payment an order of the gateway was made for; raises OrderUnknown."""
    row = await fetch_one(_PAYMENT + "WHERE p.razorpay_order_id = $1", razorpay_order_id)
    if row is None:
        raise OrderUnknown
    return Payment.of(row)


async def refund_of(appointment_id: UUID) -> Refund | None:
    """The latest refund of an appointment's payment, or None."""
    return (await refunds_of([appointment_id])).get(appointment_id)


async def refunds_of(appointment_ids: Sequence[UUID]) -> dict[UUID, Refund]:
    """The latest refund of each of several appointments that has one, by appointment."""
    rows = await fetch(
        f"""
        SELECT DISTINCT ON (p.appointment_id) p.appointment_id, {REFUND_COLUMNS}
        FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.appointment_id = ANY($1)
        ORDER BY p.appointment_id, r.created_at DESC, r.id
        """,
        list(appointment_ids),
    )
    return {row["appointment_id"]: Refund.of(row) for row in rows}


async def get_refund(refund_id: UUID) -> Refund:
    """One refund by its row id; raises NotFound."""
    row = await fetch_one(_REFUND + "WHERE r.id = $1", refund_id)
    if row is None:
        raise NotFound
    return Refund.of(row)


async def money_history_of(appointment_id: UUID) -> list[MoneyEntry]:
    """What came in for an appointment and what went back, oldest first."""
    return [
        MoneyEntry(event.at, event.name, event.by_role, event.facts.get("amount_paise", 0))
        for event in await events_of(appointment_id)
        if event.name in _MONEY_EVENTS
    ]


async def coming_back_paise(payer_id: UUID) -> int:
    """What is on its way back to a payer, in paise."""
    paise: int = await fetch_value(
        "SELECT coalesce(sum(refunding_paise), 0)::bigint FROM payments WHERE payer_id = $1", payer_id
    )
    return paise


async def due_refunds(*, now: datetime, limit: int = 50) -> list[Refund]:
    """Pending refunds to ask about, or that the gateway never got; the most overdue first."""
    rows = await fetch(
        _REFUND + "WHERE r.status = 'pending' AND r.next_ask_at <= $1 ORDER BY r.next_ask_at LIMIT $2",
        now,
        limit,
    )
    return [Refund.of(row) for row in rows]


async def get_delivery(event_id: str) -> Delivery:
    """One stored message of the gateway; raises NotFound."""
    row = await fetch_one(
        """
        SELECT event_id, name, razorpay_order_id, body, handled_at FROM webhook_deliveries
        WHERE event_id = $1
        """,
        event_id,
    )
    if row is None:
        raise NotFound
    return Delivery(**dict(row))


async def waiting_deliveries(*, limit: int = 200) -> list[str]:
    """Ids of messages not handled yet although their order is ours, oldest first."""
    rows = await fetch(
        """
        SELECT d.event_id FROM webhook_deliveries d JOIN payments p USING (razorpay_order_id)
        WHERE d.handled_at IS NULL ORDER BY d.received_at LIMIT $1
        """,
        limit,
    )
    return [row["event_id"] for row in rows]
