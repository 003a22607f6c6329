"""Signing up where accounts and directory join: both are written, or neither."""

from app.accounts import services as accounts
from app.accounts.services import Tokens
from app.db.engine import transaction
from app.desks.account.shapes import SignUpBody
from app.directory.rules import speciality_key
from app.directory.services import apply_as_doctor
from app.errors import Invalid, _
from app.events.actor import Actor

ROLES = ("patient", "doctor")
USUAL_SPECIALITY = "general_medicine"
"""What a doctor is written in as who names no speciality."""


async def sign_up(body: SignUpBody, *, address: str, device: str) -> Tokens:
    """Make an account, for a doctor also the application to be seen, and open its first session.

    Raises Invalid with a sentence for each field, EmailTaken, TooMany.
    """
    _check(body)
    new = await accounts.prepare(
        name=body.name,
        email=body.email,
        mobile=body.mobile,
        password=body.password,
        role=body.role,
        address=address,
    )
    async with transaction():
        user_id = await accounts.create(new)
        if new.role == "doctor":
            by, speciality = Actor(user_id, new.role), body.specialization or USUAL_SPECIALITY
            await apply_as_doctor(user_id, name=new.name, speciality=speciality, by=by)
        return await accounts.open_session(user_id, address=address, device=device)


def _check(body: SignUpBody) -> None:
    """What only a program can get wrong; a page has no fields for it."""
    if body.role not in ROLES:
        raise Invalid(fields={"role": _("Choose patient or doctor.")})
    if body.invitation_code:
        raise Invalid(fields={"invitation_code": _("This invitation is not valid.")})
    if body.role == "doctor":
        speciality_key(body.specialization or USUAL_SPECIALITY)
