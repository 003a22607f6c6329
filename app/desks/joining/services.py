"""Joining where accounts and the directory meet: both are written, or neither."""

from uuid import UUID

from app.accounts import services as accounts
from app.accounts.queries import Account
from app.accounts.services import Begun, NewAccount
from app.db.engine import transaction
from app.directory import services as directory
from app.directory.queries import application_of_user
from app.directory.services import OpenInvitation, Particulars
from app.events.actor import Actor


async def sign_up_and_apply(
    new: NewAccount, said: Particulars, *, invitation: OpenInvitation | None, accepts_in: str
) -> Begun:
    """Begin an account with its application, alike for any address; an invitation waits for the letter.

    Where the address has an unconfirmed account, what was said counts once the letter of this sign-up is
    confirmed; where it has an owner, nothing is written, and the owner is told. An invitation is spent with
    the letter of either, so that nothing tells whether the address was known. Raises Invalid at each field
    that does not fit, InvitationForAnother; then there is no account either.
    """
    said = said.checked()
    if invitation is not None:
        directory.check_addressee(invitation.email, new.email)
    async with transaction():
        begun = await accounts.begin(new, accepts_in=accepts_in)
        if begun.user_id is not None:
            by = Actor(begun.user_id, new.role)
            await directory.apply_as_doctor(begun.user_id, name=new.name, by=by, **vars(said))
        if begun.user_id is None or invitation is not None:
            await directory.keep_application(
                begun.confirmation_id,
                said,
                invitation_id=invitation.id if invitation else None,
                begins_account=begun.user_id is not None,
            )
    return begun


async def apply(account: Account, said: Particulars) -> UUID:
    """Let an account apply as a doctor, put its application better, or apply again after a refusal.

    Gives back the doctor's id. Raises Invalid at each field that does not fit, DoctorAlready, DoctorApproved.
    """
    known = await application_of_user(account.id)
    if known is None:
        return await directory.apply_as_doctor(account.id, name=account.name, by=account.actor, **vars(said))
    await directory.apply_again(known.id, said, by=account.actor)
    return known.id


async def use_code(account: Account, code: str, said: Particulars | None, *, address: str) -> UUID:
    """Let an account in as a doctor by the code of an invitation; a patient's sessions end with it.

    `address` is the network address whose tries are counted. Gives back the doctor's id. Raises Invalid at
    each field that does not fit, InvitationNotValid, DoctorApproved, NotAnApplicant, AccountBlocked, TooMany.
    """
    invitation = await directory.read_invitation(code, address=address)
    return await directory.use_invitation(
        invitation.id, user_id=account.id, name=account.name, said=said, by=account.actor
    )
