"""Visits that lose their time: who they are, where they could go, and how far their moving has come."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from asyncpg import Record

from app.booking.proposing import Claims, Free, Homeless, others_for, propose
from app.booking.queries import free_terms
from app.booking.queries.visits import visits_in
from app.booking.rows import OpenSlot, Visit
from app.booking.rules import COMING, MOVABLE
from app.db.engine import fetch, fetch_one
from app.directory.queries import Practice
from app.errors import NotFound

DISPLACED = MOVABLE | {"held"}
"""States in which a visit loses its time with the calendar; who is at the clinic already is seen there."""

NOTICE = timedelta(hours=2)
"""Nobody is moved to a time sooner than this, unless the doctor chooses it: the letter must be read first."""

OTHER_DAYS = 3
"""Days of which a further time is offered to choose from."""

Range = tuple[datetime, datetime]


@dataclass(frozen=True)
class Places:
    """Where visits could go: a time proposed for each, or None, and a few others that nobody was given."""

    proposals: dict[UUID, OpenSlot | None]
    others: dict[UUID, list[OpenSlot]]


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


async def affected(practice_id: UUID, lost: Sequence[Range], *, now: datetime) -> list[Visit]:
    """The visits and running holds of a practice that lie in time it loses and have not begun, by time."""
    return await visits_in(practice_id, lost, statuses=DISPLACED, now=now) if lost else []


async def places_for(
    visits: Sequence[Visit],
    *,
    practice: Practice,
    near: Mapping[UUID, datetime] | None = None,
    now: datetime,
) -> Places:
    """A time for each visit that can be moved, near its own, or near the one chosen for it.

    Never the same time twice, nor one that a visit displaced earlier is on its way to. Times are free as
    patients find them, so neither kept back nor too soon. Read it after the calendar was changed.
    """
    chosen = near or {}
    movable = [visit for visit in visits if visit.status in MOVABLE]
    engaged = await _engagements(movable, now=now)
    homeless = [_homeless(visit, chosen, engaged) for visit in movable]
    free = await _free_times(practice.id, {one.length for one in homeless}, now=now)
    claims = Claims.of(await _claimed(practice.doctor_id, besides=[visit.id for visit in visits]))
    chosen_first = sorted(homeless, key=lambda one: one.id not in chosen)
    proposals = propose(chosen_first, free, claims)
    others = {
        one.id: others_for(one, free, claims, zone=practice.zone_info, days=OTHER_DAYS) for one in homeless
    }
    return Places(proposals, others)


async def proposals(
    visits: Sequence[Visit],
    *,
    practice: Practice,
    near: Mapping[UUID, datetime] | None = None,
    now: datetime,
) -> dict[UUID, OpenSlot | None]:
    """As `places_for`, the proposed times alone."""
    return (await places_for(visits, practice=practice, near=near, now=now)).proposals


def _homeless(visit: Visit, chosen: Mapping[UUID, datetime], engaged: Mapping[UUID, list[Range]]) -> Homeless:
    near = chosen.get(visit.id) or visit.starts_at or visit.created_at
    length = timedelta(minutes=visit.minutes)
    return Homeless(visit.id, near, length, tuple(engaged.get(visit.person_id, ())))


async def _free_times(practice_id: UUID, lengths: Collection[timedelta], *, now: datetime) -> Free:
    return {length: await _free_for(practice_id, length, now=now) for length in lengths}


async def _free_for(practice_id: UUID, length: timedelta, *, now: datetime) -> list[OpenSlot]:
    rows = await fetch(
        f"""
        SELECT s.id, s.starts_at, s.ends_at FROM {free_terms.SLOTS} JOIN doctors d ON d.id = p.doctor_id
        WHERE p.id = $3 AND p.is_active AND d.approved_at IS NOT NULL AND s.starts_at >= $4
          AND {free_terms.free("$2::interval")}
        ORDER BY s.starts_at
        """,
        now,
        length,
        practice_id,
        now + NOTICE,
    )
    return [OpenSlot(row["id"], row["starts_at"], row["ends_at"]) for row in rows]


async def _claimed(doctor_id: UUID, *, besides: Sequence[UUID]) -> list[Range]:
    """Times that displaced visits are on their way to."""
    rows = await fetch(
        """
        SELECT s.starts_at, s.starts_at + (a.ends_at - a.starts_at) AS ends_at
        FROM displaced_visits v
        JOIN slots s ON s.id = v.slot_id
        JOIN appointments a ON a.id = v.appointment_id
        WHERE v.done_at IS NULL AND a.doctor_id = $1 AND a.starts_at IS NOT NULL AND a.id <> ALL($2)
        """,
        doctor_id,
        list(besides),
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]


async def _engagements(visits: Sequence[Visit], *, now: datetime) -> dict[UUID, list[Range]]:
    """What the visits' patients have ahead elsewhere, by person."""
    rows = await fetch(
        """
        SELECT a.person_id, a.starts_at, a.ends_at FROM appointments a
        WHERE a.person_id = ANY($1) AND a.id <> ALL($2) AND a.status = ANY($3) AND a.ends_at > $4
          AND NOT (a.status = 'held' AND a.hold_expires_at <= $4)
        """,
        list({visit.person_id for visit in visits}),
        [visit.id for visit in visits],
        list(COMING),
        now,
    )
    found: dict[UUID, list[Range]] = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append((row["starts_at"], row["ends_at"]))
    return found


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
SELECT v.closing_id, v.appointment_id, a.code, pe.name AS person_name, s.name AS service_name, a.status,
       v.starts_at, v.wish, v.slot_id, sl.starts_at AS to_starts_at, v.outcome
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


async def closings_of(practice_id: UUID, *, limit: int = 50) -> list[Closing]:
    """The closed times of a practice that had visits, the latest first."""
    rows = await fetch(
        f"{_CLOSING} WHERE c.practice_id = $1 GROUP BY c.id, cl.time_zone ORDER BY c.created_at DESC "
        "LIMIT $2",
        practice_id,
        limit,
    )
    return [Closing.of(row) for row in rows]


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
