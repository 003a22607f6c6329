"""Clinics, doctors, practices, services, staff. Constraints stand in the migrations."""

from piccolo.columns import UUID, Array, Boolean, Bytea, Integer, Text, Timestamptz
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
    lead_minutes = Integer(default=0)
    walk_in_percent = Integer(default=0)
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
    rejected_at = Timestamptz(null=True, default=None)
    rejected_why = Text(default="")
    left_at = Timestamptz(null=True, default=None)
    applied_at = Timestamptz(null=True, default=None)
    followers_count = Integer(default=0)
    reviews_count = Integer(default=0)
    stars_total = Integer(default=0)
    created_at = Timestamptz()


class PracticeRow(Table, tablename="practices"):
    """A doctor at a clinic: owner of services, slots and tokens; a policy that is NULL is the clinic's."""

    id = UUID(primary_key=True, default=UUID4())
    doctor_id = UUID(default=None)
    clinic_id = UUID(default=None)
    approves_visits = Boolean(default=False)
    is_active = Boolean(default=True)
    meeting_link = Text(default="")
    calendar_days = Integer(null=True, default=None)
    lead_minutes = Integer(null=True, default=None)
    walk_in_percent = Integer(null=True, default=None)
    created_at = Timestamptz()


class ServiceRow(Table, tablename="services"):
    """What a practice offers, for how long and for how much; retired, never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    name = Text()
    description = Text(default="")
    category = Text(default="")
    duration_minutes = Integer()
    fee_paise = Integer()
    mode = Text()
    is_taxable = Boolean(default=False)
    position = Integer(default=0)
    retired_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()


class ListingRow(Table, tablename="listings"):
    """What search looks through: one row a doctor whom patients see, at the first open practice.

    Its words, and what they are found under with one letter wrong, are written and asked for in SQL only.
    """

    practice_id = UUID(primary_key=True, default=None)
    doctor_id = UUID(unique=True, default=None)
    speciality = Text()
    city = Text()
    languages = Array(base_column=Text(), default=list)
    fee_paise = Integer(null=True, default=None)
    version = Integer()


class FollowRow(Table, tablename="follows"):
    """Who follows which doctor; one row a pair, deleted with the end of it."""

    user_id = UUID(default=None)
    doctor_id = UUID(default=None)
    created_at = Timestamptz()


class StaffRow(Table, tablename="staff"):
    """Which clinic a receptionist works for."""

    user_id = UUID(primary_key=True, default=None)
    clinic_id = UUID(default=None)
    created_at = Timestamptz()


class InvitationRow(Table, tablename="invitations"):
    """An invitation that lets one doctor in without waiting; its code follows from `id` and our key."""

    id = UUID(primary_key=True, default=UUID4())
    code_hash = Bytea(unique=True, secret=True)
    email = Text(null=True, default=None)
    clinic_id = UUID(null=True, default=None)
    created_by_id = UUID(default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    used_by_id = UUID(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)


class PendingApplicationRow(Table, tablename="pending_applications"):
    """An application that counts once the letter of this confirmation has proved whose it is."""

    confirmation_id = UUID(primary_key=True, default=None)
    speciality = Text()
    qualifications = Text()
    registration_number = Text()
    invitation_id = UUID(null=True, default=None)
    begins_account = Boolean()
    created_at = Timestamptz()
