"""Closing time while patients pay, hold and cancel, and several workers move: each guard with its control."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from app.booking.queries import Visit
from app.booking.queries.displaced import closings_of
from app.checkout import services as checkout
from app.checkout.services import close_time, mover
from app.db.engine import fetch_value
from app.directory.queries import get_practice
from app.events import names
from tests.booking.visits import a_visit, acting, hold_for, live_overlaps
from tests.checkout.closings import (
    DAY,
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

    assert len([one for one in results if one is not None]) == 1, results
    assert len(await closings_of(doctor.practice_id)) == 1
    assert (await story.events())[names.APPOINTMENT_CANCELLED] == 1


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


async def test_patients_who_hold_the_chosen_times_while_visits_move_never_share_one() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in clock_times(6)]
    targets = await free(doctor, *clock_times(10))
    closing = await close(doctor, await proposed(doctor))
    rivals = [await a_patient() for _rival in range(6)]

    await asyncio.gather(
        *(checkout.move_one(closing.id, story.visit_id) for story in stories),
        *(hold_for(rival, slot, doctor) for rival, slot in zip(rivals, targets, strict=False)),
        return_exceptions=True,
    )
    await run_jobs()

    assert await live_overlaps() == []
    assert None not in (await outcomes(closing)).values()


async def test_somebody_who_holds_while_the_time_is_closed_is_seen_or_refused() -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    slot = (await free(doctor, "11:00", days_ahead=DAY))[0]
    plan = await proposed(doctor)
    practice = await get_practice(doctor.practice_id)

    held, closed = await asyncio.gather(
        hold_for(await a_patient(), slot, doctor),
        close_time(practice, leave(), plan, by=acting(doctor)),
        return_exceptions=True,
    )
    await run_jobs()

    stays_live = await fetch_value(
        "SELECT count(*) FROM appointments WHERE on_date = $1 AND status NOT IN ('cancelled', 'expired')",
        clinic_day(DAY),
    )
    assert not isinstance(closed, BaseException), closed
    assert stays_live == 0, held
