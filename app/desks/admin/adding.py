"""Adding doctors by hand, where accounts and the directory meet: both are written, or neither."""

from uuid import UUID

from app.accounts import services as accounts
from app.accounts.queries import Account, find_user_by_email, get_user
from app.accounts.rules import BadValue, read_email
from app.db.engine import transaction
from app.directory import services as directory
from app.directory.errors import DoctorApproved, NotAnApplicant
from app.directory.queries import application_of_user
from app.directory.services import Particulars
from app.events.actor import Actor

ADDED = {"added": True}
"""A fact of the approval of a doctor who hears of it by the letter with which the password is chosen."""


async def account_with(email: str) -> Account | None:
    """Whose address this is, or None where it is nobody's, or no address."""
    try:
        return await find_user_by_email(read_email(email))
    except BadValue:
        return None


async def add_doctor(*, name: str, email: str, said: Particulars, clinic_id: UUID | None, by: Actor) -> UUID:
    """Make a doctor's account that is approved from the beginning; a letter lets its owner choose a password.

    Gives back the doctor's id. Raises Invalid with a sentence for each field, EmailTaken.
    """
    async with transaction():
        user_id = await accounts.create_member(name=name, email=email, mobile=None, role="doctor", by=by)
        account = await get_user(user_id)
        doctor_id = await directory.apply_as_doctor(user_id, name=account.name, by=by, **vars(said))
        await directory.approve(doctor_id, clinic_id=clinic_id, by=by, facts=ADDED)
        await accounts.invite_to_set_password(user_id, by=by)
    return doctor_id


async def make_doctor(user_id: UUID, *, said: Particulars, clinic_id: UUID | None, by: Actor) -> UUID:
    """Make an account a doctor's that there is already, or let its doctor practise at one more clinic.

    Gives back the doctor's id. Raises Invalid with a sentence for each field, NotAnApplicant,
    DoctorApproved where nothing is left to do.
    """
    async with transaction():
        account, known = await get_user(user_id), await application_of_user(user_id)
        if account.role not in ("patient", "doctor"):
            raise NotAnApplicant
        if known is None:
            doctor_id = await directory.apply_as_doctor(user_id, name=account.name, by=by, **vars(said))
        elif known.state == "approved" and clinic_id is None:
            raise DoctorApproved
        else:
            doctor_id = known.id
        await directory.approve(doctor_id, clinic_id=clinic_id, by=by)
    return doctor_id
