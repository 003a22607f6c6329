"""When the followers of a practice that opened days were last looked through."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000014"
VERSION = "1.38.0"
DESCRIPTION = "Looks for followers to tell"

SQL = """
CREATE TABLE follower_looks (
    practice_id uuid PRIMARY KEY REFERENCES practices (id),
    event_id uuid NOT NULL REFERENCES events (id),
    looked_at timestamptz NOT NULL
);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
