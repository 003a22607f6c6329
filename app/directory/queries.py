"""Reading the directory. Patients are shown approved doctors with an active practice, and nobody else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.directory.errors import NoOpenPractice, NoSuchDoctor, NoSuchService
from app.directory.rules import is_slug
from app.errors import NotFound


@dataclass(frozen=True)
class Practice:
    """A doctor at a clinic, as every other room needs it; `zone` is the name of the clinic's time zone."""

    id: UUID
    doctor_id: UUID
    doctor_user_id: UUID
    doctor_name: str
    doctor_slug: str
    speciality: str
    designation: str
    clinic_id: UUID
    clinic_name: str
    clinic_address: str
    clinic_city: str
    clinic_pincode: str
    clinic_phone: str
    zone: str
    calendar_days: int
    approves_visits: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def zone_info(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Doctor:
    """What a doctor's own page says beside the practice; `is_approved` tells whether patients see it."""

    id: UUID
    user_id: UUID
    slug: str
    name: str
    speciality: str
    designation: str
    qualifications: str
    registration_number: str
    about: str
    languages: list[str]
    is_approved: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Service:
    """What a practice offers: how long it lasts, what it costs, in_person or video."""

    id: UUID
    practice_id: UUID
    name: str
    description: str
    duration_minutes: int
    fee_paise: int
    mode: str

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class DoctorPage:
    """One page of the list of doctors, and how many there are on all pages."""

    items: list[Practice]
    page: int
    page_size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages the list has, at least one."""
        return max(1, -(-self.total // self.page_size))


_PRACTICE = """
SELECT p.id, p.doctor_id, d.user_id AS doctor_user_id, d.name AS doctor_name, d.slug AS doctor_slug,
       d.speciality, d.designation, p.clinic_id, c.name AS clinic_name, c.address AS clinic_address,
       c.city AS clinic_city, c.pincode AS clinic_pincode, c.phone AS clinic_phone, c.time_zone AS zone,
       c.calendar_days, p.approves_visits, p.created_at
FROM practices p JOIN doctors d ON d.id = p.doctor_id JOIN clinics c ON c.id = p.clinic_id
"""
_OPEN = "d.approved_at IS NOT NULL AND p.is_active"
_FIRST = "ORDER BY p.created_at, p.id LIMIT 1"
"""Pages offer one practice of a doctor: the one that came first."""

_DOCTOR = """
SELECT id, user_id, slug, name, speciality, designation, qualifications, registration_number, about,
       languages, approved_at IS NOT NULL AS is_approved
FROM doctors
"""
_SERVICE = "SELECT id, practice_id, name, description, duration_minutes, fee_paise, mode FROM services "
_IN_ORDER = "ORDER BY position, created_at, id"


async def get_practice(practice_id: UUID) -> Practice:
    """A practice by its id, whether open to patients or not; raises NotFound."""
    row = await fetch_one(_PRACTICE + "WHERE p.id = $1", practice_id)
    if row is None:
        raise NotFound
    return Practice.of(row)


async def practice_of_doctor(doctor_id: UUID) -> Practice:
    """Where patients see this doctor; raises NoSuchDoctor, also when not approved."""
    row = await fetch_one(f"{_PRACTICE} WHERE d.id = $1 AND {_OPEN} {_FIRST}", doctor_id)
    if row is None:
        raise NoSuchDoctor
    return Practice.of(row)


async def practice_by_slug(slug: str) -> Practice:
    """Where patients see the doctor of this address; raises NoSuchDoctor, also when not approved."""
    row = (
        await fetch_one(f"{_PRACTICE} WHERE d.slug = $1 AND {_OPEN} {_FIRST}", slug)
        if is_slug(slug)
        else None
    )
    if row is None:
        raise NoSuchDoctor
    return Practice.of(row)


async def find_practice_of_user(user_id: UUID) -> Practice | None:
    """The open practice of the doctor who owns this account, or None before approval."""
    row = await fetch_one(f"{_PRACTICE} WHERE d.user_id = $1 AND {_OPEN} {_FIRST}", user_id)
    return Practice.of(row) if row else None


async def practice_of_user(user_id: UUID) -> Practice:
    """The open practice of the doctor who owns this account; raises NoOpenPractice."""
    practice = await find_practice_of_user(user_id)
    if practice is None:
        raise NoOpenPractice
    return practice


async def practices_of_clinic(clinic_id: UUID) -> list[Practice]:
    """Every open practice of a clinic, by the doctors' names."""
    rows = await fetch(f"{_PRACTICE} WHERE p.clinic_id = $1 AND {_OPEN} ORDER BY d.name, p.id", clinic_id)
    return [Practice.of(row) for row in rows]


async def clinic_of_staff(user_id: UUID) -> UUID:
    """The clinic a receptionist works for; raises NotFound."""
    clinic: UUID | None = await fetch_value("SELECT clinic_id FROM staff WHERE user_id = $1", user_id)
    if clinic is None:
        raise NotFound
    return clinic


async def find_clinic(slug: str) -> UUID | None:
    """The clinic of this short name, or None."""
    clinic: UUID | None = await fetch_value("SELECT id FROM clinics WHERE slug = $1", slug)
    return clinic


async def get_doctor(doctor_id: UUID) -> Doctor:
    """What a doctor says of herself; raises NoSuchDoctor."""
    row = await fetch_one(_DOCTOR + "WHERE id = $1", doctor_id)
    if row is None:
        raise NoSuchDoctor
    return Doctor.of(row)


async def find_doctor_of_user(user_id: UUID) -> Doctor | None:
    """The doctor who owns this account, approved or not, or None."""
    row = await fetch_one(_DOCTOR + "WHERE user_id = $1", user_id)
    return Doctor.of(row) if row else None


async def doctor_page(
    *, page: int = 1, page_size: int = 20, speciality: str | None = None, city: str | None = None
) -> DoctorPage:
    """Doctors whom patients can see, by name; `page` counts from 1, one beyond the last is empty."""
    source = f"""
        FROM (SELECT DISTINCT ON (q.doctor_id) q.* FROM ({_PRACTICE} WHERE {_OPEN}) q
              ORDER BY q.doctor_id, q.created_at, q.id) o
        WHERE ($1::text IS NULL OR o.speciality = $1)
          AND ($2::text IS NULL OR lower(o.clinic_city) = lower($2))
    """
    total = await fetch_value(f"SELECT count(*) {source}", speciality, city)
    rows = await fetch(
        f"SELECT o.* {source} ORDER BY o.doctor_name, o.doctor_id LIMIT $3 OFFSET $4",
        speciality,
        city,
        page_size,
        (page - 1) * page_size,
    )
    return DoctorPage([Practice.of(row) for row in rows], page, page_size, total)


async def services_of(practice_id: UUID) -> list[Service]:
    """What a practice offers today, in its own order."""
    return (await services_by_practice([practice_id]))[practice_id]


async def services_by_practice(practice_ids: Iterable[UUID]) -> defaultdict[UUID, list[Service]]:
    """What several practices offer today, each in its own order; nothing is an empty list."""
    found: defaultdict[UUID, list[Service]] = defaultdict(list)
    rows = await fetch(
        f"{_SERVICE} WHERE practice_id = ANY($1::uuid[]) AND retired_at IS NULL {_IN_ORDER}",
        list(practice_ids),
    )
    for row in rows:
        found[row["practice_id"]].append(Service.of(row))
    return found


async def get_service(service_id: UUID, *, practice_id: UUID) -> Service:
    """A service this practice offers today; raises NoSuchService."""
    row = await fetch_one(
        f"{_SERVICE} WHERE id = $1 AND practice_id = $2 AND retired_at IS NULL", service_id, practice_id
    )
    if row is None:
        raise NoSuchService
    return Service.of(row)


def first_service(services: list[Service]) -> Service | None:
    """The one that counts when nobody has chosen: the first in person, else the first; None without any."""
    return next((one for one in services if one.mode == "in_person"), services[0] if services else None)


async def default_service(practice_id: UUID) -> Service:
    """What a booking that names no service takes; raises NoSuchService when the practice offers nothing."""
    service = first_service(await services_of(practice_id))
    if service is None:
        raise NoSuchService
    return service
