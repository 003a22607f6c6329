"""Letters."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000007"
VERSION = "1.38.0"
DESCRIPTION = "Letters"

SQL = """
CREATE TABLE letters (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id uuid NOT NULL REFERENCES events (id),
    kind text NOT NULL,
    recipient_id uuid NOT NULL REFERENCES users (id),
    message_id text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    rests_until timestamptz,
    sent_at timestamptz,
    refused_at timestamptz,
    refused_why text,
    UNIQUE (event_id, kind, recipient_id)
);
CREATE INDEX letters_waiting ON letters (created_at) WHERE sent_at IS NULL AND refused_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
