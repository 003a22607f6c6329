"""A practice with a calendar, on a Monday at eight, and short ways to look at its times."""

import asyncio
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from app import clock
from app.db.engine import execute, fetch_value
from app.directory.queries import Practice, get_practice
from app.events.actor import SYSTEM
from app.events.queries import events_of
from app.scheduling.queries import slots_on
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import set_week
from tests.factories import KOLKATA, CastDoctor, a_doctor

MONDAY_MORNING = datetime(2027, 2, 1, 2, 30, tzinfo=UTC)
"""Eight o'clock at the clinic, on a Monday."""
MONDAY = date(2027, 2, 1)
MORNINGS = [Session(day, time(9), time(11), 30) for day in range(7)]


async def a_practice(doctor: CastDoctor | None = None, *, days: int = 3) -> Practice:
    """A practice whose calendar reaches so many days ahead."""
    doctor = doctor or await a_doctor()
    await execute("UPDATE clinics SET calendar_days = $2 WHERE id = $1", doctor.clinic_id, days)
    return await get_practice(doctor.practice_id)


async def working(practice: Practice, week: list[Session] | None = None) -> Practice:
    """The same practice with a week, mornings by default."""
    await set_week(practice, MORNINGS if week is None else week, version=0, by=SYSTEM)
    return practice


async def times_on(practice: Practice, on: date = MONDAY) -> list[str]:
    """When the slots of a day begin, by the clinic's clock."""
    slots = await slots_on(practice.id, on)
    return [f"{slot.starts_at.astimezone(practice.zone_info):%H:%M}" for slot in slots]


async def slot_at(practice: Practice, at: str, on: date = MONDAY) -> UUID:
    """The slot of a day that begins at a time."""
    [found] = [slot.id for slot in await slots_on(practice.id, on) if slot.starts_at == moment(at, on)]
    return found


def moment(at: str, on: date = MONDAY) -> datetime:
    """When the clinic's clock shows a time."""
    return clock.at(on, time.fromisoformat(at), KOLKATA)


def leave(first: date, last: date | None = None, **other: Any) -> CalendarException:
    return CalendarException("leave", first, last or first, **other)


async def told(practice: Practice, name: str) -> list[dict[str, Any]]:
    """The facts of the events of a name, oldest first."""
    return [event.facts for event in await events_of(practice.id) if event.name == name]


async def a_statement_waits(number: int = 1) -> None:
    """Return when so many statements wait for a row that somebody else has locked; fails after some time."""
    waiting = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE NOT l.granted AND a.datname = current_database()"  # beside us other workers have theirs
    )
    async with asyncio.timeout(10):
        while await fetch_value(waiting) < number:  # noqa: ASYNC110 - what is waited for happens in the database
            await asyncio.sleep(0.02)


async def overlaps() -> int:
    """How many pairs of offered times of one doctor overlap."""
    found: int = await fetch_value(
        "SELECT count(*) FROM slots a JOIN slots b ON a.doctor_id = b.doctor_id AND a.id < b.id "
        "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
        "WHERE a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL"
    )
    return found
