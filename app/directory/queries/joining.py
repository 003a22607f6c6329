"""Applications and invitations as administrators and applicants see them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.db.like import containing
from app.db.paging import Paged
from app.directory.codes import invitation_code
from app.directory.errors import NoSuchDoctor
from app.errors import NotFound

State = Literal["waiting", "approved", "rejected"]


@dataclass(frozen=True)
class Application:
    """A doctor's application and what became of it; `id` is the doctor's, `clinics` the names of hers.

    `person_id` is the applicant as a patient, None once she is a doctor. `is_invited` while an invitation is
    still to be spent, which takes a moment once the address is proved.
    """

    id: UUID
    user_id: UUID
    person_id: UUID | None
    name: str
    email: str
    mobile: str | None
    role: str
    is_verified: bool
    is_blocked: bool
    slug: str
    speciality: str
    qualifications: str
    registration_number: str
    applied_at: datetime
    approved_at: datetime | None
    rejected_at: datetime | None
    rejected_why: str
    clinics: list[str]
    is_listed: bool
    is_invited: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.approved_at is not None:
            return "approved"
        return "rejected" if self.rejected_at is not None else "waiting"


@dataclass(frozen=True)
class Invitation:
    """An invitation with what became of it."""

    id: UUID
    email: str | None
    clinic_name: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def code(self) -> str:
        """What its doctor types."""
        return invitation_code(self.id)

    def state(self, *, now: datetime) -> Literal["open", "used", "withdrawn", "expired"]:
        """Where it stands."""
        if self.used_at is not None:
            return "used"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "open" if self.expires_at > now else "expired"


_APPLICATION = """
SELECT d.id, d.user_id,
       (SELECT s.id FROM persons s WHERE s.account_id = u.id AND s.relation = 'self' AND u.role = 'patient')
           AS person_id, d.name, u.email, u.mobile, u.role, u.email_verified_at IS NOT NULL AS is_verified,
       u.blocked_at IS NOT NULL AS is_blocked, d.slug, d.speciality, d.qualifications,
       d.registration_number, coalesce(d.applied_at, d.created_at) AS applied_at, d.approved_at,
       d.rejected_at, d.rejected_why,
       ARRAY(SELECT c.name FROM practices p JOIN clinics c ON c.id = p.clinic_id
             WHERE p.doctor_id = d.id AND p.is_active ORDER BY p.created_at, p.id) AS clinics,
       EXISTS (SELECT FROM listings l WHERE l.doctor_id = d.id) AS is_listed,
       EXISTS (SELECT FROM pending_applications a JOIN email_confirmations e ON e.id = a.confirmation_id
               WHERE e.user_id = u.id AND a.begins_account AND a.invitation_id IS NOT NULL) AS is_invited
FROM doctors d JOIN users u ON u.id = d.user_id
"""
_STATES: dict[State, str] = {
    "waiting": "d.approved_at IS NULL AND d.rejected_at IS NULL AND d.left_at IS NULL",
    "approved": "d.approved_at IS NOT NULL AND d.left_at IS NULL",
    "rejected": "d.approved_at IS NULL AND d.rejected_at IS NOT NULL AND d.left_at IS NULL",
}
_ORDERS: dict[State, str] = {
    "waiting": "d.applied_at, d.id",
    "approved": "d.approved_at DESC, d.id",
    "rejected": "d.rejected_at DESC, d.id",
}


async def applications(
    state: State, *, looked_for: str = "", page: int = 1, page_size: int = 20
) -> Paged[Application]:
    """One page of the doctors of a state: who waits longest comes first, of the others the latest decision.

    `looked_for` is part of a name, an address or a registration number. A page that is none gives the last.
    """
    where = f"{_STATES[state]} AND {_FOUND}"
    pattern = containing(looked_for.strip())
    total = await fetch_value(
        f"SELECT count(*) FROM doctors d JOIN users u ON u.id = d.user_id WHERE {where}", pattern
    )
    page = max(1, min(page, -(-total // page_size)))
    rows = await fetch(
        f"{_APPLICATION} WHERE {where} ORDER BY {_ORDERS[state]} LIMIT $2 OFFSET $3",
        pattern,
        page_size,
        (page - 1) * page_size,
    )
    return Paged([Application.of(row) for row in rows], page, page_size, total)


_FOUND = """
(d.name ILIKE $1 OR u.email ILIKE $1 OR d.registration_number ILIKE $1)
"""


async def count_waiting() -> int:
    """How many applications wait for a decision."""
    waiting: int = await fetch_value(f"SELECT count(*) FROM doctors d WHERE {_STATES['waiting']}")
    return waiting


async def get_application(doctor_id: UUID) -> Application:
    """One doctor's application; raises NoSuchDoctor, also of one who has left."""
    application = await find_application(doctor_id)
    if application is None:
        raise NoSuchDoctor
    return application


async def find_application(doctor_id: UUID) -> Application | None:
    """One doctor's application, or None, also of one who has left."""
    row = await fetch_one(_APPLICATION + "WHERE d.id = $1 AND d.left_at IS NULL", doctor_id)
    return Application.of(row) if row else None


async def application_of_user(user_id: UUID) -> Application | None:
    """What an account has applied for, or None."""
    row = await fetch_one(_APPLICATION + "WHERE d.user_id = $1 AND d.left_at IS NULL", user_id)
    return Application.of(row) if row else None


_INVITATION = """
SELECT i.id, i.email, c.name AS clinic_name, m.name AS created_by, i.created_at, i.expires_at, i.used_at,
       u.name AS used_by, i.withdrawn_at
FROM invitations i
JOIN users m ON m.id = i.created_by_id
LEFT JOIN clinics c ON c.id = i.clinic_id
LEFT JOIN users u ON u.id = i.used_by_id
"""


async def invitations(*, page: int = 1, page_size: int = 20) -> Paged[Invitation]:
    """One page of all invitations, the newest first; a page that is none gives the last."""
    total = await fetch_value("SELECT count(*) FROM invitations")
    page = max(1, min(page, -(-total // page_size)))
    rows = await fetch(
        f"{_INVITATION} ORDER BY i.created_at DESC, i.id LIMIT $1 OFFSET $2",
        page_size,
        (page - 1) * page_size,
    )
    return Paged([Invitation.of(row) for row in rows], page, page_size, total)


async def get_invitation(invitation_id: UUID) -> Invitation:
    """One invitation; raises NotFound."""
    row = await fetch_one(f"{_INVITATION} WHERE i.id = $1", invitation_id)
    if row is None:
        raise NotFound
    return Invitation.of(row)
