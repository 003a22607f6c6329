"""Reading what is offered; whether it is free is another room's question."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one
from app.scheduling.errors import NoSuchSlot
from app.scheduling.rules import Range


@dataclass(frozen=True)
class Slot:
    """A time a practice offers, in UTC; `on_date` is the clinic's day. Withdrawn ones are kept."""

    id: UUID
    practice_id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    on_date: date
    is_withdrawn: bool = False


_SLOT = """
SELECT id, practice_id, doctor_id, starts_at, ends_at, on_date, withdrawn_at IS NOT NULL AS is_withdrawn
FROM slots
"""


def slot_of(row: Record) -> Slot:
    """A slot from a row that has a column for each field."""
    return Slot(**dict(row))


async def slots_on(practice_id: UUID, on: date) -> list[Slot]:
    """What a practice offers on one of the clinic's days, earliest first."""
    sql = _SLOT + "WHERE practice_id = $1 AND on_date = $2 AND withdrawn_at IS NULL ORDER BY starts_at"
    return [slot_of(row) for row in await fetch(sql, practice_id, on)]


async def get_slot(slot_id: UUID) -> Slot:
    """A slot by its id, also a withdrawn one; raises NoSuchSlot."""
    row = await fetch_one(_SLOT + "WHERE id = $1", slot_id)
    if row is None:
        raise NoSuchSlot
    return slot_of(row)


async def lock_slot(slot_id: UUID, mode: Literal["SHARE", "UPDATE"]) -> Slot:
    """A slot that stays as it is until the transaction ends; raises NoSuchSlot.

    SHARE for those who claim it, UPDATE for who withdraws it: so the two never pass each other.
    """
    row = await fetch_one(f"{_SLOT} WHERE id = $1 FOR {mode}", slot_id)
    if row is None:
        raise NoSuchSlot
    return slot_of(row)


async def days_offered(practice_id: UUID, *, first: date, last: date) -> dict[date, int]:
    """How many times a practice offers on each of its days from `first` to `last`, those without left out."""
    rows = await fetch(
        "SELECT on_date, count(*) AS times FROM slots WHERE practice_id = $1 AND on_date BETWEEN $2 AND $3 "
        "AND withdrawn_at IS NULL GROUP BY on_date",
        practice_id,
        first,
        last,
    )
    return {row["on_date"]: row["times"] for row in rows}


async def offered_between(doctor_id: UUID, start: datetime, end: datetime) -> list[Range]:
    """What a doctor offers anywhere that touches a stretch of time, earliest first."""
    rows = await fetch(
        "SELECT starts_at, ends_at FROM slots WHERE doctor_id = $1 AND withdrawn_at IS NULL "
        "AND starts_at < $3 AND ends_at > $2 ORDER BY starts_at",
        doctor_id,
        start,
        end,
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]
