"""Closed times: which visits lost theirs, what is to become of each, and how far that has come."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.db.paging import Paged
from app.errors import NotFound


@dataclass(frozen=True)
class Closing:
    """A closed time, with how many of its visits were moved, cancelled, left alone, or are still open."""

    id: UUID
    practice_id: UUID
    note: str
    by_id: UUID
    by_role: str
    created_at: datetime
    zone: str
    first_at: datetime
    last_at: datetime
    moved: int
    cancelled: int
    left: int
    open: int

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def visits(self) -> int:
        """How many visits lost their time."""
        return self.moved + self.cancelled + self.left + self.open


@dataclass(frozen=True)
class Move:
    """What the doctor chose for a visit that lost its time at `starts_at`: a slot, or None to cancel it."""

    closing_id: UUID
    appointment_id: UUID
    starts_at: datetime
    slot_id: UUID | None
    to_starts_at: datetime | None
    note: str
    by_id: UUID
    by_role: str


@dataclass(frozen=True)
class Displaced:
    """One visit that lost its time at `starts_at`; `to_starts_at` is where it is to go, or went."""

    closing_id: UUID
    appointment_id: UUID
    code: str
    person_id: UUID
    person_name: str
    service_name: str
    status: str
    starts_at: datetime
    wish: str
    slot_id: UUID | None
    to_starts_at: datetime | None
    outcome: str | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


_CLOSING = """
SELECT c.id, c.practice_id, c.note, c.by_id, c.by_role, c.created_at, cl.time_zone AS zone,
       min(v.starts_at) AS first_at, max(v.starts_at) AS last_at,
       count(*) FILTER (WHERE v.outcome = 'moved') AS moved,
       count(*) FILTER (WHERE v.outcome = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE v.outcome = 'left') AS left,
       count(*) FILTER (WHERE v.done_at IS NULL) AS open
FROM closings c
JOIN practices p ON p.id = c.practice_id
JOIN clinics cl ON cl.id = p.clinic_id
JOIN displaced_visits v ON v.closing_id = c.id
"""
_DISPLACED = """
SELECT v.closing_id, v.appointment_id, a.code, a.person_id, pe.name AS person_name, s.name AS service_name,
       a.status, v.starts_at, v.wish, v.slot_id, sl.starts_at AS to_starts_at, v.outcome
FROM displaced_visits v
JOIN appointments a ON a.id = v.appointment_id
JOIN persons pe ON pe.id = a.person_id
JOIN services s ON s.id = a.service_id
LEFT JOIN slots sl ON sl.id = v.slot_id
"""


async def get_closing(closing_id: UUID, *, practice_id: UUID) -> Closing:
    """A closed time of this practice; raises NotFound, also for another practice's."""
    row = await fetch_one(
        f"{_CLOSING} WHERE c.id = $1 AND c.practice_id = $2 GROUP BY c.id, cl.time_zone",
        closing_id,
        practice_id,
    )
    if row is None:
        raise NotFound
    return Closing.of(row)


async def closings_of(practice_id: UUID, *, page: int = 1, page_size: int = 50) -> Paged[Closing]:
    """One page of the closed times of a practice that had visits, the latest first.

    A page that is none is the nearest.
    """
    total = await fetch_value("SELECT count(*) FROM closings WHERE practice_id = $1", practice_id)
    number = min(max(page, 1), max(1, -(-total // page_size)))
    rows = await fetch(
        f"{_CLOSING} WHERE c.practice_id = $1 GROUP BY c.id, cl.time_zone "
        "ORDER BY c.created_at DESC, c.id LIMIT $2 OFFSET $3",
        practice_id,
        page_size,
        (number - 1) * page_size,
    )
    return Paged([Closing.of(row) for row in rows], number, page_size, total)


async def closing_progress(closing_id: UUID) -> list[Displaced]:
    """Every visit of a closed time and what became of it, by the time it had."""
    rows = await fetch(f"{_DISPLACED} WHERE v.closing_id = $1 ORDER BY v.starts_at, a.code", closing_id)
    return [Displaced.of(row) for row in rows]


async def find_move(closing_id: UUID, appointment_id: UUID) -> Move | None:
    """What is to become of a displaced visit, for as long as nothing has; else None."""
    row = await fetch_one(
        """
        SELECT v.closing_id, v.appointment_id, v.starts_at, v.slot_id, s.starts_at AS to_starts_at,
               c.note, c.by_id, c.by_role
        FROM displaced_visits v JOIN closings c ON c.id = v.closing_id LEFT JOIN slots s ON s.id = v.slot_id
        WHERE v.closing_id = $1 AND v.appointment_id = $2 AND v.done_at IS NULL
        """,
        closing_id,
        appointment_id,
    )
    return Move(**dict(row)) if row else None


async def open_moves(*, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """Closing and visit of what waits to be moved or cancelled, soonest first."""
    rows = await fetch(
        """
        SELECT closing_id, appointment_id FROM displaced_visits
        WHERE done_at IS NULL ORDER BY starts_at, appointment_id LIMIT $1
        """,
        limit,
    )
    return [(row["closing_id"], row["appointment_id"]) for row in rows]
