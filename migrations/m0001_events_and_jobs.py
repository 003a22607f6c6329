"""The event log, what is personal beside it, the job queue, limits, kept answers and the test clock."""

from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from app.db.engine import connection
from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "Events, jobs, limits, kept answers, test clock"

SQL = """
CREATE TABLE events (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    name text NOT NULL CHECK (name ~ '^[A-Z_]+$'),
    at timestamptz NOT NULL,
    subject_id uuid NOT NULL,
    by_id uuid,
    by_role text NOT NULL
        CHECK (by_role IN ('patient', 'doctor', 'reception', 'admin', 'system', 'gateway', 'stranger')),
    facts jsonb NOT NULL
);
CREATE INDEX events_subject ON events (subject_id, seq);
CREATE INDEX events_name_at ON events (name, at);

CREATE TABLE event_private (
    event_id uuid NOT NULL REFERENCES events (id),
    person_id uuid NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (event_id, person_id)
);
CREATE INDEX event_private_person ON event_private (person_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE UNLOGGED TABLE limits (
    name text NOT NULL,
    who bytea NOT NULL,
    window_start timestamptz NOT NULL,
    hits integer NOT NULL,
    PRIMARY KEY (name, who)
);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    body text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE clock_shift (
    id integer PRIMARY KEY CHECK (id = 1),
    shift_ms bigint NOT NULL
);
"""


async def _install_queue() -> None:
    async with connection() as con:
        await Queries(AsyncpgDriver(con)).install()


forwards = sql_migration(ID, DESCRIPTION, SQL, also=_install_queue)
