"""How long the slots of a city take to make: 200 doctors, 60 days ahead; and to find nothing left to make.

    .venv/bin/python -m bench.generation

Ends with 1 when the first run takes longer than 30 s in all.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import time
from time import perf_counter
from uuid import UUID, uuid4

from app import clock
from bench.ground import on_fresh_database

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

    heap, now, practices = Heap(), clock.now(), []
    for number in range(DOCTORS):
        name, user_id, clinic_id, doctor_id, practice_id = f"bench-{number}", *(uuid4() for _ in range(4))
        heap.add(
            "users",
            id=user_id,
            name=name,
            email=f"{name}@example.com",
            password_hash="",
            role="doctor",
            created_at=now,
        )
        heap.add(
            "clinics",
            id=clinic_id,
            slug=name,
            name=name,
            address="1 Road",
            city="Pune",
            pincode="411001",
            phone="",
            time_zone="Asia/Kolkata",
            calendar_days=DAYS,
            walk_in_percent=20,
            created_at=now,
        )
        heap.add(
            "doctors",
            id=doctor_id,
            user_id=user_id,
            slug=name,
            name=name,
            speciality="general_medicine",
            approved_at=now,
            created_at=now,
        )
        heap.add("practices", id=practice_id, doctor_id=doctor_id, clinic_id=clinic_id, created_at=now)
        for weekday in range(6):
            for (starts, ends), gap in ((MORNING, 0), (EVENING, 5)):
                session_id = uuid4()
                heap.add(
                    "weekly_sessions",
                    id=session_id,
                    practice_id=practice_id,
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                    slot_minutes=15,
                    gap_minutes=gap,
                    created_at=now,
                )
                if starts < TEA[0]:
                    heap.add("session_breaks", session_id=session_id, starts=TEA[0], ends=TEA[1])
        practices.append(practice_id)
    await heap.pour()
    return practices


if __name__ == "__main__":
    main()
