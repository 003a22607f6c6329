"""Times offered and removed by hand, beside those of the week."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import clock
from app.errors import Invalid
from app.events.actor import SYSTEM
from app.scheduling.queries import slots_on
from app.scheduling.services import Made, extend, offer, set_week, withdraw
from tests.booking.visits import the_clock_at
from tests.factories import a_doctor, a_slot
from tests.scheduling.calendars import (
    MONDAY,
    MONDAY_MORNING,
    MORNINGS,
    a_practice,
    moment,
    slot_at,
    times_on,
    working,
)

pytestmark = pytest.mark.usefixtures("on_a_monday")


async def test_a_time_offered_by_hand_stays_when_the_week_changes() -> None:
    doctor = await a_doctor()
    by_hand = await a_slot(doctor, starts_at=moment("09:15"), minutes=30)
    practice = await working(await a_practice(doctor))

    assert await times_on(practice) == ["09:15", "10:00", "10:30"]

    change = await set_week(practice, [], version=1, by=SYSTEM)

    assert await times_on(practice) == ["09:15"]
    assert [slot.id for slot in await slots_on(practice.id, MONDAY)] == [by_hand]
    assert change.lost[0] == (moment("09:00"), moment("09:15"))
    assert change.lost[1] == (moment("09:45"), moment("11:00"))


async def test_a_slot_removed_by_hand_stays_away_and_can_be_offered_by_hand() -> None:
    practice = await working(await a_practice())
    await withdraw(await slot_at(practice, "09:30"), by=SYSTEM)

    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    await set_week(practice, [], version=1, by=SYSTEM)
    await set_week(practice, MORNINGS, version=2, by=SYSTEM)
    assert await times_on(practice) == ["09:00", "10:00", "10:30"]

    await offer(practice, MONDAY, ["09:30"], duration_minutes=30, by=SYSTEM)
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]


async def test_a_time_removed_by_hand_stays_away_on_another_grid_and_the_times_beside_it_do_not() -> None:
    practice = await working(await a_practice())
    await withdraw(await slot_at(practice, "09:30"), by=SYSTEM)

    finer = [replace(session, slot_minutes=20) for session in MORNINGS]
    await set_week(practice, finer, version=1, by=SYSTEM)

    assert await times_on(practice) == ["09:00", "10:00", "10:20", "10:40"]
    assert len(await times_on(practice, MONDAY + timedelta(days=1))) == 6
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    await set_week(practice, MORNINGS, version=2, by=SYSTEM)
    assert await times_on(practice) == ["09:00", "10:00", "10:30"]


async def test_a_hand_time_removed_does_not_come_back_as_one_of_the_week() -> None:
    doctor = await a_doctor()
    by_hand = await a_slot(doctor, starts_at=moment("09:30"))
    practice = await working(await a_practice(doctor))

    with the_clock_at(MONDAY_MORNING + timedelta(minutes=1)):
        await withdraw(by_hand, by=SYSTEM)
        await extend(practice.id, now=clock.now())

    assert await times_on(practice) == ["09:00", "10:00", "10:30"]


async def test_a_time_removed_before_there_was_a_week_is_no_exception_from_it() -> None:
    doctor = await a_doctor()
    await withdraw(await a_slot(doctor, starts_at=moment("09:30")), by=SYSTEM)

    with the_clock_at(MONDAY_MORNING + timedelta(minutes=1)):
        practice = await working(await a_practice(doctor))

    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]


async def test_a_hand_time_over_one_of_the_week_is_refused() -> None:
    practice = await working(await a_practice())

    with pytest.raises(Invalid) as refused:
        await offer(practice, MONDAY, ["09:45"], duration_minutes=30, by=SYSTEM)

    assert refused.value.params == {"times": "09:45", "begins": "09:30", "ends": "10:00"}
