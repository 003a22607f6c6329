"""A day is closed while the worker is killed again and again: each visit is moved or refunded once."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from app import clock
from app.booking.queries.displaced import get_closing
from app.db.clock import set_clock
from app.db.engine import fetch, fetch_value
from app.events import names
from app.notifications.services import OVERDUE_AFTER, rescue
from tests.booking.visits import live_overlaps
from tests.checkout.closings import DAY, clock_times, close, free, outcomes, paid, proposed
from tests.checkout.stories import Story
from tests.factories import CastDoctor, a_doctor, clinic_day, run_jobs, sandbox_ledger
from tests.jobs.workers import a_worker, kill
from tests.notifications.office import eventually
from tests.surroundings import PostOffice

MINUTES = 15


async def _full_day(visits: int) -> tuple[CastDoctor, list[Story]]:
    """A day full of paid visits of as many patients, and other times for two thirds of them."""
    doctor = await a_doctor(minutes=MINUTES)
    times = clock_times(visits, every=MINUTES, first=6 * 60)
    stories = [
        await paid(doctor, at=at, name=f"Patient {place}", minutes=MINUTES) for place, at in enumerate(times)
    ]
    await free(doctor, *times[: visits * 2 // 3], minutes=MINUTES)
    await run_jobs()
    return doctor, stories


async def _still_open() -> int:
    count: int = await fetch_value("SELECT count(*) FROM displaced_visits WHERE done_at IS NULL")
    return count


async def _work_and_be_killed(*, visits: int, kills: int) -> None:
    """Start a worker, kill it at a moment nobody chose, with work left to do, and start the next."""
    chance = random.Random()
    for kill_number in range(1, kills + 1):
        left_when_killed = visits - kill_number * visits // (kills + 1)
        with a_worker() as worker:
            await eventually(lambda at=left_when_killed: _is_down_to(at), seconds=60)
            await asyncio.sleep(chance.uniform(0, 0.02))
            kill(worker)


async def _is_down_to(left: int) -> bool:
    return await _still_open() <= left


async def _left() -> dict[str, int]:
    """What is still to be moved, told or given back, and the jobs that wait, by their name and state."""
    rows = await fetch(
        "SELECT 'displaced' AS what, count(*) AS many FROM displaced_visits WHERE done_at IS NULL"
        " UNION ALL SELECT 'letters', count(*) FROM letters WHERE sent_at IS NULL"
        " UNION ALL SELECT 'refunds', count(*) FROM refunds WHERE razorpay_refund_id IS NULL"
        " UNION ALL SELECT entrypoint || ' ' || status, count(*) FROM pgqueuer GROUP BY entrypoint, status"
    )
    return {row["what"]: row["many"] for row in rows if row["many"]}


async def _all_told() -> bool:
    return not await _left()


async def _queue_is_empty() -> bool:
    return not any(" " in what for what in await _left())


async def _finish() -> None:
    """One worker that lives does the rest; letters that died with another are rescued, as by the schedule."""
    with a_worker():
        await eventually(_queue_is_empty, seconds=100)
        await set_clock(clock.now() + OVERDUE_AFTER + timedelta(seconds=1))
        await rescue()
        with suppress(TimeoutError):
            await eventually(_all_told, seconds=60)
        assert await _left() == {}


async def _letters_of(stories: list[Story]) -> dict[str, Counter[str]]:
    """What each patient was written about the closed time, by kind."""
    rows = await fetch(
        "SELECT u.email, l.kind FROM letters l JOIN users u ON u.id = l.recipient_id "
        "WHERE l.kind IN ('rescheduled', 'cancelled') AND l.sent_at IS NOT NULL"
    )
    told: dict[str, Counter[str]] = {story.patient.email: Counter() for story in stories}
    for row in rows:
        told[row["email"]][row["kind"]] += 1
    return told


async def _close_with_kills(post_office: PostOffice, *, visits: int, kills: int) -> None:
    doctor, stories = await _full_day(visits)
    post_office.letters.clear()
    closing = await close(doctor, await proposed(doctor), note="I am ill.")
    try:
        await _work_and_be_killed(visits=visits, kills=kills)
        assert await _still_open() > 0, "the last kill came too late to matter"
        await _finish()
    finally:
        await set_clock(None)

    done = await outcomes(closing)
    assert Counter(done.values()) == {"moved": visits * 2 // 3, "cancelled": visits - visits * 2 // 3}
    assert (await get_closing(closing.id, practice_id=doctor.practice_id)).open == 0
    told, refunds = await _letters_of(stories), (await sandbox_ledger())["refunds"]
    for story in stories:
        visit, payment, events = await story.visit(), await story.payment(), await story.events()
        theirs = [one["amount"] for one in refunds if one["payment_id"] == payment.razorpay_payment_id]
        if done[story.code] == "moved":
            assert (visit.status, visit.on_date) == ("confirmed", clinic_day(DAY + 1))
            assert (events[names.APPOINTMENT_RESCHEDULED], events[names.APPOINTMENT_CANCELLED]) == (1, 0)
            assert (payment.refunding_paise + payment.refunded_paise, theirs) == (0, [])
            assert told[story.patient.email] == {"rescheduled": 1}
        else:
            assert visit.status == "cancelled"
            assert (events[names.APPOINTMENT_RESCHEDULED], events[names.APPOINTMENT_CANCELLED]) == (0, 1)
            assert (payment.refunding_paise + payment.refunded_paise, theirs) == (50_000, [50_000])
            assert events[names.REFUND_ASKED] == 1
            assert told[story.patient.email] == {"cancelled": 1}
    assert await live_overlaps() == []


@pytest.mark.timeout(150)
@pytest.mark.xdist_group("killed")
async def test_a_day_is_closed_while_the_worker_is_killed_twice(post_office: PostOffice) -> None:
    await _close_with_kills(post_office, visits=12, kills=2)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("killed")
async def test_a_day_of_sixty_visits_is_closed_while_the_worker_is_killed_five_times(
    post_office: PostOffice,
) -> None:
    await _close_with_kills(post_office, visits=60, kills=5)
