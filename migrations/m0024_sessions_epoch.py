"""How often an account's sessions were ended, for log-ins under way; whose set-up an unconfirmed key is."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000024"
VERSION = "1.38.0"
DESCRIPTION = "Epoch of an account's sessions, session of a second step's set-up"

SQL = """
ALTER TABLE users ADD COLUMN sessions_epoch integer NOT NULL DEFAULT 0;
ALTER TABLE totp_keys ADD COLUMN session_id uuid;
DELETE FROM totp_keys WHERE confirmed_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
