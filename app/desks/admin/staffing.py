"""Who works at which desk, where accounts and directory join: both are changed, or neither."""

from uuid import UUID

from app.accounts import services as accounts
from app.accounts.errors import AccountBlocked, AccountErased
from app.accounts.roll import OnTheRoll, find_by_email
from app.accounts.rules import read_email
from app.db.engine import transaction
from app.directory.queries.staff import find_workplace
from app.directory.services.clinics import join_staff, leave_staff
from app.errors import Conflict, Invalid, _
from app.events.actor import Actor

WORKING = ("reception", "admin")


class IsADoctor(Conflict):
    """A doctor's account carries a practice and its visits, so it cannot become another's."""

    slug = "is-a-doctor"
    message = _("This is a doctor's account. Give the person another account, with another e-mail address.")


class NotStaff(Conflict):
    """Whoever works nowhere cannot be sent away."""

    slug = "not-staff"
    message = _("This person works neither at a desk nor as an administrator.")


async def add_staff(*, name: str, email: str, role: str, clinic_id: UUID | None, by: Actor) -> UUID:
    """Make an account for somebody who works at a clinic's desk, or runs the house, and send its letter.

    `role` is one of WORKING; reception needs a clinic. Returns the id. Raises Invalid with a sentence for
    each field, EmailTaken, NotFound for a clinic there is none of.
    """
    _check_place(role, clinic_id)
    async with transaction():
        user_id = await accounts.create_member(name=name, email=email, mobile=None, role=role, by=by)
        if role == "reception" and clinic_id is not None:
            await join_staff(user_id, clinic_id, by=by)
        await accounts.invite_to_set_password(user_id, by=by)
    return user_id


async def employ(user_id: UUID, *, role: str, clinic_id: UUID | None, by: Actor) -> None:
    """Let an account work in a role at a clinic: a patient's that joins, or one that moves.

    Whatever changes, its sessions end. Nothing happens where it is so already. Raises Invalid, IsADoctor,
    AccountBlocked, AccountErased, OwnAccount, LastAdmin, NotFound.
    """
    _check_place(role, clinic_id)
    async with transaction():
        one = await accounts.lock_account(user_id)
        _check_employable(one)
        place = await find_workplace(user_id)
        if role == "reception" and clinic_id is not None:
            await join_staff(user_id, clinic_id, by=by)
        else:
            await leave_staff(user_id, by=by)
        await accounts.change_role(user_id, role, by=by)
        if one.role == role == "reception" and place is not None and place.id != clinic_id:
            await accounts.end_all_sessions(user_id, by=by)
        if one.role != role and not one.is_verified:
            await accounts.invite_to_set_password(user_id, by=by)


async def send_away(user_id: UUID, *, by: Actor) -> None:
    """Take somebody's work from them; the account stays, as a patient's.

    Raises NotStaff, OwnAccount, LastAdmin, AccountErased, NotFound.
    """
    async with transaction():
        if (await accounts.lock_account(user_id)).role not in WORKING:
            raise NotStaff
        await leave_staff(user_id, by=by)
        await accounts.change_role(user_id, "patient", by=by)


async def employable(email: str) -> OnTheRoll | None:
    """The account of an address, which may be asked to work here; None where there is none yet.

    Raises BadValue for what is no address.
    """
    return await find_by_email(read_email(email))


def _check_place(role: str, clinic_id: UUID | None) -> None:
    if role not in WORKING:
        raise Invalid(fields={"role": _("Choose one from the list.")})
    if role == "reception" and clinic_id is None:
        raise Invalid(fields={"clinic": _("Choose the clinic where the person works.")})


def _check_employable(one: accounts.Standing) -> None:
    if one.role == "doctor":
        raise IsADoctor
    if one.is_erased:
        raise AccountErased
    if one.is_blocked:
        raise AccountBlocked
