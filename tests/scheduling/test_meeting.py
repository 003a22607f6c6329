"""Two who want the same time of a doctor at the same moment: the constraint decides."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from dataclasses import replace
from datetime import time

import asyncpg
import pytest

from app import clock
from app.booking.errors import SlotGone
from app.booking.rows import Appointment
from app.db.engine import fetch_value, transaction
from app.directory.queries import Practice, get_practice
from app.errors import Invalid
from app.events.actor import SYSTEM
from app.scheduling.services import NO_OVERLAP, CalendarChange, extend, offer, set_week
from tests.booking.visits import hold_for
from tests.factories import a_clinic, a_doctor, a_patient
from tests.scheduling.calendars import MONDAY, MORNINGS, a_practice, overlaps, slot_at, times_on, working

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


async def test_a_hold_and_a_change_of_the_week_never_pass_each_other() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=1))
    slot = await slot_at(practice, "10:30")
    patient = await a_patient()

    answers = await asyncio.gather(
        hold_for(patient, slot, doctor),
        set_week(practice, [], version=1, by=SYSTEM),
        return_exceptions=True,
    )

    held, changed = answers
    assert isinstance(held, Appointment | SlotGone)
    assert isinstance(changed, CalendarChange)
    assert await times_on(practice) == []


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
