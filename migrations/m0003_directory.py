"""Clinics, doctors, practices, services, staff."""

from app.db.sql_migration import sql_migration

ID = "2026-11-21T10:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = "Clinics, doctors, practices, services, staff"

SQL = """
CREATE TABLE clinics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    address text NOT NULL,
    city text NOT NULL,
    pincode text NOT NULL CHECK (pincode ~ '^[1-9][0-9]{5}$'),
    phone text NOT NULL,
    time_zone text NOT NULL,
    opening_text text NOT NULL DEFAULT '',
    calendar_days integer NOT NULL DEFAULT 60 CHECK (calendar_days BETWEEN 1 AND 366),
    created_at timestamptz NOT NULL
);

CREATE TABLE doctors (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL UNIQUE REFERENCES users (id),
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    speciality text NOT NULL,
    designation text NOT NULL DEFAULT '',
    qualifications text NOT NULL DEFAULT '',
    registration_number text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    languages text[] NOT NULL DEFAULT '{}',
    approved_at timestamptz,
    created_at timestamptz NOT NULL
);

CREATE TABLE practices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    clinic_id uuid NOT NULL REFERENCES clinics (id),
    approves_visits boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    UNIQUE (doctor_id, clinic_id)
);
CREATE INDEX practices_clinic ON practices (clinic_id);

CREATE TABLE services (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    practice_id uuid NOT NULL REFERENCES practices (id),
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 480),
    fee_paise integer NOT NULL CHECK (fee_paise = 0 OR fee_paise >= 100),
    mode text NOT NULL CHECK (mode IN ('in_person', 'video')),
    position integer NOT NULL DEFAULT 0,
    retired_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX services_practice ON services (practice_id, position);

CREATE TABLE staff (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    clinic_id uuid NOT NULL REFERENCES clinics (id),
    created_at timestamptz NOT NULL
);
CREATE INDEX staff_clinic ON staff (clinic_id);
"""

forwards = sql_migration(ID, DESCRIPTION, SQL)
