"""An administrator ends sessions; the administrator's lists of users and of tries to log in."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000022"
VERSION = "1.38.0"
DESCRIPTION = "Sessions ended by an administrator, lists of users and log-ins"

SQL = """
ALTER TABLE sessions DROP CONSTRAINT sessions_ended_why_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_ended_why_check CHECK (ended_why IN (
    'logged_out', 'token_reused', 'password_changed', 'email_changed', 'role_changed', 'second_step_changed',
    'blocked', 'erased', 'ended_by_user', 'ended_by_admin'));

CREATE INDEX users_created ON users (created_at DESC, id);
CREATE INDEX log_in_tries_address ON log_in_tries (address, at DESC);
CREATE INDEX log_in_tries_result ON log_in_tries (result, at DESC, id);
CREATE INDEX events_at ON events (at, seq);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
