"""Everybody at once: doctor, worker and patients act on the same times, in an order nobody chose."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import time, timedelta

import pytest

from app import clock
from app.db.engine import execute, fetch
from app.directory.queries import get_practice
from app.errors import DomainError
from app.events.actor import SYSTEM
from app.scheduling.queries import slots_on, week_of
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import Made, add_exception, end_exception, extend, offer, set_week, withdraw
from tests.booking.visits import hold_for
from tests.factories import a_doctor, a_patient
from tests.scheduling.calendars import MONDAY, overlaps

COARSE, FINE = (
    [Session(day, time(9), time(12), minutes, gap) for day in range(7)] for minutes, gap in ((30, 0), (20, 5))
)


@pytest.mark.usefixtures("on_a_monday")
@pytest.mark.parametrize("seed", range(3))
async def test_no_two_acts_ever_wait_for_each_other_and_the_calendar_ends_as_it_is_said(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.retry.TRIES", 1)  # a deadlock would come out as what it is
    dice, doctor = random.Random(seed), await a_doctor(minutes=60)
    await execute(
        "UPDATE clinics SET calendar_days = 3, walk_in_percent = 10 WHERE id = $1", doctor.clinic_id
    )
    practice = await get_practice(doctor.practice_id)
    await set_week(practice, COARSE, version=0, by=SYSTEM)
    patients = [await a_patient() for _patient in range(6)]

    async def change_week() -> None:
        version = (await week_of(practice.id)).version
        await set_week(practice, dice.choice((COARSE, FINE)), version=version, by=SYSTEM)

    async def be_away() -> None:
        day = MONDAY + timedelta(days=dice.randrange(3))
        hours = CalendarException("leave", day, day, time(10, 10), time(11, dice.randrange(60)))
        change = await add_exception(practice, hours, by=SYSTEM)
        if change.exception_id:
            await end_exception(change.exception_id, practice=practice, by=SYSTEM)

    async def roll_on() -> None:
        await extend(practice.id, now=clock.now())

    async def offer_by_hand() -> None:
        times = [f"{hour}:{dice.randrange(10, 60)}" for hour in (12, 9, 13)]
        await offer(practice, MONDAY, times, duration_minutes=15, by=SYSTEM)

    async def hold_an_hour() -> None:
        slots = await slots_on(practice.id, MONDAY + timedelta(days=dice.randrange(3)))
        if slots:
            await hold_for(dice.choice(patients), dice.choice(slots).id, doctor)

    async def remove_one() -> None:
        slots = await slots_on(practice.id, MONDAY)
        if slots:
            await withdraw(dice.choice(slots).id, by=SYSTEM)

    kinds: list[Callable[[], Awaitable[None]]] = [change_week, be_away, roll_on, offer_by_hand, remove_one]
    acts = [*kinds * 4, *[hold_an_hour] * 12]
    dice.shuffle(acts)

    answers = await asyncio.gather(*(act() for act in acts), return_exceptions=True)

    bugs = [answer for answer in answers if answer is not None and not isinstance(answer, DomainError)]
    assert not bugs, bugs
    assert sum(answer is None for answer in answers) > len(acts) // 4
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    assert await overlaps() == 0
    assert await fetch("SELECT FROM slots WHERE withdrawn_at IS NULL") != []
