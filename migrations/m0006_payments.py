"""Payments, what was captured for them, refunds, webhook deliveries."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000006"
VERSION = "1.38.0"
DESCRIPTION = "Payments, captures, refunds, webhook deliveries"

SQL = """
CREATE TABLE payments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    appointment_id uuid NOT NULL UNIQUE REFERENCES appointments (id),
    payer_id uuid NOT NULL REFERENCES users (id),
    method text NOT NULL CHECK (method IN ('razorpay')),
    status text NOT NULL
        CHECK (status IN ('due', 'created', 'authorized', 'captured', 'failed',
                          'partially_refunded', 'refunded')),
    amount_paise integer NOT NULL CHECK (amount_paise >= 100),
    captured_paise integer NOT NULL DEFAULT 0 CHECK (captured_paise >= 0),
    refunding_paise integer NOT NULL DEFAULT 0 CHECK (refunding_paise >= 0),
    refunded_paise integer NOT NULL DEFAULT 0 CHECK (refunded_paise >= 0),
    receipt text NOT NULL UNIQUE CHECK (length(receipt) <= 40),
    razorpay_order_id text UNIQUE,
    razorpay_payment_id text UNIQUE,
    failure_reason text,
    created_at timestamptz NOT NULL,
    captured_at timestamptz,
    order_tries integer NOT NULL DEFAULT 0,
    order_claimed_at timestamptz,
    next_ask_at timestamptz,
    asks integer NOT NULL DEFAULT 0,
    final_at timestamptz,
    CONSTRAINT payments_never_refund_more CHECK (refunding_paise + refunded_paise <= captured_paise)
);
CREATE INDEX payments_to_ask ON payments (next_ask_at) WHERE final_at IS NULL;
CREATE TRIGGER payments_kept BEFORE DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION refuse_delete();

CREATE TABLE captures (
    razorpay_payment_id text PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments (id),
    amount_paise integer NOT NULL CHECK (amount_paise > 0),
    currency text NOT NULL,
    captured_at timestamptz NOT NULL
);
CREATE INDEX captures_payment ON captures (payment_id);
CREATE TRIGGER captures_kept BEFORE DELETE ON captures
    FOR EACH ROW EXECUTE FUNCTION refuse_delete();

CREATE TABLE refunds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payment_id uuid NOT NULL REFERENCES payments (id),
    razorpay_payment_id text NOT NULL REFERENCES captures (razorpay_payment_id),
    amount_paise integer NOT NULL CHECK (amount_paise >= 100),
    status text NOT NULL CHECK (status IN ('pending', 'processed', 'failed')),
    why text NOT NULL,
    idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) >= 10),
    razorpay_refund_id text UNIQUE,
    created_at timestamptz NOT NULL,
    next_ask_at timestamptz NOT NULL,
    processed_at timestamptz,
    failure_reason text
);
CREATE INDEX refunds_payment ON refunds (payment_id);
CREATE INDEX refunds_pending ON refunds (next_ask_at) WHERE status = 'pending';
CREATE TRIGGER refunds_kept BEFORE DELETE ON refunds
    FOR EACH ROW EXECUTE FUNCTION refuse_delete();

CREATE TABLE webhook_deliveries (
    event_id text PRIMARY KEY,
    name text NOT NULL,
    razorpay_order_id text,
    body text NOT NULL,
    received_at timestamptz NOT NULL,
    handled_at timestamptz
);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (razorpay_order_id) WHERE handled_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
