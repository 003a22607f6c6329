"""Letters about whether somebody may come in, and as what."""

from app import clock
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.known import Context, letter
from app.notifications.mail import lines_of


@letter
async def account_blocked(event: PastEvent) -> Context:
    """That the account is shut out, and why, where that was said."""
    return {"why": lines_of(event.private.get("why", "")), "at": event.at, "zone": clock.HOUSE_ZONE.key}


@letter
async def account_unblocked(_event: PastEvent) -> Context:
    """That the person can log in again."""
    return {"link": links.log_in()}


@letter
async def role_changed(event: PastEvent) -> Context:
    """That the account is now staff's, or no longer."""
    return {
        "role": event.facts["to"],
        "at": event.at,
        "zone": clock.HOUSE_ZONE.key,
        "link": links.log_in(),
    }
