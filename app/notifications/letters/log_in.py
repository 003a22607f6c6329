"""Letters about log-ins: a code, a device that is new, tries that are held off, a way past them."""

from uuid import UUID

from app import clock
from app.accounts.codes import LOG_IN_CODE, code_for, link_token_for
from app.accounts.log_in_queries import code_holds_until, get_log_in
from app.accounts.queries import get_confirmation
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.known import Context, letter


@letter
async def log_in_code(event: PastEvent) -> Context:
    """The six digits of a second step, while they are of use."""
    challenge_id = UUID(event.facts["challenge_id"])
    until, now = await code_holds_until(challenge_id), clock.now()
    minutes = round((until - now).total_seconds() / 60) if until else 0
    return {
        "code": code_for(challenge_id, LOG_IN_CODE) if minutes > 0 else None,
        "minutes": minutes,
        "link": links.log_in(),
        "forgot": links.forgot(),
    }


@letter
async def new_device(event: PastEvent) -> Context:
    """That somebody logged in where nobody had before, when, and on what."""
    entered = await get_log_in(UUID(event.facts["session_id"]))
    return {
        "device": entered.device,
        "address": entered.address,
        "at": event.at,
        "zone": clock.HOUSE_ZONE.key,
        "link": links.security(),
    }


@letter
async def locked(event: PastEvent) -> Context:
    """That wrong passwords were tried, and what to do where it was oneself."""
    return {
        "at": event.at,
        "zone": clock.HOUSE_ZONE.key,
        "link": links.forgot(),
        "trust": links.ask_trust(),
        "log_ins": links.log_ins(),
    }


@letter
async def trust_device(event: PastEvent) -> Context:
    """A link that makes the browser a known one which asked for it."""
    asked = await get_confirmation(UUID(event.facts["confirmation_id"]))
    minutes = round((asked.link_expires_at - clock.now()).total_seconds() / 60)
    waits = minutes > 0 and asked.used_at is None
    return {
        "link": links.trust_device(link_token_for(asked.id, "trust_device")) if waits else None,
        "minutes": minutes,
        "ask_again": links.ask_trust(),
    }
