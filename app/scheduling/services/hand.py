"""Times typed by hand: offered, and taken back."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import ExclusionViolationError

from app import clock
from app.db.engine import fetch, fetch_one, fetch_value, transaction
from app.db.retry import retried
from app.directory.queries import Practice
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.scheduling.errors import NoSuchSlot
from app.scheduling.queries import Slot, offered_between, slot_of
from app.scheduling.rules import Range, check_day, check_duration, describe_overlap, place
from app.scheduling.services.making import NO_OVERLAP
from app.scheduling.services.opened import tell_days_opened


@retried
async def offer(
    practice: Practice, on: date, times: Sequence[str], *, duration_minutes: int, by: Actor
) -> list[Slot]:
    """Offer several times of one day, all of them or none; gives them back, earliest first.

    `times` are `HH:MM` in the clinic's zone. Whether one overlaps what is offered already, two presses at
    once included, is decided by the constraint. Raises Invalid at the fields date, time_slots or
    duration_minutes.
    """
    now = clock.now()
    check_duration(duration_minutes)
    check_day(on, today=clock.day_of(now, practice.zone_info), calendar_days=practice.calendar_days)
    ranges = place(on, times, practice.zone_info, lasting=duration_minutes, now=now)
    try:
        async with transaction():
            is_new_day = not await _has_bookable(practice.id, on, now=now)
            slots = await _insert(practice, on, ranges)
            facts = {"on": on, "slot_ids": [slot.id for slot in slots], "doctor_id": practice.doctor_id}
            await publish(names.SLOTS_ADDED, practice.id, by=by, facts=facts)
            await tell_days_opened(practice.id, practice.doctor_id, [on] if is_new_day else [], by=by)
    except ExclusionViolationError as taken:
        if taken.constraint_name != NO_OVERLAP:
            raise
        offered = await offered_between(practice.doctor_id, ranges[0][0], ranges[-1][1])
        raise describe_overlap(ranges, offered, practice.zone_info) from taken
    return slots


async def _has_bookable(practice_id: UUID, on: date, *, now: datetime) -> bool:
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM slots WHERE practice_id = $1 AND on_date = $2 AND starts_at > $3 "
        "AND NOT is_kept AND withdrawn_at IS NULL)",
        practice_id,
        on,
        now,
    )
    return found


async def _insert(practice: Practice, on: date, ranges: Sequence[Range]) -> list[Slot]:
    rows = await fetch(
        "INSERT INTO slots (practice_id, doctor_id, starts_at, ends_at, on_date, created_at) "
        "SELECT $1, $2, starts_at, ends_at, $3, $4 "
        "FROM unnest($5::timestamptz[], $6::timestamptz[]) AS t (starts_at, ends_at) "
        "RETURNING id, practice_id, doctor_id, starts_at, ends_at, on_date, false AS is_withdrawn",
        practice.id,
        practice.doctor_id,
        on,
        clock.now(),
        [start for start, _end in ranges],
        [end for _start, end in ranges],
    )
    return sorted((slot_of(row) for row in rows), key=lambda slot: slot.starts_at)


async def withdraw(slot_id: UUID, *, by: Actor) -> None:
    """Offer a time no longer; whoever calls has made sure that nobody holds or booked it.

    Raises NoSuchSlot, also for one withdrawn already.
    """
    async with transaction():
        done = await fetch_one(
            "UPDATE slots SET withdrawn_at = $2, withdrawn_by = 'hand' "
            "WHERE id = $1 AND withdrawn_at IS NULL RETURNING practice_id, starts_at",
            slot_id,
            clock.now(),
        )
        if done is None:
            raise NoSuchSlot
        await publish(names.SLOT_REMOVED, slot_id, by=by, facts=dict(done))
