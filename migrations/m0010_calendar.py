"""Weekly sessions, exceptions, and what a slot was made from."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000010"
VERSION = "1.38.0"
DESCRIPTION = "Weekly sessions, exceptions, origin of slots"

SQL = """
CREATE TYPE timerange AS RANGE (subtype = time);

CREATE TABLE calendars (
    practice_id uuid PRIMARY KEY REFERENCES practices (id),
    version integer NOT NULL DEFAULT 1,
    made_until date,
    changed_at timestamptz NOT NULL
);

CREATE TABLE weekly_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    practice_id uuid NOT NULL REFERENCES practices (id),
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    starts time NOT NULL,
    ends time NOT NULL,
    slot_minutes integer NOT NULL CHECK (slot_minutes BETWEEN 5 AND 480),
    gap_minutes integer NOT NULL DEFAULT 0 CHECK (gap_minutes BETWEEN 0 AND 240),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (starts < ends),
    CONSTRAINT weekly_sessions_no_overlap EXCLUDE USING gist (
        uuidrange(practice_id, practice_id, '[]') WITH &&,
        int4range(weekday, weekday, '[]') WITH &&,
        timerange(starts, ends) WITH &&) WHERE (ended_at IS NULL)
);
CREATE INDEX weekly_sessions_of ON weekly_sessions (practice_id) WHERE ended_at IS NULL;

CREATE TABLE session_breaks (
    session_id uuid NOT NULL REFERENCES weekly_sessions (id),
    starts time NOT NULL,
    ends time NOT NULL,
    CHECK (starts < ends),
    PRIMARY KEY (session_id, starts)
);

CREATE TABLE calendar_exceptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    practice_id uuid NOT NULL REFERENCES practices (id),
    kind text NOT NULL CHECK (kind IN ('leave', 'holiday', 'extra')),
    first_on date NOT NULL,
    last_on date NOT NULL,
    starts time,
    ends time,
    slot_minutes integer CHECK (slot_minutes BETWEEN 5 AND 480),
    gap_minutes integer NOT NULL DEFAULT 0 CHECK (gap_minutes BETWEEN 0 AND 240),
    title text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (first_on <= last_on),
    CHECK ((starts IS NULL) = (ends IS NULL)),
    CHECK (starts < ends),
    CHECK (kind <> 'extra' OR (first_on = last_on AND starts IS NOT NULL AND slot_minutes IS NOT NULL))
);
CREATE INDEX calendar_exceptions_days ON calendar_exceptions (practice_id, first_on) WHERE ended_at IS NULL;

ALTER TABLE slots
    ADD COLUMN origin text NOT NULL DEFAULT 'hand' CHECK (origin IN ('hand', 'rule')),
    ADD COLUMN withdrawn_by text CHECK (withdrawn_by IN ('hand', 'rule')),
    ADD COLUMN is_kept boolean NOT NULL DEFAULT false,
    ADD COLUMN covers_until timestamptz,
    ADD CHECK (covers_until >= ends_at);
UPDATE slots SET withdrawn_by = 'hand' WHERE withdrawn_at IS NOT NULL;
ALTER TABLE slots ADD CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL));
CREATE INDEX slots_removed ON slots (practice_id, on_date) WHERE withdrawn_by = 'hand';
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
