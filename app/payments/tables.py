"""Payments, captures, refunds, webhook deliveries. Constraints stand in the migrations."""

from piccolo.columns import UUID, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class PaymentRow(Table, tablename="payments"):
    """What one appointment costs and what became of it; never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    appointment_id = UUID(default=None, unique=True)
    payer_id = UUID(default=None)
    method = Text(default="razorpay")
    status = Text()
    amount_paise = Integer()
    captured_paise = Integer(default=0)
    refunding_paise = Integer(default=0)
    refunded_paise = Integer(default=0)
    receipt = Text(unique=True)
    razorpay_order_id = Text(null=True, default=None, unique=True)
    razorpay_payment_id = Text(null=True, default=None, unique=True)
    failure_reason = Text(null=True, default=None)
    created_at = Timestamptz()
    captured_at = Timestamptz(null=True, default=None)
    order_tries = Integer(default=0)
    order_claimed_at = Timestamptz(null=True, default=None)
    next_ask_at = Timestamptz(null=True, default=None)
    asks = Integer(default=0)
    final_at = Timestamptz(null=True, default=None)


class CaptureRow(Table, tablename="captures"):
    """Money the gateway took, by its own id, so that it is counted once however often we hear of it."""

    razorpay_payment_id = Text(primary_key=True, default=None)
    payment_id = UUID(default=None)
    amount_paise = Integer()
    currency = Text()
    captured_at = Timestamptz()


class RefundRow(Table, tablename="refunds"):
    """Money on its way back; never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    payment_id = UUID(default=None)
    razorpay_payment_id = Text()
    amount_paise = Integer()
    status = Text()
    why = Text()
    idempotency_key = Text(unique=True)
    razorpay_refund_id = Text(null=True, default=None, unique=True)
    created_at = Timestamptz()
    next_ask_at = Timestamptz()
    processed_at = Timestamptz(null=True, default=None)
    failure_reason = Text(null=True, default=None)


class DeliveryRow(Table, tablename="webhook_deliveries"):
    """A signed message of the gateway, kept as it came until it was understood."""

    event_id = Text(primary_key=True, default=None)
    name = Text()
    razorpay_order_id = Text(null=True, default=None)
    body = Text()
    received_at = Timestamptz()
    handled_at = Timestamptz(null=True, default=None)
