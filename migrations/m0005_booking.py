"""Appointments, tokens, requests for another time."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000005"
VERSION = "1.38.0"
DESCRIPTION = "Appointments, tokens, requests for another time"

SQL = """
CREATE TABLE appointments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code text NOT NULL UNIQUE,
    practice_id uuid NOT NULL REFERENCES practices (id),
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    service_id uuid NOT NULL REFERENCES services (id),
    person_id uuid NOT NULL REFERENCES persons (id),
    booked_by_id uuid REFERENCES users (id),
    slot_id uuid REFERENCES slots (id),
    starts_at timestamptz,
    ends_at timestamptz,
    on_date date NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'pending', 'confirmed', 'checked_in', 'in_consultation',
                                           'completed', 'cancelled', 'no_show', 'expired')),
    token_number integer CHECK (token_number > 0),
    token_on date,
    amount_paise integer NOT NULL CHECK (amount_paise >= 0),
    reason text NOT NULL DEFAULT '',
    hold_expires_at timestamptz,
    hold_extended_at timestamptz,
    approve_until timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK ((slot_id IS NULL) = (starts_at IS NULL) AND (starts_at IS NULL) = (ends_at IS NULL)),
    CHECK (starts_at < ends_at),
    CHECK (status <> 'held' OR hold_expires_at IS NOT NULL),
    CHECK (status <> 'pending' OR approve_until IS NOT NULL),
    CHECK ((token_number IS NULL) = (token_on IS NULL)),
    CONSTRAINT appointments_no_overlap EXCLUDE USING gist (
        uuidrange(doctor_id, doctor_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status NOT IN ('cancelled', 'expired') AND starts_at IS NOT NULL),
    CONSTRAINT appointments_token UNIQUE (practice_id, token_on, token_number)
);
CREATE INDEX appointments_booked_by ON appointments (booked_by_id, starts_at);
CREATE INDEX appointments_practice_day ON appointments (practice_id, on_date);
CREATE INDEX appointments_doctor_time ON appointments (doctor_id, starts_at);
CREATE INDEX appointments_lapsing ON appointments (hold_expires_at) WHERE status = 'held';
CREATE INDEX appointments_unanswered ON appointments (approve_until) WHERE status = 'pending';

CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER appointments_kept BEFORE DELETE ON appointments
    FOR EACH ROW EXECUTE FUNCTION refuse_delete();

CREATE TABLE token_counters (
    practice_id uuid NOT NULL REFERENCES practices (id),
    on_date date NOT NULL,
    last_number integer NOT NULL,
    PRIMARY KEY (practice_id, on_date)
);

CREATE TABLE reschedule_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    appointment_id uuid NOT NULL REFERENCES appointments (id),
    note text NOT NULL DEFAULT '',
    wish text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decision text CHECK (decision IN ('accepted', 'declined', 'withdrawn')),
    CHECK ((decided_at IS NULL) = (decision IS NULL))
);
CREATE UNIQUE INDEX reschedule_requests_one_open ON reschedule_requests (appointment_id)
    WHERE decided_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
