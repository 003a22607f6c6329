"""What scheduling does when a policy of a practice or clinic changes: its slots follow."""

from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.jobs.services import enqueue
from app.scheduling.queries import calendars_under


@listens_for(names.PRACTICE_CHANGED, names.CLINIC_CHANGED)
async def follow_policies(event: PastEvent) -> None:
    """Make more days where the window grew, and keep back the share for walk-ins that holds now.

    The subject is a practice, or a clinic with all its practices. Each change asks for a run of its own: one
    under way may have read the policies before it.
    """
    for practice_id in await calendars_under(event.subject_id):
        key = f"scheduling.extend:{practice_id}:{event.id}"
        await enqueue("scheduling.extend", {"practice_id": str(practice_id)}, dedupe=key)
