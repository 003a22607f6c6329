"""Background work of scheduling: the calendars roll on, day by day, each in its own zone."""

from typing import Any
from uuid import UUID

from app import clock
from app.jobs.registry import every, task
from app.jobs.services import enqueue
from app.scheduling.queries import calendars_due
from app.scheduling.services import extend

AT_ONCE = 500
"""Calendars handed over in one beat; the next beat takes the others."""


@every("scheduling.extend_due", "* * * * * */10")
async def extend_due() -> None:
    """Hand over every calendar whose window has moved on."""
    for practice_id in await calendars_due(now=clock.now(), most=AT_ONCE):
        key = f"scheduling.extend:{practice_id}"
        await enqueue("scheduling.extend", {"practice_id": str(practice_id)}, dedupe=key)


@task("scheduling.extend")
async def extend_calendar(payload: dict[str, Any]) -> None:
    """Make the times of one calendar up to the end of its window."""
    await extend(UUID(payload["practice_id"]), now=clock.now())
