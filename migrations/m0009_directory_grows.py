"""Search, followers and ratings; photos; more about services; policies of clinics and practices."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000009"
VERSION = "1.38.0"
DESCRIPTION = "Search, followers, ratings, photos, more about services, policies"

SQL = """
ALTER TABLE clinics
    ADD COLUMN lead_minutes integer NOT NULL DEFAULT 0 CHECK (lead_minutes BETWEEN 0 AND 10080),
    ADD COLUMN walk_in_percent integer NOT NULL DEFAULT 0 CHECK (walk_in_percent BETWEEN 0 AND 90);

ALTER TABLE practices
    ADD COLUMN lead_minutes integer CHECK (lead_minutes BETWEEN 0 AND 10080),
    ADD COLUMN calendar_days integer CHECK (calendar_days BETWEEN 1 AND 366),
    ADD COLUMN walk_in_percent integer CHECK (walk_in_percent BETWEEN 0 AND 90),
    ADD COLUMN meeting_link text NOT NULL DEFAULT '';

ALTER TABLE services
    ADD COLUMN category text NOT NULL DEFAULT '',
    ADD COLUMN is_taxable boolean NOT NULL DEFAULT false;

ALTER TABLE doctors
    ADD COLUMN followers_count integer NOT NULL DEFAULT 0 CHECK (followers_count >= 0),
    ADD COLUMN reviews_count integer NOT NULL DEFAULT 0 CHECK (reviews_count >= 0),
    ADD COLUMN stars_total integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT doctors_stars CHECK (stars_total BETWEEN reviews_count AND 5 * reviews_count);

CREATE TABLE listings (
    practice_id uuid PRIMARY KEY REFERENCES practices (id),
    doctor_id uuid NOT NULL UNIQUE REFERENCES doctors (id),
    speciality text NOT NULL,
    city text NOT NULL,
    languages text[] NOT NULL,
    fee_paise integer,
    words tsvector NOT NULL,
    near tsvector NOT NULL,
    version integer NOT NULL
);
CREATE INDEX listings_words ON listings USING gin (words);
CREATE INDEX listings_near ON listings USING gin (near);
CREATE INDEX listings_languages ON listings USING gin (languages);
CREATE INDEX listings_speciality ON listings (speciality);
CREATE INDEX listings_city ON listings (city);

CREATE TABLE follows (
    user_id uuid NOT NULL REFERENCES users (id),
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, doctor_id)
);
CREATE INDEX follows_doctor ON follows (doctor_id, created_at);

CREATE TABLE photos (
    key text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{32}$'),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX photos_shown ON photos (user_id) WHERE removed_at IS NULL;

ALTER TABLE users ADD COLUMN is_public boolean NOT NULL DEFAULT false;
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
