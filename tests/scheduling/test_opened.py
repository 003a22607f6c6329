"""Which days are told as opened: those a person opens, as far as patients can book them."""

from datetime import date, time, timedelta

import pytest

from app import clock
from app.db.engine import execute
from app.directory.queries import Practice
from app.events import names
from app.scheduling.rules import Session
from app.scheduling.services import add_exception, end_exception, extend
from tests.booking.visits import acting, the_clock_at
from tests.factories import a_doctor
from tests.scheduling.calendars import MONDAY, a_practice, leave, moment, told, working

pytestmark = pytest.mark.usefixtures("on_a_monday")


def days(*after_monday: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in after_monday]


async def window_of(practice: Practice, calendar_days: int) -> None:
    await execute("UPDATE practices SET calendar_days = $2 WHERE id = $1", practice.id, calendar_days)


async def last_told(practice: Practice) -> list[date]:
    return [date.fromisoformat(day) for day in (await told(practice, names.DAYS_OPENED))[-1]["days"]]


async def test_the_days_a_person_opens_with_a_longer_window_are_told_once() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=3))
    await window_of(practice, 5)

    await extend(practice.id, now=clock.now(), by=acting(doctor), days_before=3)
    await extend(practice.id, now=clock.now(), by=acting(doctor), days_before=5)

    assert len(await told(practice, names.DAYS_OPENED)) == 2, "of the week, and of the window"
    assert await last_told(practice) == days(4, 5)


async def test_the_same_days_opened_by_nobody_are_not_told() -> None:
    practice = await working(await a_practice(days=3))
    await window_of(practice, 5)

    made = await extend(practice.id, now=clock.now())

    assert made.added == 8
    assert len(await told(practice, names.DAYS_OPENED)) == 1, "of the week alone"


async def test_days_that_a_shorter_window_had_hidden_are_told_when_it_grows_again() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=5))
    await window_of(practice, 2)
    await extend(practice.id, now=clock.now(), by=acting(doctor), days_before=5)
    await window_of(practice, 4)

    await extend(practice.id, now=clock.now(), by=acting(doctor), days_before=2)

    assert await last_told(practice) == days(3, 4)


async def test_a_day_beyond_the_window_is_not_told_as_open() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=5))
    await window_of(practice, 2)
    away = await add_exception(practice, leave(*days(2, 5)), by=acting(doctor))
    assert away.exception_id

    back = await end_exception(away.exception_id, practice=practice, by=acting(doctor))

    assert back.opened_on == await last_told(practice) == days(2)


async def test_times_that_are_kept_back_no_longer_open_their_day() -> None:
    doctor = await a_doctor()
    practice = await a_practice(doctor, days=1)
    with the_clock_at(moment("08:00")):
        await working(practice, [Session(day, time(9), time(9, 30), 30) for day in range(7)])
        await execute("UPDATE slots SET is_kept = true")

        await extend(practice.id, now=clock.now(), by=acting(doctor))

    assert await last_told(practice) == days(0, 1)
    assert len(await told(practice, names.DAYS_OPENED)) == 2
