"""Copies of somebody's data to take away, erased accounts, people taken out of a family."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000018"
VERSION = "1.38.0"
DESCRIPTION = "Exports, erasures, people who are not booked for any more"

SQL = """
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    asked_at timestamptz NOT NULL,
    ready_at timestamptz,
    expires_at timestamptz NOT NULL,
    bytes bigint,
    removed_at timestamptz
);
CREATE INDEX exports_user ON exports (user_id, asked_at DESC);

CREATE TABLE erasures (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    asked_at timestamptz NOT NULL,
    kept_until timestamptz NOT NULL,
    masked_at timestamptz,
    sealed jsonb,
    done_at timestamptz
);
CREATE INDEX erasures_open ON erasures (kept_until) WHERE done_at IS NULL;

ALTER TABLE persons ADD COLUMN removed_at timestamptz;
ALTER TABLE persons ADD COLUMN same_as uuid REFERENCES persons (id);

CREATE INDEX events_by ON events (by_id, seq) WHERE by_id IS NOT NULL;
CREATE INDEX events_about_persons ON events USING gin ((facts -> 'person_ids') jsonb_path_ops)
    WHERE facts ? 'person_ids';
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
