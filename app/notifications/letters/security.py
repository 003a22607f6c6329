"""Letters about who comes into an account, and how."""

from app import clock
from app.events import names
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.known import Context, letter

_SECOND_STEP = {
    names.SECOND_STEP_TURNED_ON: "on",
    names.SECOND_STEP_TURNED_OFF: "off",
    names.RECOVERY_CODES_RENEWED: "renewed",
    names.RECOVERY_CODE_USED: "used",
}


@letter
async def second_step(event: PastEvent) -> Context:
    """What became of the second step of a log-in, or that a recovery code stood in for it."""
    return {
        "what": _SECOND_STEP[event.name],
        "by_owner": event.by_id == event.subject_id,
        "left": event.facts.get("left", 0),
        "at": event.at,
        "zone": clock.HOUSE_ZONE.key,
        "link": links.security(),
    }
