"""Calendars that roll on: with the days, with policies, and when the clock jumps."""

import asyncio
from contextvars import Context
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from app import clock
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.directory.services import change_practice
from app.errors import NotFound
from app.events import names
from app.events.actor import SYSTEM
from app.events.queries import events_of
from app.scheduling.jobs import extend_due
from app.scheduling.listeners import follow_policies
from app.scheduling.queries import calendars_due, slots_on
from app.scheduling.rules import Session
from app.scheduling.services import Made, extend, set_week
from tests.booking.visits import the_clock_at
from tests.factories import a_doctor, run_jobs
from tests.scheduling.calendars import (
    MONDAY,
    MONDAY_MORNING,
    a_practice,
    a_statement_waits,
    moment,
    times_on,
    told,
    working,
)

pytestmark = pytest.mark.usefixtures("on_a_monday")


async def test_the_share_for_people_who_walk_in_follows_the_clinic() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor))

    await execute("UPDATE clinics SET walk_in_percent = 25 WHERE id = $1", doctor.clinic_id)
    made = await extend(practice.id, now=clock.now())

    assert made == Made(0, 0, 4, is_seen=True)
    assert [slot.is_kept for slot in await slots_on(practice.id, MONDAY)] == [False, False, False, True]
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)


async def test_a_day_with_nothing_but_kept_times_is_not_told_as_open() -> None:
    doctor = await a_doctor()
    await execute("UPDATE clinics SET walk_in_percent = 90 WHERE id = $1", doctor.clinic_id)
    practice = await a_practice(doctor, days=1)
    late = [Session(0, time(9), time(9, 30), 30), Session(1, time(9), time(10), 30)]

    with the_clock_at(moment("08:00")):
        change = await set_week(practice, late, version=0, by=SYSTEM)

    assert change.opened_on == [MONDAY, MONDAY + timedelta(days=1)]
    kept = await fetch_value("SELECT count(*) FROM slots WHERE is_kept")
    assert kept == 1


async def test_a_policy_of_the_clinic_or_the_practice_reaches_the_slots() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=1))

    await change_practice(
        practice.id, meeting_link="", lead_minutes=None, calendar_days=5, walk_in_percent=25, by=SYSTEM
    )
    await set_clock(MONDAY_MORNING)
    await run_jobs()

    assert len(await times_on(practice, MONDAY + timedelta(days=5))) == 4
    assert [slot.is_kept for slot in await slots_on(practice.id, MONDAY)] == [False, False, False, True]


async def test_a_policy_changed_while_a_run_waits_for_the_calendar_holds_for_that_run() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor))
    async with transaction():
        await fetch("SELECT FROM calendars FOR UPDATE")
        waiting = asyncio.create_task(extend(practice.id, now=clock.now()), context=Context())
        await a_statement_waits()
        await execute("UPDATE clinics SET walk_in_percent = 25 WHERE id = $1", doctor.clinic_id)

    assert await waiting == Made(0, 0, 4, is_seen=True)


async def test_a_policy_changed_while_a_run_is_under_way_asks_for_another() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor))
    with the_clock_at(MONDAY_MORNING + timedelta(days=1)):
        await extend_due()
    for percent in (20, 25):
        await change_practice(practice.id, walk_in_percent=percent, by=SYSTEM)
        await execute("UPDATE pgqueuer SET status = 'picked'")
        [*_earlier, changed] = [
            event for event in await events_of(practice.id) if event.name == names.PRACTICE_CHANGED
        ]

        await follow_policies(changed)
        await follow_policies(changed)

        asked = await fetch("SELECT entrypoint FROM pgqueuer WHERE status = 'queued'")
        assert [job["entrypoint"] for job in asked] == ["scheduling.extend"]


async def test_open_pages_are_told_when_a_day_they_may_show_has_changed_and_not_when_one_more_is_made() -> (
    None
):
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor))
    told_before = len(await told(practice, names.CALENDAR_CHANGED))

    async def tells(days_later: int = 0) -> int:
        """How many events there are more since the week was saved."""
        await extend(practice.id, now=MONDAY_MORNING + timedelta(days=days_later))
        return len(await told(practice, names.CALENDAR_CHANGED)) - told_before

    assert await tells(days_later=1) == 0
    await execute("UPDATE clinics SET walk_in_percent = 25")
    assert await tells() == 1
    assert await tells() == 1
    await execute("DELETE FROM slots WHERE on_date = $1", MONDAY)
    assert await tells() == 2
    last = [event for event in await events_of(practice.id) if event.name == names.CALENDAR_CHANGED][-1]
    assert (last.by_role, last.facts) == ("system", {"doctor_id": str(doctor.doctor_id)})


async def test_many_calendars_are_handed_over_by_and_by_those_furthest_behind_first() -> None:
    practices = [await working(await a_practice()) for _practice in range(3)]
    for practice, days in zip(practices, (2, 0, 1), strict=True):
        behind = MONDAY + timedelta(days=days)
        await execute("UPDATE calendars SET made_until = $2 WHERE practice_id = $1", practice.id, behind)

    due = await calendars_due(now=MONDAY_MORNING, most=2)

    assert due == [practices[1].id, practices[2].id]


async def test_an_unknown_practice_has_no_calendar() -> None:
    with pytest.raises(NotFound):
        await extend(uuid4(), now=clock.now())


async def test_the_calendar_rolls_on_with_the_days_and_when_the_clock_jumps() -> None:
    practice = await working(await a_practice())
    await extend_due()
    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0, "nothing is due"

    await set_clock(MONDAY_MORNING + timedelta(days=10))
    await extend_due()
    await run_jobs()

    last = MONDAY + timedelta(days=13)
    assert len(await times_on(practice, last)) == 4
    assert await times_on(practice, last + timedelta(days=1)) == []
    assert await fetch_value("SELECT made_until FROM calendars") == last
    assert len(await told(practice, names.DAYS_OPENED)) == 1, "rolling on is nobody's act"


async def test_a_day_begins_by_the_clinics_own_clock() -> None:
    doctor = await a_doctor(zone="Pacific/Auckland")
    practice = await working(await a_practice(doctor))
    evening = datetime(2027, 2, 1, 10, 59, tzinfo=UTC)

    with the_clock_at(evening):
        await extend_due()
        assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0
    with the_clock_at(evening + timedelta(minutes=2)):
        await extend_due()
        await extend_due()
        assert await fetch_value("SELECT count(*) FROM pgqueuer") == 1, "and only once"
    assert practice.zone == "Pacific/Auckland"


async def test_a_closed_practice_rolls_no_further() -> None:
    practice = await working(await a_practice())
    await execute("UPDATE practices SET is_active = false WHERE id = $1", practice.id)

    with the_clock_at(MONDAY_MORNING + timedelta(days=10)):
        await extend_due()

    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0


async def test_a_clock_that_jumped_far_ahead_and_back_does_no_harm() -> None:
    practice = await working(await a_practice())
    await extend(practice.id, now=MONDAY_MORNING + timedelta(days=1500))

    await extend(practice.id, now=MONDAY_MORNING)

    assert len(await times_on(practice)) == 4
    assert await fetch_value("SELECT made_until FROM calendars") == MONDAY + timedelta(days=366)
    assert await extend(practice.id, now=MONDAY_MORNING) == Made(0, 0, 0)
