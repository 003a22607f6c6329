"""Applying as a doctor, and being let in or turned down."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from asyncpg import Record

from app import clock
from app.accounts.errors import AccountBlocked
from app.accounts.services import Standing, change_role, lock_account
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.directory.errors import (
    ApplicationRejected,
    DoctorAlready,
    DoctorApproved,
    NoSuchDoctor,
    NotAnApplicant,
    NotYetApproved,
)
from app.directory.queries.staff import is_clinic
from app.directory.rules import check_profile, check_why, slug_of, speciality_key
from app.directory.services.clinics import add_practice
from app.directory.services.listing import relist_doctors
from app.errors import Invalid, _
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


@dataclass(frozen=True)
class Particulars:
    """What an applicant says of herself: `speciality` a key of SPECIALITIES, the rest may be empty."""

    speciality: str
    qualifications: str = ""
    registration_number: str = ""

    def checked(self) -> "Particulars":
        """The same with the key as the list has it; raises Invalid at each field that does not fit."""
        lines = {"qualifications": self.qualifications, "registration_number": self.registration_number}
        check_profile(lines=lines, about="", languages=())
        return Particulars(speciality_key(self.speciality), **lines)


async def apply_as_doctor(
    user_id: UUID,
    *,
    name: str,
    speciality: str,
    by: Actor,
    qualifications: str = "",
    registration_number: str = "",
) -> UUID:
    """Write an account into the directory as a doctor whom nobody sees before approval.

    Where a stranger had applied with the address before its owner came, nothing of that is left.
    `speciality` is a key of SPECIALITIES, its words joined in any way. Gives back the doctor's id.
    Raises Invalid (field specialization and others), DoctorAlready.
    """
    said = Particulars(speciality, qualifications, registration_number).checked()
    now = clock.now()
    async with transaction():
        doctor_id: UUID = await fetch_value(
            _APPLY,
            user_id,
            await _free_slug(name),
            name,
            said.speciality,
            said.qualifications,
            said.registration_number,
            now,
        )
        if not doctor_id:
            raise DoctorAlready
        await publish(names.DOCTOR_APPLIED, doctor_id, by=by, facts={"speciality": said.speciality})
    return doctor_id


_APPLY = """
INSERT INTO doctors AS d
    (user_id, slug, name, speciality, qualifications, registration_number, created_at, applied_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (user_id) DO UPDATE SET
    slug = excluded.slug, name = excluded.name, speciality = excluded.speciality,
    qualifications = excluded.qualifications, registration_number = excluded.registration_number,
    applied_at = excluded.applied_at, left_at = NULL
WHERE d.left_at IS NOT NULL AND d.approved_at IS NULL
RETURNING id
"""
"""An application in the place of one that was dropped, if there was one."""


async def _free_slug(name: str) -> str:
    """An address nobody has: the name alone where it is free, else with a few random signs.

    The lock lets one name at a time be looked up, until the transaction ends.
    """
    slug = slug_of(name)
    await execute("SELECT pg_advisory_xact_lock(hashtext('doctors.slug'), hashtext($1))", slug)
    is_taken = await fetch_value("SELECT EXISTS (SELECT FROM doctors WHERE slug = $1)", slug)
    return f"{slug}-{uuid4().hex[:6]}" if is_taken else slug


async def apply_again(doctor_id: UUID, said: Particulars, *, by: Actor) -> None:
    """Put an application better while it waits, or apply anew after it was turned down.

    Raises Invalid at each field that does not fit, DoctorApproved, NoSuchDoctor.
    """
    said = said.checked()
    async with transaction():
        doctor = await lock_doctor(doctor_id)
        if doctor["approved_at"] is not None:
            raise DoctorApproved
        await execute(
            "UPDATE doctors SET speciality = $2, qualifications = $3, registration_number = $4 WHERE id = $1",
            doctor_id,
            said.speciality,
            said.qualifications,
            said.registration_number,
        )
        if doctor["rejected_at"] is None:
            await publish(names.DOCTOR_PROFILE_CHANGED, doctor_id, by=by)
            return
        await execute(
            "UPDATE doctors SET rejected_at = NULL, rejected_why = '', applied_at = $2 WHERE id = $1",
            doctor_id,
            clock.now(),
        )
        facts = {"speciality": said.speciality, "again": True}
        await publish(names.DOCTOR_APPLIED, doctor_id, by=by, facts=facts)


async def approve(
    doctor_id: UUID,
    *,
    by: Actor,
    clinic_id: UUID | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Let a doctor in, also one who was turned down; approving twice approves once.

    With `clinic_id` she practises there from now on, and patients see her; without any clinic nobody does.
    A patient's account becomes a doctor's, which ends its sessions. `facts` are added to the event.
    Raises NoSuchDoctor, NotAnApplicant, AccountBlocked, Invalid (field clinic_id).
    """
    async with transaction():
        doctor, account = await _lock_with_account(doctor_id)
        if doctor["approved_at"] is None:
            if account.role not in ("patient", "doctor"):
                raise NotAnApplicant
            await execute(
                "UPDATE doctors SET approved_at = $2, rejected_at = NULL, rejected_why = '' WHERE id = $1",
                doctor_id,
                clock.now(),
            )
            await change_role(doctor["user_id"], "doctor", by=by)
            await relist_doctors([doctor_id])
            given = {"clinic_id": clinic_id} if clinic_id else {}
            await publish(names.DOCTOR_APPROVED, doctor_id, by=by, facts={**given, **(facts or {})})
        if clinic_id is not None:
            await practise_at(doctor_id, clinic_id, by=by)


async def practise_at(doctor_id: UUID, clinic_id: UUID, *, by: Actor) -> UUID:
    """As `add_practice`, where doctor and clinic were chosen; gives back the practice's id.

    Raises NoSuchDoctor, NotYetApproved, AccountBlocked, Invalid (field clinic_id).
    """
    async with transaction():
        doctor, _account = await _lock_with_account(doctor_id)
        if doctor["approved_at"] is None:
            raise NotYetApproved
        if not await is_clinic(clinic_id):
            raise Invalid(fields={"clinic_id": _("Choose a clinic of the list.")})
        return await add_practice(doctor_id, clinic_id, by=by)


async def reject(doctor_id: UUID, *, why: str, by: Actor) -> None:
    """Turn an application down; the applicant reads `why`, which may be empty, and may apply again.

    Raises Invalid (field reason), NoSuchDoctor, DoctorApproved, ApplicationRejected.
    """
    check_why(why)
    async with transaction():
        doctor = await lock_doctor(doctor_id)
        if doctor["approved_at"] is not None:
            raise DoctorApproved
        if doctor["rejected_at"] is not None:
            raise ApplicationRejected
        await execute(
            "UPDATE doctors SET rejected_at = $2, rejected_why = $3 WHERE id = $1",
            doctor_id,
            clock.now(),
            why,
        )
        private = {doctor["user_id"]: {"why": why}} if why else None
        await publish(names.DOCTOR_REJECTED, doctor_id, by=by, private=private)


async def _lock_with_account(doctor_id: UUID) -> tuple[Record, Standing]:
    """A doctor and the account behind, both as they stay until the transaction ends.

    Raises NoSuchDoctor, AccountBlocked.
    """
    doctor = await lock_doctor(doctor_id)
    account = await lock_account(doctor["user_id"])
    if account.is_blocked:
        raise AccountBlocked
    return doctor, account


async def lock_doctor(doctor_id: UUID) -> Record:
    """A doctor, one decision at a time; raises NoSuchDoctor, also of one who has left."""
    doctor = await fetch_one(
        "SELECT user_id, approved_at, rejected_at FROM doctors "
        "WHERE id = $1 AND left_at IS NULL FOR NO KEY UPDATE",
        doctor_id,
    )
    if doctor is None:
        raise NoSuchDoctor
    return doctor
