"""Who is told of log-ins. Each listener only writes the letters down."""

from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter


@listens_for(names.LOG_IN_CODE_ASKED)
async def on_code_asked(event: PastEvent) -> None:
    """Who knows the password on a new device shows with this code that the mailbox is theirs too."""
    await write_letter(event, "log_in_code", event.subject_id)


@listens_for(names.NEW_DEVICE_USED)
async def on_new_device(event: PastEvent) -> None:
    """The owner of an account hears that somebody came in from elsewhere."""
    await write_letter(event, "new_device", event.subject_id)


@listens_for(names.ACCOUNT_LOCKED)
async def on_locked(event: PastEvent) -> None:
    """The owner of an account hears that wrong passwords were tried."""
    await write_letter(event, "locked", event.subject_id)


@listens_for(names.DEVICE_TRUST_ASKED)
async def on_trust_asked(event: PastEvent) -> None:
    """The owner of an account gets the way past a lock that others brought about."""
    await write_letter(event, "trust_device", event.subject_id)
