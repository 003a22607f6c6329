"""Leave, holidays and extra days: time is taken, given back, and opened."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from app import clock
from app.db.engine import fetch
from app.errors import Invalid, NotFound
from app.events import names
from app.events.actor import SYSTEM
from app.scheduling.queries import exceptions_of
from app.scheduling.rules import CalendarException
from app.scheduling.services import CalendarChange, Made, add_exception, end_exception, extend, offer
from tests.factories import a_doctor, a_slot
from tests.scheduling.calendars import MONDAY, MORNINGS, a_practice, leave, moment, times_on, told, working

pytestmark = pytest.mark.usefixtures("on_a_monday")


async def test_leave_takes_the_days_and_gives_the_weeks_times_back_when_it_ends() -> None:
    doctor = await a_doctor()
    tuesday = MONDAY + timedelta(days=1)
    await a_slot(doctor, starts_at=moment("15:00", tuesday))
    practice = await working(await a_practice(doctor))

    change = await add_exception(practice, leave(tuesday, title=" Wedding "), by=SYSTEM)

    assert (change.added, change.withdrawn) == (0, 5)
    assert change.lost == [
        (moment("09:00", tuesday), moment("11:00", tuesday)),
        (moment("15:00", tuesday), moment("15:30", tuesday)),
    ]
    assert await times_on(practice, tuesday) == []
    [written] = await exceptions_of(practice.id, first=MONDAY)
    assert written == replace(leave(tuesday, title="Wedding"), id=change.exception_id)

    assert change.exception_id is not None
    back = await end_exception(change.exception_id, practice=practice, by=SYSTEM)

    assert (back.added, back.withdrawn, back.lost, back.opened_on) == (4, 0, [], [tuesday])
    assert await times_on(practice, tuesday) == ["09:00", "09:30", "10:00", "10:30"], (
        "hand times do not come back"
    )
    facts = await told(practice, names.CALENDAR_CHANGED)
    assert [fact.get("ended", False) for fact in facts if "exception_id" in fact] == [False, True]


async def test_leave_for_a_part_of_a_day_takes_what_it_touches() -> None:
    doctor = await a_doctor()
    await a_slot(doctor, starts_at=moment("11:00"))
    await a_slot(doctor, starts_at=moment("12:00"))
    practice = await working(await a_practice(doctor))

    hours = leave(MONDAY, starts=time(9, 45), ends=time(11, 15))
    change = await add_exception(practice, hours, by=SYSTEM)

    assert await times_on(practice) == ["09:00", "12:00"]
    assert change.lost == [(moment("09:45"), moment("11:30"))]


async def test_a_time_offered_during_leave_stays() -> None:
    practice = await working(await a_practice())
    await add_exception(practice, leave(MONDAY), by=SYSTEM)

    await offer(practice, MONDAY, ["18:00"], duration_minutes=30, by=SYSTEM)

    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    assert await times_on(practice) == ["18:00"]


async def test_the_same_leave_twice_is_one() -> None:
    practice = await working(await a_practice())
    first = await add_exception(practice, leave(MONDAY), by=SYSTEM)

    second = await add_exception(practice, leave(MONDAY), by=SYSTEM)

    assert second.exception_id == first.exception_id
    assert len(await exceptions_of(practice.id, first=MONDAY)) == 1
    assert len([fact for fact in await told(practice, names.CALENDAR_CHANGED) if "kind" in fact]) == 1


async def test_the_same_leave_again_closes_what_was_offered_since() -> None:
    practice = await working(await a_practice())
    first = await add_exception(practice, leave(MONDAY), by=SYSTEM)
    await offer(practice, MONDAY, ["18:00"], duration_minutes=30, by=SYSTEM)

    second = await add_exception(practice, leave(MONDAY), by=SYSTEM)

    assert (second.exception_id, second.withdrawn) == (first.exception_id, 1)
    assert second.lost == [(moment("18:00"), moment("18:30"))]
    assert await times_on(practice) == []
    assert len(await exceptions_of(practice.id, first=MONDAY)) == 1
    assert await add_exception(practice, leave(MONDAY), by=SYSTEM) == CalendarChange(
        exception_id=first.exception_id
    )


async def test_leave_taken_back_twice_is_taken_back_once() -> None:
    practice = await working(await a_practice())
    taken = await add_exception(practice, leave(MONDAY), by=SYSTEM)
    assert taken.exception_id is not None
    await end_exception(taken.exception_id, practice=practice, by=SYSTEM)

    with pytest.raises(NotFound):
        await end_exception(taken.exception_id, practice=practice, by=SYSTEM)


async def test_nobody_ends_the_leave_of_another() -> None:
    practice, other = await working(await a_practice()), await a_practice()
    taken = await add_exception(practice, leave(MONDAY), by=SYSTEM)
    assert taken.exception_id is not None

    with pytest.raises(NotFound):
        await end_exception(taken.exception_id, practice=other, by=SYSTEM)

    assert await times_on(practice) == []


async def test_an_extra_day_opens_a_day_and_closes_it_again() -> None:
    practice = await working(await a_practice(), [session for session in MORNINGS if session.weekday == 0])
    tuesday = MONDAY + timedelta(days=1)
    extra = CalendarException("extra", tuesday, tuesday, time(16), time(17), 20, 5)

    change = await add_exception(practice, extra, by=SYSTEM)

    assert (change.added, change.opened_on) == (2, [tuesday])
    assert await times_on(practice, tuesday) == ["16:00", "16:25"]
    rows = await fetch(
        "SELECT starts_at, covers_until FROM slots WHERE on_date = $1 ORDER BY starts_at", tuesday
    )
    assert [row["covers_until"] for row in rows] == [moment("16:25", tuesday), None]
    with pytest.raises(Invalid):
        await add_exception(practice, replace(extra, starts=time(16, 30), ends=time(18)), by=SYSTEM)

    assert change.exception_id is not None
    closed = await end_exception(change.exception_id, practice=practice, by=SYSTEM)

    assert (closed.withdrawn, closed.lost) == (2, [(moment("16:00", tuesday), moment("17:00", tuesday))])


async def test_an_extra_day_beyond_the_window_of_this_clinic_is_refused() -> None:
    practice = await working(await a_practice())
    late = MONDAY + timedelta(days=4)

    with pytest.raises(Invalid) as refused:
        await add_exception(
            practice, CalendarException("extra", late, late, time(9), time(10), 20), by=SYSTEM
        )

    assert set(refused.value.fields) == {"first_on"}
