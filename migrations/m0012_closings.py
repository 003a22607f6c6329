"""Closed times and what becomes of the visits in them; finding live visits of a doctor by time."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000012"
VERSION = "1.38.0"
DESCRIPTION = "Closed times and what becomes of their visits"

SQL = """
CREATE TABLE closings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    practice_id uuid NOT NULL REFERENCES practices (id),
    note text NOT NULL DEFAULT '',
    by_id uuid NOT NULL REFERENCES users (id),
    by_role text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX closings_practice ON closings (practice_id, created_at DESC);

CREATE TABLE displaced_visits (
    closing_id uuid NOT NULL REFERENCES closings (id),
    appointment_id uuid NOT NULL REFERENCES appointments (id),
    starts_at timestamptz NOT NULL,
    wish text NOT NULL CHECK (wish IN ('move', 'cancel')),
    slot_id uuid REFERENCES slots (id),
    outcome text CHECK (outcome IN ('moved', 'cancelled', 'left')),
    done_at timestamptz,
    PRIMARY KEY (closing_id, appointment_id),
    CHECK ((wish = 'move') = (slot_id IS NOT NULL)),
    CHECK ((outcome IS NULL) = (done_at IS NULL))
);
CREATE UNIQUE INDEX displaced_visits_one_open ON displaced_visits (appointment_id) WHERE done_at IS NULL;

CREATE INDEX appointments_live_time ON appointments (doctor_id, starts_at)
    INCLUDE (ends_at, status, hold_expires_at)
    WHERE status NOT IN ('cancelled', 'expired') AND starts_at IS NOT NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
