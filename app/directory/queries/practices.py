"""Practices and clinics. Patients are shown approved doctors with an active practice, and nobody else."""

from uuid import UUID

from app.db.engine import fetch, fetch_one, fetch_value
from app.directory.errors import NoOpenPractice, NoSuchDoctor
from app.directory.queries.terms import FIRST, OPEN, PRACTICE_COLUMNS, PRACTICES
from app.directory.rows import Clinic, Policies, Practice
from app.directory.rules import is_slug
from app.errors import NotFound

_PRACTICE = f"SELECT {PRACTICE_COLUMNS} FROM {PRACTICES} "


async def get_practice(practice_id: UUID) -> Practice:
    """A practice by its id, whether open to patients or not; raises NotFound."""
    row = await fetch_one(_PRACTICE + "WHERE p.id = $1", practice_id)
    if row is None:
        raise NotFound
    return Practice.of(row)


async def practice_of_doctor(doctor_id: UUID) -> Practice:
    """Where patients see this doctor; raises NoSuchDoctor, also when not approved."""
    row = await fetch_one(f"{_PRACTICE} WHERE d.id = $1 AND {OPEN} {FIRST}", doctor_id)
    if row is None:
        raise NoSuchDoctor
    return Practice.of(row)


async def practice_by_slug(slug: str) -> Practice:
    """Where patients see the doctor of this address; raises NoSuchDoctor, also when not approved."""
    row = (
        await fetch_one(f"{_PRACTICE} WHERE d.slug = $1 AND {OPEN} {FIRST}", slug) if is_slug(slug) else None
    )
    if row is None:
        raise NoSuchDoctor
    return Practice.of(row)


async def find_practice_of_user(user_id: UUID) -> Practice | None:
    """The open practice of the doctor who owns this account, or None before approval."""
    row = await fetch_one(f"{_PRACTICE} WHERE d.user_id = $1 AND {OPEN} {FIRST}", user_id)
    return Practice.of(row) if row else None


async def practice_of_user(user_id: UUID) -> Practice:
    """The open practice of the doctor who owns this account; raises NoOpenPractice."""
    practice = await find_practice_of_user(user_id)
    if practice is None:
        raise NoOpenPractice
    return practice


async def practices_of_clinic(clinic_id: UUID) -> list[Practice]:
    """Every open practice of a clinic, by the doctors' names."""
    rows = await fetch(f"{_PRACTICE} WHERE p.clinic_id = $1 AND {OPEN} ORDER BY d.name, p.id", clinic_id)
    return [Practice.of(row) for row in rows]


async def policies_of(practice_id: UUID) -> Policies:
    """What a practice decided for itself, beside what its clinic has; raises NotFound."""
    row = await fetch_one(
        """
        SELECT p.meeting_link, p.calendar_days, p.lead_minutes, p.walk_in_percent,
               c.calendar_days AS clinic_calendar_days, c.lead_minutes AS clinic_lead_minutes,
               c.walk_in_percent AS clinic_walk_in_percent
        FROM practices p JOIN clinics c ON c.id = p.clinic_id
        WHERE p.id = $1
        """,
        practice_id,
    )
    if row is None:
        raise NotFound
    return Policies.of(row)


async def get_clinic(clinic_id: UUID) -> Clinic:
    """A clinic by its id; raises NotFound."""
    row = await fetch_one(
        """
        SELECT id, slug, name, address, city, pincode, phone, time_zone AS zone, opening_text, calendar_days,
               lead_minutes, walk_in_percent
        FROM clinics WHERE id = $1
        """,
        clinic_id,
    )
    if row is None:
        raise NotFound
    return Clinic.of(row)


async def find_clinic(slug: str) -> UUID | None:
    """The clinic of this short name, or None."""
    clinic: UUID | None = await fetch_value("SELECT id FROM clinics WHERE slug = $1", slug)
    return clinic


async def clinic_of_staff(user_id: UUID) -> UUID:
    """The clinic a receptionist works for; raises NotFound."""
    clinic: UUID | None = await fetch_value("SELECT clinic_id FROM staff WHERE user_id = $1", user_id)
    if clinic is None:
        raise NotFound
    return clinic
