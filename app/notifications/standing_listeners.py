"""Who is told that they may come in no more, or again, or as another. Each listener only writes a letter."""

from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter

_OF_DESKS = {"reception", "admin"}


@listens_for(names.USER_BLOCKED)
async def on_blocked(event: PastEvent) -> None:
    """Whoever is shut out hears that, and why."""
    await write_letter(event, "account_blocked", event.subject_id)


@listens_for(names.USER_UNBLOCKED)
async def on_unblocked(event: PastEvent) -> None:
    """Whoever is let in again hears that."""
    await write_letter(event, "account_unblocked", event.subject_id)


@listens_for(names.ROLE_CHANGED)
async def on_role_changed(event: PastEvent) -> None:
    """Whoever joins or leaves a desk hears that.

    Doctors hear of their approval instead, and who lost the password on the way has a letter with another.
    """
    if _OF_DESKS & {event.facts["from"], event.facts["to"]} and not event.facts.get("password_taken"):
        await write_letter(event, "role_changed", event.subject_id)
