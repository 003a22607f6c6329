"""Devices an account was used on, every try to log in, the second step of a log-in, TOTP."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000015"
VERSION = "1.38.0"
DESCRIPTION = "Devices, tries to log in, second steps, TOTP"

SQL = """
ALTER TABLE limits SET LOGGED;

CREATE TABLE known_devices (
    user_id uuid NOT NULL REFERENCES users (id),
    device_id uuid NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    forgotten_at timestamptz,
    PRIMARY KEY (user_id, device_id)
);

ALTER TABLE sessions ADD COLUMN device_id uuid;
ALTER TABLE sessions DROP CONSTRAINT sessions_ended_why_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_ended_why_check CHECK (ended_why IN (
    'logged_out', 'token_reused', 'password_changed', 'email_changed', 'role_changed', 'second_step_changed',
    'blocked', 'erased', 'ended_by_user'));

CREATE TABLE log_in_tries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    user_id uuid REFERENCES users (id),
    identifier_hash bytea NOT NULL,
    address text NOT NULL,
    device text NOT NULL,
    device_id uuid,
    result text NOT NULL CHECK (result IN (
        'entered', 'wrong_password', 'unknown_account', 'second_step_asked', 'wrong_code', 'locked',
        'limited', 'blocked'))
);
CREATE INDEX log_in_tries_user ON log_in_tries (user_id, at DESC);
CREATE INDEX log_in_tries_at ON log_in_tries (at DESC, id);

CREATE TABLE log_in_challenges (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL CHECK (kind IN ('email_code', 'totp')),
    device_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
CREATE INDEX log_in_challenges_user ON log_in_challenges (user_id, created_at);

CREATE TABLE totp_keys (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    id uuid NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
