"""No visit is longer than a service may be, so that what overlaps a time is found near it."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000013"
VERSION = "1.38.0"
DESCRIPTION = "The longest visit"

SQL = """
ALTER TABLE appointments
    ADD CONSTRAINT appointments_longest CHECK (ends_at - starts_at <= interval '480 minutes');
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
