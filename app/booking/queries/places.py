"""Visits that lose their time: who they are, and where each could go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.booking.queries import free_terms
from app.booking.queries.visits import visits_in
from app.booking.rows import OpenSlot, Visit
from app.booking.rules import COMING, MOVABLE, Homeless, others, propose, times_left
from app.db.engine import fetch
from app.directory.queries import Practice
from app.scheduling.rules import Range

DISPLACED = MOVABLE | {"held"}
"""States in which a visit loses its time with the calendar; who is at the clinic already is seen there."""

NOTICE = timedelta(hours=2)
"""Nobody is moved to a time sooner than this, unless the doctor chooses it: the letter must be read first."""

OTHER_DAYS = 3
"""Days of which a further time is offered to choose from."""


@dataclass(frozen=True)
class Places:
    """Where visits could go: a time proposed for each, or None, and a few others that nobody was given."""

    proposals: dict[UUID, OpenSlot | None]
    others: dict[UUID, list[OpenSlot]]


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
    times = times_left(free, await _claimed(practice.doctor_id, besides=[visit.id for visit in visits]))
    chosen_first = sorted(homeless, key=lambda one: one.id not in chosen)
    proposed = propose(chosen_first, times)
    return Places(proposed, others(homeless, times, zone=practice.zone_info, days=OTHER_DAYS))


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


async def _free_times(
    practice_id: UUID, lengths: Collection[timedelta], *, now: datetime
) -> dict[timedelta, list[OpenSlot]]:
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
