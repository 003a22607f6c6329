"""What is ahead, and who has something ahead: an account that wants to leave, a doctor, a person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.booking.rules import COMING
from app.db.engine import fetch, fetch_one, fetch_value

AHEAD = """a.status = ANY($3)
    AND (a.ends_at > $2
         OR ((a.ends_at IS NULL OR a.status IN ('checked_in', 'in_consultation'))
             AND a.on_date >= ($2 AT TIME ZONE c.time_zone)::date))
    AND NOT (a.status = 'held' AND a.hold_expires_at <= $2)"""
"""What is ahead at $2 of visits `a` at clinics `c`; $3 are the states of visits to come.

One without a time is over with its day, and so is one that began and that nobody wrote the end of.
"""


@dataclass(frozen=True)
class Ahead:
    """A visit to come; `is_own` where the account itself booked it and so may cancel it."""

    id: UUID
    code: str
    status: str
    starts_at: datetime | None
    on_date: date
    zone: str
    doctor_name: str
    clinic_name: str
    clinic_phone: str
    is_own: bool


@dataclass(frozen=True)
class PatientsAhead:
    """How many visits of patients a doctor has ahead, and the first and last day of them."""

    visits: int
    first_on: date
    last_on: date


async def ahead_of(user_id: UUID, *, now: datetime) -> list[Ahead]:
    """The visits and living holds an account has ahead, for and by whomever, soonest first."""
    rows = await fetch(
        f"""
        SELECT a.id, a.code, a.status, a.starts_at, a.on_date, c.time_zone AS zone, d.name AS doctor_name,
               c.name AS clinic_name, c.phone AS clinic_phone,
               a.booked_by_id IS NOT DISTINCT FROM $1 AS is_own
        FROM appointments a
        JOIN persons pe ON pe.id = a.person_id JOIN practices p ON p.id = a.practice_id
        JOIN clinics c ON c.id = p.clinic_id JOIN doctors d ON d.id = a.doctor_id
        WHERE (a.booked_by_id = $1 OR pe.account_id = $1) AND {AHEAD}
        ORDER BY a.on_date, a.starts_at, a.id
        """,
        user_id,
        now,
        list(COMING),
    )
    return [Ahead(**dict(row)) for row in rows]


async def patients_ahead_of(doctor_user_id: UUID, *, now: datetime) -> PatientsAhead | None:
    """What the doctor of this account has ahead, or None where nobody comes any more."""
    row = await fetch_one(
        f"""
        SELECT count(*) AS visits, min(a.on_date) AS first_on, max(a.on_date) AS last_on
        FROM appointments a
        JOIN practices p ON p.id = a.practice_id JOIN clinics c ON c.id = p.clinic_id
        JOIN doctors d ON d.id = a.doctor_id
        WHERE d.user_id = $1 AND {AHEAD}
        """,
        doctor_user_id,
        now,
        list(COMING),
    )
    return PatientsAhead(**dict(row)) if row and row["visits"] else None


async def is_expected(person_id: UUID, *, now: datetime) -> bool:
    """Whether somebody has a visit ahead, a running hold included, or is being seen."""
    found: bool = await fetch_value(
        f"""
        SELECT EXISTS (
            SELECT FROM appointments a
            JOIN practices p ON p.id = a.practice_id JOIN clinics c ON c.id = p.clinic_id
            WHERE a.person_id = $1 AND {AHEAD})
        """,
        person_id,
        now,
        list(COMING),
    )
    return found
