"""Visits the desk makes, for somebody without an account: written into the database as the desk would."""

from dataclasses import dataclass
from uuid import UUID

from app import clock
from app.booking.rules import new_code
from app.db.engine import fetch_value
from tests.factories import CastDoctor, a_slot, clinic_day


@dataclass(frozen=True)
class DeskVisit:
    """Somebody the desk wrote down, and the code on their slip."""

    person_id: UUID
    visit_id: UUID
    code: str


async def a_desk_person(name: str = "Lata Patil") -> UUID:
    """Somebody the desk wrote down, who has no account."""
    person: UUID = await fetch_value(
        "INSERT INTO persons (name, mobile, relation, created_at) "
        "VALUES ($1, '+919876500000', 'other', $2) RETURNING id",
        name,
        clock.now(),
    )
    return person


async def a_desk_visit(
    doctor: CastDoctor,
    person_id: UUID | None = None,
    *,
    at: str = "15:00",
    days_ahead: int = 1,
    status: str = "confirmed",
) -> DeskVisit:
    """A visit made at the desk, by nobody's account."""
    person = person_id or await a_desk_person()
    slot, on, code = await a_slot(doctor, at=at, days_ahead=days_ahead), clinic_day(days_ahead), new_code()
    visit_id: UUID = await fetch_value(
        """
        INSERT INTO appointments (code, practice_id, doctor_id, service_id, person_id, slot_id, starts_at,
            ends_at, on_date, status, amount_paise, created_at, changed_at)
        SELECT $2, practice_id, doctor_id, $3, $4, id, starts_at, ends_at, $5, $6, 0, $7, $7
        FROM slots WHERE id = $1 RETURNING id
        """,
        slot,
        code,
        doctor.service_id,
        person,
        on,
        status,
        clock.now(),
    )
    return DeskVisit(person, visit_id, code)
