"""Letters to whoever entered an e-mail address."""

from uuid import UUID

from app import clock
from app.accounts.codes import code_for, link_token_for
from app.accounts.queries import Account, Confirmation, get_confirmation, get_user, is_being_erased
from app.directory.queries import application_of_user
from app.directory.queries.staff import find_workplace
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.errors import Overtaken
from app.notifications.letters.known import ANOTHER_ADDRESS, Context, letter


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
async def known_email(event: PastEvent) -> Context:
    """To the owner of an address somebody tried to sign up with; nobody logs in to what is being erased."""
    return {
        "is_leaving": await is_being_erased(event.subject_id),
        "link": links.log_in(),
        "forgot": links.forgot(),
        "sign_up": links.sign_up(),
    }


@letter
async def reset_password(event: PastEvent) -> Context:
    """The link with which a forgotten password is replaced, with what is left of its time."""
    asked = await _asked_by(event)
    minutes = round((asked.link_expires_at - clock.now()).total_seconds() / 60)
    link = links.choose_password(link_token_for(asked.id, asked.purpose))
    return {"link": link if minutes > 0 else None, "minutes": minutes, "ask_again": links.forgot()}


@letter
async def set_password(event: PastEvent) -> Context:
    """To somebody whose account was made for them: by whom and as what, and the link to a first password."""
    asked, account = await _asked_by(event), await get_user(event.subject_id)
    days = round((asked.link_expires_at - clock.now()).total_seconds() / 86_400)
    link = links.choose_password(link_token_for(asked.id, asked.purpose))
    return {
        "role": account.role,
        "clinic": await _clinic_of(account),
        "link": link if days > 0 else None,
        "days": days,
        "ask_again": links.forgot(),
    }


@letter
async def password_changed(event: PastEvent) -> Context:
    """What happened, and the way back for whoever did not do it."""
    zone = clock.HOUSE_ZONE.key
    return {"at": event.at, "zone": zone, "how": event.facts["how"], "link": links.forgot()}


@letter
async def change_email(event: PastEvent) -> Context:
    """To the new address: six digits and a link, as in the first letter to an address."""
    asked = await _asked_by(event)
    minutes = round((asked.code_expires_at - clock.now()).total_seconds() / 60)
    hours = round((asked.link_expires_at - clock.now()).total_seconds() / 3600)
    return {
        ANOTHER_ADDRESS: asked.new_email,
        "code": code_for(asked.id) if minutes > 0 else None,
        "minutes": minutes,
        "link": links.change_email(link_token_for(asked.id, asked.purpose)) if hours > 0 else None,
        "hours": hours,
        "ask_again": links.security(),
    }


@letter
async def email_changing(event: PastEvent) -> Context:
    """To the old address: somebody who knows the password wants another one."""
    return {"at": event.at, "zone": clock.HOUSE_ZONE.key, "forgot": links.forgot()}


@letter
async def email_changed(event: PastEvent) -> Context:
    """To the address that was the account's until now, if it was proved and the log still keeps it."""
    if "old_email" not in event.private:
        raise Overtaken
    return {ANOTHER_ADDRESS: event.private["old_email"], "at": event.at, "zone": clock.HOUSE_ZONE.key}


@letter
async def email_wanted(_event: PastEvent) -> Context:
    """To the owner of an address that somebody wanted for an account of theirs."""
    return {"link": links.log_in()}


async def _asked_by(event: PastEvent) -> Confirmation:
    """The proof an event asks for; raises Overtaken once it was given, or leads nowhere any more."""
    asked = await get_confirmation(UUID(event.facts["confirmation_id"]))
    if asked.used_at is not None:
        raise Overtaken
    return asked


async def _clinic_of(account: Account) -> str:
    """Where somebody works, by name; several clinics of a doctor stand side by side."""
    if account.role == "doctor":
        application = await application_of_user(account.id)
        return ", ".join(application.clinics) if application else ""
    place = await find_workplace(account.id)
    return place.name if place else ""
