"""Signing up where accounts and directory join: both are written, or neither."""

from uuid import UUID

from app.accounts import services as accounts
from app.accounts.rules import NOTICE_LANGUAGES, NOTICE_VERSION
from app.accounts.services import Tokens
from app.db.engine import transaction
from app.desks.account.shapes import SignUpBody
from app.directory.rules import speciality_key
from app.directory.services import (
    OpenInvitation,
    Particulars,
    apply_as_doctor,
    check_addressee,
    read_invitation,
    use_invitation,
)
from app.errors import Invalid, _
from app.events.actor import Actor

ROLES = ("patient", "doctor")
USUAL_SPECIALITY = "general_medicine"
"""What a doctor is written in as who names no speciality."""


async def sign_up(body: SignUpBody, *, address: str, device: str) -> Tokens:
    """Make an account, for a doctor also the application to be seen, and open its first session.

    With the code of an invitation a doctor is approved at once, until another sign-up proves the address;
    where somebody else is faster with it, there is no account either. Raises Invalid with a sentence for each
    field, InvitationNotValid, EmailTaken, TooMany.
    """
    said, accepts_in = _check(body), _accepted_in(body)
    invitation = (
        await read_invitation(body.invitation_code, address=address) if body.invitation_code else None
    )
    new = await accounts.prepare(
        name=body.name,
        email=body.email,
        mobile=body.mobile,
        password=body.password,
        role=body.role,
        address=address,
        counted_as="sign_up",
    )
    if invitation is not None:
        check_addressee(invitation.email, new.email)
    async with transaction():
        user_id = await accounts.create(new, accepts_in=accepts_in)
        if said is not None:
            await _become_doctor(user_id, new.name, said, invitation)
        return await accounts.open_session(user_id, address=address, device=device)


async def _become_doctor(
    user_id: UUID, name: str, said: Particulars, invitation: OpenInvitation | None
) -> None:
    by = Actor(user_id, "doctor")
    if invitation is None:
        await apply_as_doctor(user_id, name=name, by=by, **vars(said))
    else:
        await use_invitation(invitation.id, user_id=user_id, name=name, said=said, by=by)


def _check(body: SignUpBody) -> Particulars | None:
    """What only a program can get wrong; gives back what a doctor says of herself, None for a patient."""
    if body.role not in ROLES:
        raise Invalid(fields={"role": _("Choose patient or doctor.")})
    if body.role == "doctor":
        key = speciality_key(body.specialization or USUAL_SPECIALITY)
        return Particulars(key, body.qualifications, body.registration_number).checked()
    if body.invitation_code:
        raise Invalid(fields={"invitation_code": _("Invitations are for doctors. Sign up as one to use it.")})
    return None


def _accepted_in(body: SignUpBody) -> str | None:
    """The language the notice was accepted in; None where the program does not say that it was."""
    accepted = body.accepted_notice
    if accepted is None:
        return None
    if accepted.version != NOTICE_VERSION:
        raise Invalid(fields={"accepted_notice.version": _("The notice has another version by now.")})
    if accepted.language not in NOTICE_LANGUAGES:
        raise Invalid(fields={"accepted_notice.language": _("The notice is not written in this language.")})
    return accepted.language
