"""How long the slots of a city take to make: 200 doctors, 60 days ahead; and to find nothing left to make.

    .venv/bin/python -m bench.generation

Ends with 1 when the first run takes longer than 30 s in all.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import time
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app import clock
from bench.ground import on_fresh_database

if TYPE_CHECKING:
    from app.demo.heap import Heap

Hours = tuple[time, time]

DOCTORS, DAYS = 200, 60
AT_ONCE = 4
"""Calendars at a time; the worker takes up to ten."""
BOUND_SECONDS = 30
MORNING, EVENING, TEA = (time(9), time(13)), (time(16), time(20)), (time(11), time(11, 15))


def main() -> None:
    """Measure, print, and judge."""
    taken: list[float] = []
    on_fresh_database(lambda: _measure(taken))
    if taken[0] > BOUND_SECONDS:
        sys.exit(f"slower than {BOUND_SECONDS} s")


async def _measure(taken: list[float]) -> None:
    from app.db.engine import fetch_value

    practices = await _doctors()
    taken.append(await _extend(practices))
    slots = await fetch_value("SELECT count(*) FROM slots")
    print(f"{DOCTORS} doctors x {DAYS} days: {slots} slots in {taken[0]:.1f} s")
    again = await _extend(practices)
    assert slots == await fetch_value("SELECT count(*) FROM slots"), "the second run changed something"
    print(f"nothing left to make: {again:.1f} s, {again / taken[0]:.0%} of the first run")


async def _extend(practices: Sequence[UUID]) -> float:
    from app.scheduling.services import extend

    now, begun, places = clock.now(), perf_counter(), asyncio.Semaphore(AT_ONCE)

    async def one(practice_id: UUID) -> None:
        async with places:
            await extend(practice_id, now=now)

    await asyncio.gather(*map(one, practices))
    return perf_counter() - begun


async def _doctors() -> list[UUID]:
    """Approved doctors, each with a clinic, six full days a week, a tea break and gaps in the evening."""
    from app.demo.heap import Heap

    heap = Heap()
    practices = [_doctor(heap, f"bench-{number}") for number in range(DOCTORS)]
    for practice_id in practices:
        for weekday in range(6):
            _session(heap, practice_id, weekday, MORNING, breaks=[TEA])
            _session(heap, practice_id, weekday, EVENING, gap_minutes=5)
    await heap.pour()
    return practices


def _doctor(heap: "Heap", name: str) -> UUID:
    """A doctor with a clinic of her own; gives the practice's id."""
    user_id, clinic_id, doctor_id, practice_id = (uuid4() for _ in range(4))
    known = {"name": name, "created_at": clock.now()}
    heap.add("users", id=user_id, email=f"{name}@example.com", password_hash="", role="doctor", **known)
    heap.add(
        "clinics",
        id=clinic_id,
        slug=name,
        address="1 Road",
        city="Pune",
        pincode="411001",
        phone="",
        time_zone="Asia/Kolkata",
        calendar_days=DAYS,
        walk_in_percent=20,
        **known,
    )
    heap.add(
        "doctors",
        id=doctor_id,
        user_id=user_id,
        slug=name,
        speciality="general_medicine",
        approved_at=clock.now(),
        **known,
    )
    heap.add("practices", id=practice_id, doctor_id=doctor_id, clinic_id=clinic_id, created_at=clock.now())
    return practice_id


def _session(
    heap: "Heap",
    practice_id: UUID,
    weekday: int,
    hours: Hours,
    *,
    gap_minutes: int = 0,
    breaks: Sequence[Hours] = (),
) -> None:
    session_id, (starts, ends) = uuid4(), hours
    heap.add(
        "weekly_sessions",
        id=session_id,
        practice_id=practice_id,
        weekday=weekday,
        starts=starts,
        ends=ends,
        slot_minutes=15,
        gap_minutes=gap_minutes,
        created_at=clock.now(),
    )
    for begins, over in breaks:
        heap.add("session_breaks", session_id=session_id, starts=begins, ends=over)


if __name__ == "__main__":
    main()
