"""Offering times on a real database, whose constraint is the judge."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from app.db.engine import fetch_value
from app.directory.queries import get_practice
from app.errors import Invalid, NotFound
from app.events import names
from app.events.actor import SYSTEM
from app.events.queries import events_of
from app.scheduling.queries import days_offered, get_slot, slots_on
from app.scheduling.services import offer, withdraw
from tests.factories import a_clinic, a_doctor, a_slot, clinic_day


async def _offer(practice_id: object, times: list[str], *, on: date | None = None, minutes: int = 30) -> int:
    practice = await get_practice(practice_id)  # type: ignore[arg-type]
    return len(await offer(practice, on or clinic_day(), times, duration_minutes=minutes, by=SYSTEM))


async def test_times_become_slots_of_the_clinics_day() -> None:
    meera = await a_doctor()

    assert await _offer(meera.practice_id, ["10:30", "10:00"]) == 2

    slots = await slots_on(meera.practice_id, clinic_day())
    assert [slot.starts_at.strftime("%H:%M") for slot in slots] == ["04:30", "05:00"]
    assert await days_offered(meera.practice_id, first=clinic_day(0), last=clinic_day(7)) == {clinic_day(): 2}
    told = {event.name: event.facts for event in await events_of(meera.practice_id)}
    assert told[names.SLOTS_ADDED]["slot_ids"] == [str(slot.id) for slot in slots]
    assert told[names.DAYS_OPENED]["days"] == [clinic_day().isoformat()]


async def test_more_times_on_an_open_day_open_no_day() -> None:
    meera = await a_doctor()
    await a_slot(meera, at="10:00")

    await _offer(meera.practice_id, ["11:00"])

    assert [event.name for event in await events_of(meera.practice_id)] == [names.SLOTS_ADDED]


async def test_an_overlap_adds_nothing_and_names_both_times() -> None:
    meera = await a_doctor()
    await a_slot(meera, at="10:00")

    with pytest.raises(Invalid) as refused:
        await _offer(meera.practice_id, ["09:00", "10:15"])

    assert refused.value.params == {"times": "10:15", "begins": "10:00", "ends": "10:30"}
    assert len(await slots_on(meera.practice_id, clinic_day())) == 1
    assert await events_of(meera.practice_id) == []


async def test_a_doctor_is_in_one_place_at_a_time() -> None:
    meera = await a_doctor()
    await a_slot(meera, at="10:00")
    elsewhere = await fetch_value(
        "INSERT INTO practices (doctor_id, clinic_id, created_at) VALUES ($1, $2, now()) RETURNING id",
        meera.doctor_id,
        await a_clinic("Other Clinic"),
    )

    with pytest.raises(Invalid):
        await _offer(elsewhere, ["10:00"])


async def test_two_presses_at_once_add_the_times_once() -> None:
    meera = await a_doctor()
    tries = [_offer(meera.practice_id, ["10:00", "10:30", "11:00"]) for _press in range(8)]

    answers = await asyncio.gather(*tries, return_exceptions=True)

    assert [answer for answer in answers if not isinstance(answer, Invalid)] == [3]
    assert len(await slots_on(meera.practice_id, clinic_day())) == 3


async def test_a_removed_time_can_be_offered_again() -> None:
    meera = await a_doctor()
    slot_id = await a_slot(meera, at="10:00")

    await withdraw(slot_id, by=SYSTEM)

    assert (await get_slot(slot_id)).is_withdrawn
    assert await slots_on(meera.practice_id, clinic_day()) == []
    assert await _offer(meera.practice_id, ["10:00"]) == 1


async def test_removing_twice_removes_once() -> None:
    meera = await a_doctor()
    slot_id = await a_slot(meera)
    await withdraw(slot_id, by=SYSTEM)

    with pytest.raises(NotFound):
        await withdraw(slot_id, by=SYSTEM)

    assert [event.name for event in await events_of(slot_id)] == [names.SLOT_REMOVED]


async def test_an_unknown_slot_is_not_found() -> None:
    with pytest.raises(NotFound):
        await get_slot(uuid4())
