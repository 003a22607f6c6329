"""What the directory does when an account has proved its address."""

from uuid import UUID

from app.directory.services.pending import count_application
from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for


@listens_for(names.EMAIL_CONFIRMED)
async def on_email_confirmed(event: PastEvent) -> None:
    """The application that came with the letter counts from now on."""
    if "confirmation_id" in event.facts:
        await count_application(UUID(event.facts["confirmation_id"]))
