"""Letters to whoever entered an e-mail address."""

from uuid import UUID

from app import clock
from app.accounts.codes import code_for, link_token_for
from app.accounts.queries import get_confirmation
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.known import Context, letter


@letter
async def confirm_email(event: PastEvent) -> Context:
    """Six digits and a link, each with what is left of its time; one that is over is left out.

    The reader is not called by name: whoever signed up may have typed another's address, and a name can say
    anything.
    """
    asked = await get_confirmation(UUID(event.facts["confirmation_id"]))
    minutes = round((asked.code_expires_at - clock.now()).total_seconds() / 60)
    hours = round((asked.link_expires_at - clock.now()).total_seconds() / 3600)
    return {
        "code": code_for(asked.id) if minutes > 0 else None,
        "minutes": minutes,
        "link": links.confirm(link_token_for(asked.id)) if hours > 0 else None,
        "hours": hours,
        "ask_again": links.enter_code(),
    }


@letter
async def known_email(_event: PastEvent) -> Context:
    """To the owner of an address somebody tried to sign up with."""
    return {"link": links.log_in()}
