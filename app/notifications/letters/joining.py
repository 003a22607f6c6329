"""Letters about doctors who come in: applications and what became of them, invitations."""

from app import clock
from app.directory.queries import Application, application_of_user, find_application, get_invitation
from app.directory.rules import speciality_name
from app.events import names
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.errors import Overtaken
from app.notifications.letters.known import ANOTHER_ADDRESS, Context, letter
from app.notifications.mail import lines_of


@letter
async def doctor_applied(event: PastEvent) -> Context:
    """To the administrators: who waits for their decision, unless one was faster."""
    one = await _application(event, "waiting")
    return {
        "name": one.name,
        "speciality": speciality_name(one.speciality),
        "registration_number": one.registration_number,
        "link": links.application(one.id),
    }


@letter
async def application_received(event: PastEvent) -> Context:
    """To the applicant: that somebody looks at it, and what is missing, if anything is."""
    one = await _application(event, "waiting")
    return {
        "is_complete": bool(one.registration_number and one.qualifications),
        "link": links.practise(),
    }


@letter
async def doctor_approved(event: PastEvent) -> Context:
    """To the doctor: that she is in, and where she practises, if that was said."""
    one = await _application(event, "approved")
    return {"clinics": ", ".join(one.clinics), "link": links.log_in()}


@letter
async def doctor_rejected(event: PastEvent) -> Context:
    """To the applicant: the answer, why, and the way to apply again."""
    await _application(event, "rejected")
    return {"why": lines_of(event.private.get("why", "")), "link": links.practise()}


@letter
async def invitation(event: PastEvent) -> Context:
    """To an address nobody may have an account with: the code, until when it works, and where."""
    one, now = await get_invitation(event.subject_id), clock.now()
    if one.email is None or one.state(now=now) != "open":
        raise Overtaken
    return {
        ANOTHER_ADDRESS: one.email,
        "code": one.code,
        "clinic": one.clinic_name or "",
        "until": one.expires_at,
        "zone": clock.HOUSE_ZONE.key,
        "link": links.invitation(one.code),
    }


async def _application(event: PastEvent, state: str) -> Application:
    """The application an event is about, or that of the account whose address was confirmed.

    Raises Overtaken where it stands otherwise by now.
    """
    if event.name == names.EMAIL_CONFIRMED:
        one = await application_of_user(event.subject_id)
    else:
        one = await find_application(event.subject_id)
    if one is None or one.state != state:
        raise Overtaken
    return one
