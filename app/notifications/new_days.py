"""Followers hear of a doctor's new days: some minutes later, in one letter, at most once in 24 hours."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.db.engine import execute, transaction
from app.events.queries import PastEvent, get_event
from app.jobs.registry import every, task
from app.jobs.services import enqueue
from app.notifications.followers import KIND, Waiting, followers_to_tell, openings_due
from app.notifications.services import write_letters

TELL = "notifications.tell_followers"

GATHER_FOR = timedelta(minutes=3)
"""How long a calendar rests before its followers are told, so that one letter names all its new days."""

AT_ONCE = 200
"""Followers told in one transaction."""


@every("notifications.new_days", "* * * * * 45")
async def look_for_new_days() -> None:
    """Ask for letters wherever days were opened of which a follower may have to hear now."""
    now = clock.now()
    for event_id in await openings_due(now=now, before=now - GATHER_FOR):
        await enqueue(TELL, {"event_id": event_id}, dedupe=f"new_days:{event_id}", priority=-1)


@task(TELL)
async def tell_followers(payload: dict[str, Any]) -> None:
    """Write the letters about one opening, some at a time; run again, it goes on with who has none yet.

    That it has come to the end is noted last, so a job that was killed is asked for again.
    """
    event, now = await get_event(UUID(payload["event_id"])), clock.now()
    some = await _tell_some(event, None)
    while some:
        some = await _tell_some(event, some[-1])
    await execute(
        "INSERT INTO follower_looks (practice_id, event_id, looked_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (practice_id) DO UPDATE SET event_id = $2, looked_at = $3",
        event.subject_id,
        event.id,
        now,
    )


async def _tell_some(event: PastEvent, after: Waiting | None) -> list[Waiting]:
    """Write the next letters, and say who they are to.

    The lock lets one worker at a time find out who has had a letter about the practice.
    """
    async with transaction():
        await execute(
            "SELECT pg_advisory_xact_lock(hashtext('new_days'), hashtext($1))", str(event.subject_id)
        )
        some = await followers_to_tell(event.id, now=clock.now(), after=after, limit=AT_ONCE)
        await write_letters(event, KIND, [one.user_id for one in some])
    return some
