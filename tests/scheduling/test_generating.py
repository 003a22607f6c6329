"""Random weeks on a real database: made once, made twice, made by two workers, changed and changed back."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as some

from app import clock
from app.db.engine import execute, fetch
from app.directory.queries import Practice, get_practice
from app.errors import Invalid
from app.events.actor import SYSTEM
from app.scheduling.queries import exceptions_of, week_of
from app.scheduling.rules import CalendarException, Session, check_exception, wanted
from app.scheduling.services import Made, add_exception, end_exception, extend, offer, set_week, withdraw
from tests.booking.visits import the_clock_at
from tests.factories import a_doctor
from tests.scheduling.weeks import exceptions_near, weeks, zones_and_days

DAYS = 4
few = settings(max_examples=max(5, settings().max_examples // 20))
"""Each example saves a handful of weeks: a twentieth of what pure decisions get."""


@some.composite
def situations(draw: some.DrawFn) -> tuple[list[Session], ZoneInfo, datetime]:
    """A week, a zone and a moment of a day in it."""
    zone, day = draw(zones_and_days())
    minute = draw(some.integers(0, 24 * 60 - 1))
    moment = clock.at(day, time(minute // 60, minute % 60), zone)
    return draw(weeks().filter(bool)), zone, moment


async def a_practice(zone: ZoneInfo) -> Practice:
    """A fresh practice in a zone, with a window of a few days and every fifth slot kept."""
    doctor = await a_doctor(zone=zone.key)
    await execute(
        "UPDATE clinics SET calendar_days = $2, walk_in_percent = 20 WHERE id = $1", doctor.clinic_id, DAYS
    )
    return await get_practice(doctor.practice_id)


async def offered(practice: Practice) -> list[dict[str, Any]]:
    """Every live slot as a plain row without its id, earliest first."""
    rows = await fetch(
        "SELECT on_date, starts_at, ends_at, covers_until, is_kept, origin FROM slots "
        "WHERE practice_id = $1 AND withdrawn_at IS NULL ORDER BY starts_at",
        practice.id,
    )
    return [dict(row) for row in rows]


def as_wanted(
    sessions: Sequence[Session], exceptions: Sequence[CalendarException], zone: ZoneInfo, now: datetime
) -> list[dict[str, Any]]:
    """What should be there."""
    today = clock.day_of(now, zone)
    slots = wanted(
        sessions, exceptions, zone, first=today, last=today + timedelta(days=DAYS), walk_in_percent=20
    )
    return [{**vars(slot), "origin": "rule"} for slot in slots if slot.starts_at > now]


@few
@given(situation=situations())
async def test_what_is_made_is_what_is_wanted_and_a_second_run_changes_nothing(
    situation: tuple[list[Session], ZoneInfo, datetime],
) -> None:
    week, zone, now = situation
    practice = await a_practice(zone)
    with the_clock_at(now):
        await set_week(practice, week, version=0, by=SYSTEM)

    made = await offered(practice)

    assert made == as_wanted(week, [], zone, now)
    ids = await fetch("SELECT id, xmin::text FROM slots WHERE practice_id = $1 ORDER BY id", practice.id)
    assert await extend(practice.id, now=now + timedelta(seconds=1)) == Made(0, 0, 0)
    assert (
        await fetch("SELECT id, xmin::text FROM slots WHERE practice_id = $1 ORDER BY id", practice.id) == ids
    )


@few
@given(situation=situations())
async def test_two_workers_at_once_make_everything_once(
    situation: tuple[list[Session], ZoneInfo, datetime],
) -> None:
    week, zone, now = situation
    practice = await a_practice(zone)
    with the_clock_at(now):
        await set_week(practice, week, version=0, by=SYSTEM)
    await execute("DELETE FROM slots WHERE practice_id = $1", practice.id)

    runs = await asyncio.gather(*(extend(practice.id, now=now) for _worker in range(3)))

    made = await offered(practice)
    assert made == as_wanted(week, [], zone, now)
    assert sorted(run.added for run in runs) == [0, 0, len(made)]


@few
@given(situation=situations(), later=some.integers(1, 6))
async def test_rolling_on_makes_what_a_fresh_start_would(
    situation: tuple[list[Session], ZoneInfo, datetime], later: int
) -> None:
    week, zone, now = situation
    practice = await a_practice(zone)
    with the_clock_at(now):
        await set_week(practice, week, version=0, by=SYSTEM)

    moved = now + timedelta(days=later)
    run = await extend(practice.id, now=moved)

    assert run.withdrawn == run.adjusted == 0
    assert [slot for slot in await offered(practice) if slot["starts_at"] > moved] == as_wanted(
        week, [], zone, moved
    )


@few
@given(situation=situations(), other=weeks(), data=some.data())
async def test_a_week_changed_and_changed_back_is_as_it_was_but_for_hand_work(
    situation: tuple[list[Session], ZoneInfo, datetime], other: list[Session], data: some.DataObject
) -> None:
    week, zone, now = situation
    practice = await a_practice(zone)
    with the_clock_at(now):
        await set_week(practice, week, version=0, by=SYSTEM)
        by_hand = await _offer_somewhere(practice, data)
        removed = await _remove_one(practice, data)
        before = await offered(practice)
        left = [row["starts_at"] for row in before]
        changed = await set_week(practice, other, version=1, by=SYSTEM)
        between = await offered(practice)
        version = (await week_of(practice.id)).version  # the other week may be the same
        await set_week(practice, week, version=version, by=SYSTEM)

    assert await offered(practice) == before
    assert removed not in left
    for rows in (before, between):
        assert [row["starts_at"] for row in rows if row["origin"] == "hand"] == by_hand
    assert all(end > now for _start, end in changed.lost)


async def _offer_somewhere(practice: Practice, data: some.DataObject) -> list[datetime]:
    """Offer one time by hand where there is room for it; none where there is not."""
    minute = data.draw(some.integers(0, 24 * 60 - 1), label="offered by hand")
    on = clock.day_of(clock.now(), practice.zone_info) + timedelta(days=1)
    try:
        slots = await offer(
            practice, on, [f"{minute // 60:02}:{minute % 60:02}"], duration_minutes=7, by=SYSTEM
        )
    except Invalid:
        return []
    return [slot.starts_at for slot in slots]


async def _remove_one(practice: Practice, data: some.DataObject) -> datetime | None:
    rows = await fetch(
        "SELECT id, starts_at FROM slots WHERE practice_id = $1 AND origin = 'rule' AND withdrawn_at IS NULL "
        "ORDER BY starts_at",
        practice.id,
    )
    if not rows:
        return None
    row = rows[data.draw(some.integers(0, len(rows) - 1), label="removed by hand")]
    slot_id: UUID = row["id"]
    await withdraw(slot_id, by=SYSTEM)
    moment: datetime = row["starts_at"]
    return moment


@few
@given(situation=situations(), data=some.data())
async def test_exceptions_taken_and_taken_back_leave_the_week_as_it_was(
    situation: tuple[list[Session], ZoneInfo, datetime], data: some.DataObject
) -> None:
    week, zone, now = situation
    day = clock.day_of(now, zone)
    exceptions = [one for one in data.draw(exceptions_near(day)) if _fits(one, zone, now)]
    assume(exceptions)
    practice = await a_practice(zone)
    with the_clock_at(now):
        await set_week(practice, week, version=0, by=SYSTEM)
        before = await offered(practice)
        taken, ids = [], set()
        for exception in exceptions:
            try:
                change = await add_exception(practice, exception, by=SYSTEM)
            except Invalid:
                continue  # an extra day that meets leave or another extra day
            taken.append(exception)
            ids.add(change.exception_id)
            assert await offered(practice) == as_wanted(week, taken, zone, now)
        for exception_id in ids:
            assert exception_id is not None
            await end_exception(exception_id, practice=practice, by=SYSTEM)

    assert await offered(practice) == before
    assert await exceptions_of(practice.id, first=day) == []


def _fits(exception: CalendarException, zone: ZoneInfo, now: datetime) -> bool:
    try:
        check_exception(exception, now=now, zone=zone, calendar_days=DAYS)
    except Invalid:
        return False
    return True
