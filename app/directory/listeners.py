"""What the directory does when an account has proved its address."""

from uuid import UUID

from app.directory.services.pending import count_application, drop_application
from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for


@listens_for(names.EMAIL_CONFIRMED)
async def on_email_confirmed(event: PastEvent) -> None:
    """The application that came with the sign-up counts from now on, and no stranger's of before."""
    if "sign_up_id" in event.facts:
        if event.by_role != "doctor":
            await drop_application(event.subject_id)
        await count_application(UUID(event.facts["sign_up_id"]))
