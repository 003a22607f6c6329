"""Invitations: made by an administrator, used by one doctor, once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from app import clock
from app.accounts.rules import BadValue, read_email
from app.db.engine import execute, fetch_one, transaction
from app.directory.codes import invitation_code, invitation_hash
from app.directory.errors import DoctorApproved, InvitationForAnother, InvitationNotValid, InvitationUsed
from app.directory.queries.staff import is_clinic
from app.directory.rules import INVITATION_FOR
from app.directory.services.applying import Particulars, apply_again, apply_as_doctor, approve
from app.errors import Invalid, NotFound, _
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.web.limits import spend


@dataclass(frozen=True)
class MadeInvitation:
    """An invitation that was just made, with its code."""

    id: UUID
    code: str
    email: str | None
    clinic_id: UUID | None
    expires_at: datetime


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that can be used."""

    id: UUID
    email: str | None
    clinic_id: UUID | None


async def invite(*, by: Actor, email: str | None = None, clinic_id: UUID | None = None) -> MadeInvitation:
    """Make an invitation for one doctor, who practises at the clinic, if one is named, from the first day on.

    With an address the code is written to it, and serves an account of that address only; without one
    whoever has the code can use it.
    Raises Invalid (fields email, clinic_id).
    """
    email = _address(email)
    if clinic_id and not await is_clinic(clinic_id):
        raise Invalid(fields={"clinic_id": _("Choose a clinic of the list.")})
    now, invitation_id = clock.now(), uuid4()
    code = invitation_code(invitation_id)
    async with transaction():
        await execute(
            "INSERT INTO invitations "
            "(id, code_hash, email, clinic_id, created_by_id, created_at, expires_at) "
            "VALUES ($1,$2,$3,$4,$5,$6,$7)",
            invitation_id,
            invitation_hash(code),
            email,
            clinic_id,
            by.id,
            now,
            now + INVITATION_FOR,
        )
        facts = {"clinic_id": clinic_id, "by_letter": email is not None}
        await publish(names.DOCTOR_INVITED, invitation_id, by=by, facts=facts)
    return MadeInvitation(invitation_id, code, email, clinic_id, now + INVITATION_FOR)


def _address(email: str | None) -> str | None:
    try:
        return read_email(email) if email and email.strip() else None
    except BadValue as bad:
        raise Invalid(fields={"email": bad.message}) from None


async def withdraw_invitation(invitation_id: UUID, *, by: Actor) -> None:
    """Let an invitation be used no more; twice is once. Raises NotFound, InvitationUsed."""
    async with transaction():
        row = await fetch_one(
            "SELECT used_at, withdrawn_at FROM invitations WHERE id = $1 FOR UPDATE", invitation_id
        )
        if row is None:
            raise NotFound
        if row["used_at"] is not None:
            raise InvitationUsed
        if row["withdrawn_at"] is None:
            await execute(
                "UPDATE invitations SET withdrawn_at = $2 WHERE id = $1", invitation_id, clock.now()
            )
            await publish(names.INVITATION_WITHDRAWN, invitation_id, by=by)


OPEN = "used_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2"


async def read_invitation(code: str, *, address: str) -> OpenInvitation:
    """The invitation of a code, as long as it can be used; looking uses nothing up.

    `address` is the network address whose tries are counted. Call it outside a transaction, which would
    take the count back. Raises InvitationNotValid, TooMany.
    """
    await spend("invitation_code", address)
    row = await fetch_one(
        f"SELECT id, email, clinic_id FROM invitations WHERE code_hash = $1 AND {OPEN}",
        invitation_hash(code),
        clock.now(),
    )
    if row is None:
        raise InvitationNotValid
    return OpenInvitation(**dict(row))


def check_addressee(invited: str | None, email: str) -> None:
    """Refuse an invitation that was written to another address than this one; raises InvitationForAnother."""
    if invited is not None and invited != email:
        raise InvitationForAnother


async def use_invitation(
    invitation_id: UUID,
    *,
    user_id: UUID,
    name: str,
    said: Particulars | None,
    by: Actor,
    as_of: datetime | None = None,
) -> UUID:
    """Let an account in as a doctor by an invitation, and use that up: of two at once one is refused.

    `said` are the applicant's particulars; None takes those of an application that waits. `as_of` is when
    the code was given, now unless said. Gives back the doctor's id. Raises InvitationNotValid, Invalid at
    each field that does not fit, DoctorApproved, NotAnApplicant, AccountBlocked.
    """
    async with transaction():
        used = await fetch_one(_USE, invitation_id, as_of or clock.now(), clock.now(), user_id)
        if used is None:
            raise InvitationNotValid
        check_addressee(used["email"], used["account_email"])
        doctor_id = await _applied(user_id, name=name, said=said, by=by)
        facts = {"invitation_id": invitation_id}
        await approve(doctor_id, clinic_id=used["clinic_id"], by=by, facts=facts)
        await publish(names.INVITATION_USED, invitation_id, by=by, facts={"doctor_id": doctor_id})
    return doctor_id


_USE = f"""
UPDATE invitations SET used_at = $3, used_by_id = $4 WHERE id = $1 AND {OPEN}
RETURNING clinic_id, email, (SELECT u.email FROM users u WHERE u.id = $4) AS account_email
"""


async def _applied(user_id: UUID, *, name: str, said: Particulars | None, by: Actor) -> UUID:
    """The doctor an account has applied as, with these particulars; applied now where it had not."""
    known = await fetch_one(
        "SELECT id, approved_at FROM doctors WHERE user_id = $1 AND left_at IS NULL", user_id
    )
    if known is None:
        if said is None:
            raise Invalid(fields={"specialization": _("Choose a speciality from the list.")})
        return await apply_as_doctor(user_id, name=name, by=by, **vars(said))
    if known["approved_at"] is not None:
        raise DoctorApproved
    if said is not None:
        await apply_again(known["id"], said, by=by)
    doctor_id: UUID = known["id"]
    return doctor_id
