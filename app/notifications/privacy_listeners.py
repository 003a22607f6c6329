"""Who is told what happened to their data. Each listener only writes the letters down."""

from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter


@listens_for(names.EXPORT_READY)
async def on_export_ready(event: PastEvent) -> None:
    """Who asked for a copy hears that it is there."""
    await write_letter(event, "export_ready", event.subject_id)


@listens_for(names.ACCOUNT_ERASED)
async def on_account_erased(event: PastEvent) -> None:
    """Who gave an account up gets one last letter; their address is erased once it is out."""
    await write_letter(event, "account_erased", event.subject_id)
