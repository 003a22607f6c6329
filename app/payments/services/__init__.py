"""Writes: opening a payment, giving it an order, recording what the gateway says, giving money back."""

from app.payments.services.deliveries import keep_delivery, mark_handled
from app.payments.services.lock import lock_payment
from app.payments.services.orders import (
    ask_soon,
    asked,
    claim_order,
    due_orders,
    note_order,
    open_payment,
    release_claim,
)
from app.payments.services.record import News, Recorded, record
from app.payments.services.refunds import (
    open_refund,
    poll_refunds,
    record_refund,
    refund_everything,
    send_refund,
    sync_refunds,
)

__all__ = [
    "News",
    "Recorded",
    "ask_soon",
    "asked",
    "claim_order",
    "due_orders",
    "keep_delivery",
    "lock_payment",
    "mark_handled",
    "note_order",
    "open_payment",
    "open_refund",
    "poll_refunds",
    "record",
    "record_refund",
    "refund_everything",
    "release_claim",
    "send_refund",
    "sync_refunds",
]
