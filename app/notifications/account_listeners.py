"""Who is told what happened to accounts. Each listener only writes the letters down."""

from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter


@listens_for(names.EMAIL_CONFIRMATION_ASKED)
async def on_confirmation_asked(event: PastEvent) -> None:
    """Whoever entered an address hears there how to confirm it."""
    await write_letter(event, "confirm_email", event.subject_id)


@listens_for(names.SIGN_UP_WITH_KNOWN_EMAIL)
async def on_known_email(event: PastEvent) -> None:
    """The owner of an address hears that somebody tried to sign up with it."""
    await write_letter(event, "known_email", event.subject_id)


@listens_for(
    names.SECOND_STEP_TURNED_ON,
    names.SECOND_STEP_TURNED_OFF,
    names.RECOVERY_CODES_RENEWED,
    names.RECOVERY_CODE_USED,
)
async def on_second_step(event: PastEvent) -> None:
    """Whose log-in it is hears what became of its second step, whoever did it."""
    await write_letter(event, "second_step", event.subject_id)
