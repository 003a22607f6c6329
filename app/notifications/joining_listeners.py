"""Who is told of doctors who apply, are let in or turned down, or are invited."""

from app.directory.queries import Application, application_of_user, find_application
from app.directory.queries.staff import staff_members
from app.events import names
from app.events.queries import PastEvent
from app.events.registry import listens_for
from app.notifications.services import write_letter, write_letters


@listens_for(names.DOCTOR_APPLIED)
async def on_applied(event: PastEvent) -> None:
    """Administrators and applicant hear of an application once its address is confirmed."""
    await _tell_of(event, await find_application(event.subject_id))


@listens_for(names.EMAIL_CONFIRMED)
async def on_confirmed(event: PastEvent) -> None:
    """They hear now of an application that waited for it; a later one is told of by its own event."""
    application = await application_of_user(event.subject_id)
    if application is not None and application.applied_at <= event.at:
        await _tell_of(event, application)


@listens_for(names.DOCTOR_APPROVED)
async def on_approved(event: PastEvent) -> None:
    """The doctor hears it from us, unless the house let her in, or she was added and has another letter."""
    if event.by_role != "system" and "added" not in event.facts:
        await _answer(event, "doctor_approved")


@listens_for(names.DOCTOR_REJECTED)
async def on_rejected(event: PastEvent) -> None:
    """The applicant hears the answer."""
    await _answer(event, "doctor_rejected")


@listens_for(names.DOCTOR_INVITED)
async def on_invited(event: PastEvent) -> None:
    """The letter is the administrator's who invites, and goes to the address of the invitation."""
    if event.facts["by_letter"] and event.by_id is not None:
        await write_letter(event, "invitation", event.by_id)


async def _answer(event: PastEvent, letter: str) -> None:
    """To the applicant, unless the application was dropped or the doctor has left meanwhile."""
    application = await find_application(event.subject_id)
    if application is not None:
        await write_letter(event, letter, application.user_id)


async def _tell_of(event: PastEvent, application: Application | None) -> None:
    """Nobody is told of who is let in already or gone; nothing is sent to an address somebody else may have
    typed."""
    if application is None or application.state != "waiting" or not application.is_verified:
        return
    admins = [one.user_id for one in await staff_members() if one.role == "admin" and not one.is_blocked]
    await write_letters(event, "doctor_applied", admins)
    await write_letter(event, "application_received", application.user_id)
