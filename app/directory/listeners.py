"""What the directory does when an account has proved its address."""

from uuid import UUID

from app.directory.services.pending import count_application, drop_applications
from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for


@listens_for(names.EMAIL_CONFIRMED)
async def on_email_confirmed(event: PastEvent) -> None:
    """The application that came with the sign-up counts from now on, and no stranger's of before."""
    letter = event.facts.get("sign_up_id")
    sign_up_id = UUID(letter) if letter else None
    if sign_up_id or event.facts.get("is_begun_anew"):
        await drop_applications(event.subject_id, until=event.at, but=sign_up_id)
    await count_application(event.subject_id, sign_up_id=sign_up_id)
