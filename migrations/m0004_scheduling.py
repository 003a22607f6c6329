"""Slots offered."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = "Slots offered"

SQL = """
CREATE TYPE uuidrange AS RANGE (subtype = uuid);

CREATE TABLE slots (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    practice_id uuid NOT NULL REFERENCES practices (id),
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    on_date date NOT NULL,
    created_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CHECK (starts_at < ends_at),
    CONSTRAINT slots_no_overlap EXCLUDE USING gist (
        uuidrange(doctor_id, doctor_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (withdrawn_at IS NULL)
);
CREATE INDEX slots_day ON slots (practice_id, on_date, starts_at) WHERE withdrawn_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
