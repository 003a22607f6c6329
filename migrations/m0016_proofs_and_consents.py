"""Letters that prove more than an address, sign-ups that wait for theirs, accepted notices."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000016"
VERSION = "1.38.0"
DESCRIPTION = "Letters' purposes, pending sign-ups, consents"

SQL = """
ALTER TABLE email_confirmations DROP CONSTRAINT email_confirmations_purpose_check;
ALTER TABLE email_confirmations ADD CONSTRAINT email_confirmations_purpose_check CHECK (purpose IN (
    'verify_email', 'reset_password', 'set_password', 'trust_device', 'change_email'));
ALTER TABLE email_confirmations
    ADD COLUMN device_id uuid,
    ADD COLUMN new_email text CHECK (new_email = lower(new_email));

CREATE TABLE pending_sign_ups (
    confirmation_id uuid PRIMARY KEY REFERENCES email_confirmations (id),
    sign_up_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('patient', 'doctor')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    mobile text CHECK (mobile ~ '^\\+[1-9][0-9]{7,14}$'),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE consents (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    notice_version text NOT NULL,
    language text NOT NULL,
    through text NOT NULL CHECK (through IN ('page', 'api', 'desk')),
    accepted_at timestamptz NOT NULL
);
CREATE INDEX consents_user ON consents (user_id, accepted_at DESC);

ALTER TABLE users ADD COLUMN erased_at timestamptz;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
