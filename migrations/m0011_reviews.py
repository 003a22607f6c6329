"""Reviews and reports of them."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000011"
VERSION = "1.38.0"
DESCRIPTION = "Reviews and reports of them"

SQL = """
CREATE TABLE reviews (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    appointment_id uuid NOT NULL UNIQUE REFERENCES appointments (id),
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    author_id uuid NOT NULL REFERENCES users (id),
    stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    text text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    answer text NOT NULL DEFAULT '',
    answered_at timestamptz,
    hidden_at timestamptz
);
CREATE INDEX reviews_shown ON reviews (doctor_id, created_at DESC, id) WHERE hidden_at IS NULL;
CREATE INDEX reviews_doctor ON reviews (doctor_id, created_at DESC, id);

CREATE TABLE review_reports (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    review_id uuid NOT NULL REFERENCES reviews (id),
    reported_by_id uuid NOT NULL REFERENCES users (id),
    why text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid REFERENCES users (id),
    decision text CHECK (decision IN ('kept', 'hidden')),
    CHECK ((decided_at IS NULL) = (decision IS NULL))
);
CREATE UNIQUE INDEX review_reports_one_open ON review_reports (review_id, reported_by_id)
    WHERE decided_at IS NULL;
CREATE INDEX review_reports_open ON review_reports (created_at) WHERE decided_at IS NULL;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
