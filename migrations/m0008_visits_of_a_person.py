"""Finding the visits of a person."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000008"
VERSION = "1.38.0"
DESCRIPTION = "Finding the visits of a person"

SQL = """
CREATE INDEX appointments_person ON appointments (person_id, starts_at);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
