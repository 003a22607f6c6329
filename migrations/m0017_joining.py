"""Invitations for doctors, applications that were turned down, doctors who left."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000017"
VERSION = "1.38.0"
DESCRIPTION = "Invitations, rejections, leaving"

SQL = """
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    code_hash bytea NOT NULL UNIQUE,
    email text CHECK (email = lower(email)),
    clinic_id uuid REFERENCES clinics (id),
    created_by_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by_id uuid REFERENCES users (id),
    withdrawn_at timestamptz
);
CREATE INDEX invitations_created ON invitations (created_at DESC, id);

ALTER TABLE doctors
    ADD COLUMN rejected_at timestamptz,
    ADD COLUMN rejected_why text NOT NULL DEFAULT '',
    ADD COLUMN left_at timestamptz;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
