"""Two who want the same time of a doctor at the same moment: the constraint decides."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from dataclasses import replace
from datetime import datetime, time
from importlib import import_module

import asyncpg
import pytest

from app import clock
from app.booking.errors import SlotGone
from app.booking.rows import Appointment
from app.booking.services import times
from app.booking.services.times import Time
from app.db.engine import fetch, fetch_value, transaction
from app.directory.queries import Practice, get_practice
from app.errors import Invalid
from app.events.actor import SYSTEM
from app.scheduling.services import NO_OVERLAP, extend, offer, set_week
from tests.booking.visits import hold_for
from tests.factories import a_clinic, a_doctor, a_patient
from tests.scheduling.calendars import (
    MONDAY,
    MORNINGS,
    a_practice,
    a_statement_waits,
    overlaps,
    slot_at,
    times_on,
    working,
)

pytestmark = pytest.mark.usefixtures("on_a_monday")


async def test_two_practices_of_a_doctor_never_offer_the_same_time() -> None:
    doctor = await a_doctor()
    first = await working(await a_practice(doctor))
    other_id = await fetch_value(
        "INSERT INTO practices (doctor_id, clinic_id, created_at) VALUES ($1, $2, now()) RETURNING id",
        doctor.doctor_id,
        await a_clinic("Other Clinic"),
    )
    other = await get_practice(other_id)

    await set_week(
        other, [replace(one, starts=time(10), ends=time(12)) for one in MORNINGS], version=0, by=SYSTEM
    )

    assert await times_on(other) == ["11:00", "11:30"]
    await set_week(first, [], version=1, by=SYSTEM)
    await extend(other.id, now=clock.now())
    assert await times_on(other) == ["10:00", "10:30", "11:00", "11:30"]


async def _hold_while_the_week_ends(monkeypatch: pytest.MonkeyPatch) -> tuple[bool, Appointment]:
    """Hold a time, and end the week after the time was found on offer and before the hold is written.

    Gives whether the week ended before the hold was, and the hold.
    """
    doctor, patient = await a_doctor(), await a_patient()
    practice = await working(await a_practice(doctor, days=1))
    slot = await slot_at(practice, "10:30")
    found, go_on = asyncio.Event(), asyncio.Event()

    async def lock_slots(time: Time, *, now: datetime) -> None:
        await times.lock_slots(time, now=now)
        found.set()
        await go_on.wait()

    monkeypatch.setattr(import_module("app.booking.services.hold"), "lock_slots", lock_slots)
    holding = asyncio.create_task(hold_for(patient, slot, doctor))
    await asyncio.wait_for(found.wait(), 10)
    ending = asyncio.create_task(set_week(practice, [], version=1, by=SYSTEM))
    either = asyncio.create_task(a_statement_waits())
    await asyncio.wait({ending, either}, return_when=asyncio.FIRST_COMPLETED)
    passed = ending.done()
    either.cancel()
    go_on.set()
    held = await holding
    await ending
    assert await times_on(practice) == []
    return passed, held


async def test_the_end_of_a_week_waits_for_a_hold_and_so_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, held = await _hold_while_the_week_ends(monkeypatch)

    assert not passed
    assert held.status == "held"


async def test_without_the_lock_the_week_ends_unseen_by_a_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch_without(sql: str, *args: object) -> list[asyncpg.Record]:
        assert "FOR SHARE" in sql
        return await fetch(sql.replace("FOR SHARE", ""), *args)

    monkeypatch.setattr(times, "fetch", fetch_without)

    passed, held = await _hold_while_the_week_ends(monkeypatch)

    assert passed, "and whoever asked for visits to move did not see this one"
    assert held.status == "held"


async def test_a_hold_that_comes_while_a_week_ends_waits_and_finds_no_time() -> None:
    doctor, patient = await a_doctor(), await a_patient()
    practice = await working(await a_practice(doctor, days=1))
    slot = await slot_at(practice, "10:30")
    async with transaction():
        await set_week(practice, [], version=1, by=SYSTEM)
        holding = asyncio.create_task(hold_for(patient, slot, doctor), context=Context())
        await a_statement_waits()

    with pytest.raises(SlotGone):
        await holding


async def _offer_while_the_week_is_made(practice: Practice) -> BaseException | None:
    """Offer half past nine while a transaction that makes the week's times has not committed."""
    offering = offer(practice, MONDAY, ["09:15"], duration_minutes=30, by=SYSTEM)
    async with transaction():
        await set_week(practice, MORNINGS, version=0, by=SYSTEM)
        pressed = asyncio.create_task(offering, context=Context())
        await asyncio.sleep(0.3)
    [refused] = await asyncio.gather(pressed, return_exceptions=True)
    return refused if isinstance(refused, BaseException) else None


async def test_a_hand_time_pressed_while_the_week_is_made_does_not_overlap_it() -> None:
    practice = await a_practice(days=1)

    refused = await _offer_while_the_week_is_made(practice)

    assert isinstance(refused, Invalid)
    assert await overlaps() == 0


@pytest.fixture
async def without_the_constraint(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """The guard taken away, and put back as it was."""
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", NO_OVERLAP
    )
    await owner.execute(f"ALTER TABLE slots DROP CONSTRAINT {NO_OVERLAP}")
    yield
    await owner.execute("SET session_replication_role = replica; DELETE FROM slots;")
    await owner.execute(f"ALTER TABLE slots ADD CONSTRAINT {NO_OVERLAP} {definition}")


@pytest.mark.usefixtures("without_the_constraint")
async def test_without_the_constraint_the_same_press_overlaps() -> None:
    practice = await a_practice(days=1)

    assert await _offer_while_the_week_is_made(practice) is None
    assert await overlaps() > 0


@pytest.fixture
async def with_another_constraint(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """Slots that also have to be apart from each other for a reason nobody has thought of yet."""
    await owner.execute("ALTER TABLE slots ADD CONSTRAINT slots_odd EXCLUDE (on_date WITH =)")
    yield
    await owner.execute("ALTER TABLE slots DROP CONSTRAINT slots_odd")


@pytest.mark.usefixtures("with_another_constraint")
async def test_a_clash_of_another_kind_is_not_taken_for_an_overlap() -> None:
    with pytest.raises(asyncpg.ExclusionViolationError):
        await working(await a_practice(days=1))


async def test_what_is_offered_by_hand_while_the_week_is_made_wins_and_the_rest_is_made() -> None:
    practice = await a_practice(days=1)
    async with transaction():
        await offer(practice, MONDAY, ["09:15"], duration_minutes=30, by=SYSTEM)
        saved = asyncio.create_task(set_week(practice, MORNINGS, version=0, by=SYSTEM), context=Context())
        await asyncio.sleep(0.3)
        assert not saved.done()

    assert (await saved).added == 6
    assert await times_on(practice) == ["09:15", "10:00", "10:30"]
