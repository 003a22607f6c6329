"""A doctor saves a week on a real database, and the slots follow."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from uuid import uuid4

import pytest

from app.errors import Invalid
from app.events import names
from app.events.actor import SYSTEM
from app.scheduling.errors import CalendarChanged
from app.scheduling.queries import slots_on, week_of
from app.scheduling.rules import Session
from app.scheduling.services import set_week
from tests.booking.visits import the_clock_at
from tests.scheduling.calendars import MONDAY, MORNINGS, a_practice, moment, times_on, told, working
from tests.scheduling.weeks import without_rows

pytestmark = pytest.mark.usefixtures("on_a_monday")


async def test_a_week_becomes_slots_up_to_the_end_of_the_window() -> None:
    practice = await a_practice()

    change = await set_week(practice, MORNINGS, version=0, by=SYSTEM)

    assert (change.added, change.withdrawn, change.lost) == (16, 0, [])
    assert change.opened_on == [MONDAY + timedelta(days=number) for number in range(4)]
    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]
    assert await times_on(practice, MONDAY + timedelta(days=4)) == []
    assert [slot.origin for slot in await slots_on(practice.id, MONDAY)] == ["rule"] * 4
    [opened] = await told(practice, names.DAYS_OPENED)
    assert opened == {
        "doctor_id": str(practice.doctor_id),
        "days": [day.isoformat() for day in change.opened_on],
    }
    [changed] = await told(practice, names.CALENDAR_CHANGED)
    assert changed["version"] == 1


async def test_a_week_is_read_as_it_was_saved() -> None:
    practice = await a_practice()
    breaks = ((time(10), time(10, 10)), (time(11), time(11, 30)))
    week = [Session(0, time(9), time(13), 20, 5, breaks), Session(6, time(17), time(19), 15)]
    assert await week_of(practice.id) == await week_of(uuid4())

    await set_week(practice, week[::-1], version=0, by=SYSTEM)

    saved = await week_of(practice.id)
    assert (without_rows(saved.sessions), saved.version) == (week, 1)


async def test_a_week_saved_again_changes_nothing_and_tells_nothing() -> None:
    practice = await working(await a_practice())
    rows = [session.id for session in (await week_of(practice.id)).sessions]

    change = await set_week(practice, MORNINGS, version=1, by=SYSTEM)

    assert (change.added, change.withdrawn, change.opened_on) == (0, 0, [])
    assert [session.id for session in (await week_of(practice.id)).sessions] == rows
    assert len(await told(practice, names.CALENDAR_CHANGED)) == 1


async def test_the_second_of_two_windows_is_told_that_the_week_changed() -> None:
    practice = await working(await a_practice())

    with pytest.raises(CalendarChanged):
        await set_week(practice, [], version=0, by=SYSTEM)

    assert len(await times_on(practice)) == 4


async def test_of_two_who_save_at_once_one_is_told() -> None:
    practice = await a_practice()
    evenings = [Session(day, time(17), time(19), 30) for day in range(7)]
    both = [set_week(practice, week, version=0, by=SYSTEM) for week in (MORNINGS, evenings)]

    answers = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["CalendarChange", "CalendarChanged"]
    assert await times_on(practice) in (
        ["09:00", "09:30", "10:00", "10:30"],
        ["17:00", "17:30", "18:00", "18:30"],
    )


async def test_a_wrong_week_is_refused_and_nothing_is_kept() -> None:
    practice = await a_practice()

    with pytest.raises(Invalid) as refused:
        await set_week(practice, [replace(MORNINGS[0], ends=time(8))], version=0, by=SYSTEM)

    assert set(refused.value.fields) == {"sessions-0-ends"}
    assert (await week_of(practice.id)).sessions == ()


async def test_another_grid_loses_no_working_time() -> None:
    practice = await working(await a_practice())

    change = await set_week(
        practice, [replace(one, slot_minutes=40) for one in MORNINGS], version=1, by=SYSTEM
    )

    assert (change.added, change.withdrawn, change.lost, change.opened_on) == (12, 16, [], [])
    assert await times_on(practice) == ["09:00", "09:40", "10:20"]


async def test_time_that_is_worked_no_more_is_lost() -> None:
    practice = await working(await a_practice(days=1))

    shorter = [replace(one, ends=time(10)) for one in MORNINGS]
    change = await set_week(practice, shorter, version=1, by=SYSTEM)

    tuesday = MONDAY + timedelta(days=1)
    assert change.lost == [
        (moment("10:00"), moment("11:00")),
        (moment("10:00", tuesday), moment("11:00", tuesday)),
    ]


async def test_what_has_begun_is_not_lost_nor_taken_back() -> None:
    practice = await working(await a_practice(days=1))

    with the_clock_at(moment("09:40")):
        change = await set_week(practice, [], version=1, by=SYSTEM)

    begins, ends = change.lost[0]
    assert moment("09:40") <= begins < moment("09:41")
    assert ends == moment("11:00")
    assert await times_on(practice) == ["09:00", "09:30"]
