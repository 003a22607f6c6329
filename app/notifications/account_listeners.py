"""Who is told what happened to accounts. Each listener only writes the letters down."""

from uuid import UUID

from app.accounts.queries import is_wanted_free
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


@listens_for(names.PASSWORD_RESET_ASKED)
async def on_reset_asked(event: PastEvent) -> None:
    """The owner of the account gets the link."""
    await write_letter(event, "reset_password", event.subject_id)


@listens_for(names.PASSWORD_CHOICE_ASKED)
async def on_password_choice_asked(event: PastEvent) -> None:
    """Whoever an account was made for hears of it, with the link to a first password."""
    await write_letter(event, "set_password", event.subject_id)


@listens_for(names.PASSWORD_CHANGED)
async def on_password_changed(event: PastEvent) -> None:
    """Whose password it is hears of each change; the first one of an account replaced none."""
    if event.facts["how"] == "set_password":
        return
    await write_letter(event, "password_changed", event.subject_id)


@listens_for(names.EMAIL_CHANGE_ASKED)
async def on_email_change_asked(event: PastEvent) -> None:
    """The new address gets code and link unless it is another's, the old one a note if it was proved."""
    if event.facts["was_confirmed"]:
        await write_letter(event, "email_changing", event.subject_id)
    if await is_wanted_free(UUID(event.facts["confirmation_id"])):
        await write_letter(event, "change_email", event.subject_id)


@listens_for(names.EMAIL_CHANGE_TO_KNOWN)
async def on_email_wanted(event: PastEvent) -> None:
    """The owner of an address hears that somebody wanted it."""
    await write_letter(event, "email_wanted", event.subject_id)


@listens_for(names.EMAIL_CHANGED)
async def on_email_changed(event: PastEvent) -> None:
    """The address of until now hears that it is no more."""
    await write_letter(event, "email_changed", event.subject_id)


@listens_for(
    names.SECOND_STEP_TURNED_ON,
    names.SECOND_STEP_TURNED_OFF,
    names.RECOVERY_CODES_RENEWED,
    names.RECOVERY_CODE_USED,
)
async def on_second_step(event: PastEvent) -> None:
    """Whose log-in it is hears what became of its second step, whoever did it."""
    await write_letter(event, "second_step", event.subject_id)
