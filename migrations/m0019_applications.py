"""When a doctor applied last, and applications that count once their address is confirmed."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000019"
VERSION = "1.38.0"
DESCRIPTION = "Applications of doctors"

SQL = """
ALTER TABLE doctors ADD COLUMN applied_at timestamptz;
UPDATE doctors SET applied_at = created_at;
CREATE INDEX doctors_waiting ON doctors (applied_at, id)
    WHERE approved_at IS NULL AND rejected_at IS NULL AND left_at IS NULL;

CREATE TABLE pending_applications (
    confirmation_id uuid PRIMARY KEY REFERENCES email_confirmations (id) ON DELETE CASCADE,
    speciality text NOT NULL,
    qualifications text NOT NULL,
    registration_number text NOT NULL,
    invitation_id uuid REFERENCES invitations (id),
    begins_account boolean NOT NULL,
    created_at timestamptz NOT NULL
);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
