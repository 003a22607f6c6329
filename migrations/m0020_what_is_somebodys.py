"""Finding what is somebody's, for a copy and for an erasure, without reading whole tables."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000020"
VERSION = "1.38.0"
DESCRIPTION = "Finding what is somebody's"

SQL = """
CREATE INDEX letters_recipient ON letters (recipient_id, kind);
CREATE INDEX payments_payer ON payments (payer_id);
CREATE INDEX reviews_author ON reviews (author_id);
CREATE INDEX closings_by ON closings (by_id);
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (razorpay_order_id);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
