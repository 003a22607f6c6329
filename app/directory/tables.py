"""Clinics, doctors, practices, services, staff. Constraints stand in the migrations."""

from piccolo.columns import UUID, Array, Boolean, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class ClinicRow(Table, tablename="clinics"):
    """A place with an address, a desk, a time zone and its own policies."""

    id = UUID(primary_key=True, default=UUID4())
    slug = Text(unique=True)
    name = Text()
    address = Text()
    city = Text()
    pincode = Text()
    phone = Text()
    time_zone = Text()
    opening_text = Text(default="")
    calendar_days = Integer(default=60)
    created_at = Timestamptz()


class DoctorRow(Table, tablename="doctors"):
    """What an account shows of itself as a doctor; seen by patients once approved."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = UUID(unique=True, default=None)
    slug = Text(unique=True)
    name = Text()
    speciality = Text()
    designation = Text(default="")
    qualifications = Text(default="")
    registration_number = Text(default="")
    about = Text(default="")
    languages = Array(base_column=Text(), default=list)
    approved_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class PracticeRow(Table, tablename="practices"):
    """A doctor at a clinic: owner of services, slots and tokens."""

    id = UUID(primary_key=True, default=UUID4())
    doctor_id = UUID(default=None)
    clinic_id = UUID(default=None)
    approves_visits = Boolean(default=False)
    is_active = Boolean(default=True)
    created_at = Timestamptz()


class ServiceRow(Table, tablename="services"):
    """What a practice offers, for how long and for how much; retired, never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    name = Text()
    description = Text(default="")
    duration_minutes = Integer()
    fee_paise = Integer()
    mode = Text()
    position = Integer(default=0)
    retired_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class StaffRow(Table, tablename="staff"):
    """Which clinic a receptionist works for."""

    user_id = UUID(primary_key=True, default=None)
    clinic_id = UUID(default=None)
    created_at = Timestamptz()
