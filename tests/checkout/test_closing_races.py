"""Closing time while patients pay, hold and cancel, and several workers move: each guard with its control."""

import asyncio
from importlib import import_module
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Record

from app.booking.queries import Appointment, Visit, get_appointment
from app.booking.queries.displaced import Closing, closings_of
from app.checkout import services as checkout
from app.checkout.services import EndException, close_time, mover
from app.checkout.services import closing as closing_service
from app.db.engine import fetch_value
from app.directory.queries import get_practice
from app.events import names
from tests.booking.visits import a_visit, acting, hold_for, live_overlaps
from tests.checkout.closings import (
    DAY,
    a_cancelled_visit_on_leave,
    clock_times,
    close,
    free,
    given_back,
    leave,
    outcomes,
    paid,
    proposed,
    starts,
)
from tests.factories import (
    a_doctor,
    a_patient,
    clinic_day,
    run_jobs,
)


async def test_two_doctors_presses_close_a_day_once() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    plan = await proposed(doctor)
    practice = await get_practice(doctor.practice_id)

    results = await asyncio.gather(
        *(close_time(practice, leave(), plan, by=acting(doctor)) for _press in range(4)),
        return_exceptions=True,
    )
    await run_jobs()

    assert len([one for one in results if not isinstance(one, BaseException) and one.closing]) == 1, results
    assert (await closings_of(doctor.practice_id)).total == 1
    assert (await story.events())[names.APPOINTMENT_CANCELLED] == 1


hold_service = import_module("app.booking.services.hold")
times_service = import_module("app.booking.services.times")


async def _move_twice_at_once(monkeypatch: pytest.MonkeyPatch, *, with_lock: bool) -> int:
    """Two workers at the same visit, whose chosen time somebody else has taken; gives how often it moved.

    Without the lock both look, then the one acts, then the other.
    """
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    chosen, *_others = await free(doctor, "12:00", "12:30", "13:00")
    closing = await close(doctor, {story.code: await starts(chosen)})
    await a_visit(await a_patient(), chosen, doctor)
    one_is_done = asyncio.Event()
    if not with_lock:
        looked, look = asyncio.Barrier(2), mover.visit_by_id

        async def look_and_wait(appointment_id: UUID) -> Visit:
            visit = await look(appointment_id)
            if await looked.wait():
                await one_is_done.wait()
            return visit

        async def no_lock(_appointment_id: UUID) -> None:
            return None

        monkeypatch.setattr(mover, "visit_by_id", look_and_wait)
        monkeypatch.setattr(mover.booking, "lock_doctor_of", no_lock)

    async def work() -> None:
        await checkout.move_one(closing.id, story.visit_id)
        one_is_done.set()

    await asyncio.gather(work(), work())
    return (await story.events())[names.APPOINTMENT_RESCHEDULED]


async def test_two_workers_at_one_visit_move_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _move_twice_at_once(monkeypatch, with_lock=True) == 1


async def test_without_the_lock_two_workers_move_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the guard of the test above is what keeps it to one."""
    assert await _move_twice_at_once(monkeypatch, with_lock=False) == 2


async def test_patients_cancel_while_the_mover_moves_and_each_gets_the_money_once() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in clock_times(8)]
    await free(doctor, *clock_times(4))
    closing = await close(doctor, await proposed(doctor))

    async def give_up(story: Any) -> None:
        await checkout.cancel(story.visit_id, by=acting(story.patient))

    await asyncio.gather(
        *(checkout.move_one(closing.id, story.visit_id) for story in stories),
        *(give_up(story) for story in stories),
        return_exceptions=True,
    )
    await checkout.move_what_is_open()
    await run_jobs()

    for story in stories:
        events = await story.events()
        assert events[names.APPOINTMENT_CANCELLED] == 1
        assert events[names.REFUND_ASKED] == 1
        assert events[names.APPOINTMENT_RESCHEDULED] <= 1
        assert await given_back(story) == [50_000]
    assert None not in (await outcomes(closing)).values()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Whoever holds a time rests before the insert, the slots locked; set once the first one does."""
    resting, insert = asyncio.Event(), hold_service._insert_unless_taken

    async def rest_and_insert(*args: Any, **more: Any) -> Appointment | None:
        resting.set()
        await asyncio.sleep(0.5)
        return await insert(*args, **more)

    monkeypatch.setattr(hold_service, "_insert_unless_taken", rest_and_insert)
    return resting


async def _hold_what_visits_move_to(paused: asyncio.Event) -> Closing:
    """Patients hold the very times that visits of a closed day are moved to meanwhile."""
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in clock_times(3)]
    targets = await free(doctor, *clock_times(6))
    closing = await close(doctor, await proposed(doctor))
    rivals = [await a_patient() for _rival in targets[:3]]
    paused.clear()

    async def move(appointment_id: UUID) -> None:
        await paused.wait()
        await checkout.move_one(closing.id, appointment_id)

    await asyncio.gather(
        *(move(story.visit_id) for story in stories),
        *(hold_for(rival, slot, doctor) for rival, slot in zip(rivals, targets, strict=False)),
        return_exceptions=True,
    )
    return closing


async def test_patients_who_hold_the_chosen_times_while_visits_move_never_share_one(
    paused: asyncio.Event,
) -> None:
    closing = await _hold_what_visits_move_to(paused)
    await run_jobs()

    assert await live_overlaps() == []
    assert None not in (await outcomes(closing)).values()


@pytest.mark.xdist_group("race")
async def test_without_the_constraint_they_share_them(
    paused: asyncio.Event, owner: asyncpg.Connection
) -> None:
    """The negative control: the database lets live visits of a doctor overlap."""
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'appointments_no_overlap'"
    )

    await owner.execute("ALTER TABLE appointments DROP CONSTRAINT appointments_no_overlap")
    try:
        await _hold_what_visits_move_to(paused)
        shared = await live_overlaps()
    finally:
        await owner.execute("SET session_replication_role = replica; DELETE FROM appointments")
        await owner.execute(f"ALTER TABLE appointments ADD CONSTRAINT appointments_no_overlap {definition}")

    assert shared != []


async def _hold_while_the_time_is_closed(paused: asyncio.Event) -> int:
    """Somebody has locked a slot and not held it yet when its day is closed; gives how many stay live."""
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    slot = (await free(doctor, "11:00", days_ahead=DAY))[0]
    plan = await proposed(doctor)
    practice = await get_practice(doctor.practice_id)
    paused.clear()

    async def close_it() -> None:
        await paused.wait()
        await close_time(practice, leave(), plan, by=acting(doctor))

    await asyncio.gather(hold_for(await a_patient(), slot, doctor), close_it())
    await run_jobs()
    live: int = await fetch_value(
        "SELECT count(*) FROM appointments WHERE on_date = $1 AND status NOT IN ('cancelled', 'expired')",
        clinic_day(DAY),
    )
    return live


async def test_somebody_who_holds_while_the_time_is_closed_is_seen(paused: asyncio.Event) -> None:
    assert await _hold_while_the_time_is_closed(paused) == 0


async def test_without_the_lock_on_slots_a_hold_stays_on_closed_time(
    paused: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: holding takes no lock that keeps the slot from being withdrawn."""
    ask = times_service.fetch

    async def ask_without_lock(sql: str, *args: object) -> list[Record]:
        return await ask(sql.replace("FOR SHARE", ""), *args)

    monkeypatch.setattr(times_service, "fetch", ask_without_lock)

    assert await _hold_while_the_time_is_closed(paused) == 1


async def _open_again_while_a_visit_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str | None]:
    """Leave is taken back while its visit is cancelled and not ticked off yet; gives state and outcome."""
    doctor, practice, visit, done = await a_cancelled_visit_on_leave()
    assert done.closing and done.change.exception_id
    undo = EndException(done.change.exception_id)
    resting, tick_off = asyncio.Event(), mover.booking.tick_off

    async def rest_and_tick_off(*args: Any, **more: Any) -> None:
        resting.set()
        await asyncio.sleep(0.5)
        await tick_off(*args, **more)

    async def open_again() -> None:
        await resting.wait()
        await close_time(practice, undo, {}, by=acting(doctor))

    monkeypatch.setattr(mover.booking, "tick_off", rest_and_tick_off)
    await asyncio.gather(checkout.move_one(done.closing.id, visit.id), open_again())
    return (await get_appointment(visit.id)).status, (await outcomes(done.closing))[visit.code]


async def test_time_that_opens_again_waits_for_a_visit_that_is_being_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await _open_again_while_a_visit_is_cancelled(monkeypatch) == ("cancelled", "cancelled")


async def test_without_the_doctors_lock_a_cancelled_visit_counts_as_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: the change of the calendar does not lock the doctor."""

    async def no_lock(_doctor_id: UUID) -> None:
        return None

    monkeypatch.setattr(closing_service.booking, "lock_doctor", no_lock)

    assert await _open_again_while_a_visit_is_cancelled(monkeypatch) == ("cancelled", "left")
