"""Accounts, sessions, e-mail confirmations, persons."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "Accounts, sessions, e-mail confirmations, persons"

SQL = """
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    mobile text CHECK (mobile ~ '^\\+[1-9][0-9]{7,14}$'),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('patient', 'doctor', 'reception', 'admin')),
    language text NOT NULL DEFAULT 'en',
    email_verified_at timestamptz,
    blocked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX users_mobile ON users (mobile);

CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text NOT NULL,
    device text NOT NULL,
    ended_at timestamptz,
    ended_why text CHECK (
        ended_why IN ('logged_out', 'token_reused', 'password_changed', 'blocked', 'ended_by_user'))
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL REFERENCES sessions (id),
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE email_confirmations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    purpose text NOT NULL CHECK (purpose IN ('verify_email')),
    created_at timestamptz NOT NULL,
    code_expires_at timestamptz NOT NULL,
    link_expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
CREATE INDEX email_confirmations_user ON email_confirmations (user_id, created_at);

CREATE TABLE persons (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid REFERENCES users (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    birth_year integer CHECK (birth_year BETWEEN 1900 AND 2100),
    sex text CHECK (sex IN ('female', 'male', 'other')),
    mobile text CHECK (mobile ~ '^\\+[1-9][0-9]{7,14}$'),
    relation text NOT NULL CHECK (relation IN ('self', 'child', 'parent', 'spouse', 'sibling', 'other')),
    created_at timestamptz NOT NULL
);
CREATE INDEX persons_account ON persons (account_id);
CREATE UNIQUE INDEX persons_one_self ON persons (account_id) WHERE relation = 'self';
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
