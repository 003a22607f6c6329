"""Letting doctors in, turning them down and inviting them, for programs of an administrator."""

from typing import Annotated, Self
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from app import clock
from app.accounts.access import account_of
from app.booking.services.viewing import note_listed, note_seen
from app.desks.admin.listed import ADMINS
from app.directory import services as directory
from app.directory.queries import Application, applications, get_application
from app.directory.services import MadeInvitation
from app.web.filters import iso
from app.web.page_number import PageNumber, PageSize
from app.web.visitor import WebRequest

_ZONE = clock.HOUSE_ZONE.key


class ApprovalBody(Struct):
    """Where the doctor practises from now on; without a clinic patients do not see her yet."""

    clinic_id: UUID | None = None


class RejectionBody(Struct):
    """Why an application is turned down."""

    reason: Annotated[str, Meta(description="the doctor reads it; at most 1,000 characters")] = ""


class InvitationBody(Struct):
    """For whom and where; both may be left out."""

    email: Annotated[str | None, Meta(description="the code is written to it")] = None
    clinic_id: Annotated[
        UUID | None, Meta(description="where the doctor practises from the first day on")
    ] = None


class ApplicationAnswer(Struct, kw_only=True):
    """A doctor's application; times in the house's offset."""

    id: UUID
    user_id: UUID
    name: str
    email: str
    email_verified: bool
    mobile: str | None
    specialization: str
    qualifications: str
    registration_number: str
    state: Annotated[str, Meta(description="waiting, approved or rejected")]
    approved: bool
    applied_at: str
    approved_at: str | UnsetType = UNSET
    rejected_at: str | UnsetType = UNSET
    reason: Annotated[str | UnsetType, Meta(description="why it was turned down")] = UNSET

    @classmethod
    def of(cls, one: Application) -> Self:
        """As the API shows it."""
        return cls(
            id=one.id,
            user_id=one.user_id,
            name=one.name,
            email=one.email,
            email_verified=one.is_verified,
            mobile=one.mobile,
            specialization=one.speciality,
            qualifications=one.qualifications,
            registration_number=one.registration_number,
            state=one.state,
            approved=one.state == "approved",
            applied_at=iso(one.applied_at, _ZONE),
            approved_at=iso(one.approved_at, _ZONE) if one.approved_at else UNSET,
            rejected_at=iso(one.rejected_at, _ZONE) if one.rejected_at else UNSET,
            reason=one.rejected_why if one.rejected_at else UNSET,
        )


class ApplicationsAnswer(Struct):
    """One page of applications, the one that waits longest first."""

    items: list[ApplicationAnswer]
    page: int
    page_size: int
    total: int


class InvitationAnswer(Struct):
    """An invitation that was just made; its code serves once."""

    id: UUID
    code: str
    email: str | None
    clinic_id: UUID | None
    expires_at: str

    @classmethod
    def of(cls, made: MadeInvitation) -> Self:
        """As the API shows it."""
        return cls(made.id, made.code, made.email, made.clinic_id, iso(made.expires_at, _ZONE))


@get("/admin/doctors/pending", guards=[ADMINS])
async def pending(request: WebRequest, page: PageNumber = 1, page_size: PageSize = 20) -> ApplicationsAnswer:
    """Doctors who wait for a decision."""
    found = await applications("waiting", page=page, page_size=page_size)
    await note_listed([one.person_id for one in found.items if one.person_id], by=account_of(request).actor)
    items = [ApplicationAnswer.of(one) for one in found.items]
    return ApplicationsAnswer(items, found.page, found.page_size, found.total)


@post("/admin/doctors/{doctor_id:uuid}/approve", guards=[ADMINS], status_code=200)
async def approve(
    request: WebRequest, doctor_id: FromPath[UUID], data: JSONBody[ApprovalBody | None] = None
) -> ApplicationAnswer:
    """Let a doctor in, also one who was turned down; twice is once."""
    asked, before = data or ApprovalBody(), await get_application(doctor_id)
    await directory.approve(doctor_id, clinic_id=asked.clinic_id, by=account_of(request).actor)
    return await _answer(request, doctor_id, of_patient=before.person_id)


@post("/admin/doctors/{doctor_id:uuid}/reject", guards=[ADMINS], status_code=200)
async def reject(
    request: WebRequest, doctor_id: FromPath[UUID], data: JSONBody[RejectionBody | None] = None
) -> ApplicationAnswer:
    """Turn an application down; 409 for a doctor who is approved, or was turned down already."""
    why = (data or RejectionBody()).reason.strip()
    await directory.reject(doctor_id, why=why, by=account_of(request).actor)
    return await _answer(request, doctor_id)


@post("/admin/invitations", guards=[ADMINS], status_code=201)
async def invite(request: WebRequest, data: JSONBody[InvitationBody | None] = None) -> InvitationAnswer:
    """Make an invitation, which lets one doctor in without waiting."""
    asked = data or InvitationBody()
    made = await directory.invite(email=asked.email, clinic_id=asked.clinic_id, by=account_of(request).actor)
    return InvitationAnswer.of(made)


async def _answer(
    request: WebRequest, doctor_id: UUID, *, of_patient: UUID | None = None
) -> ApplicationAnswer:
    """The application as it is now; `of_patient` is the applicant as the patient she was a moment ago."""
    one = await get_application(doctor_id)
    await note_seen(one.person_id or of_patient, by=account_of(request).actor)
    return ApplicationAnswer.of(one)


router = Router(
    "/api",
    route_handlers=[pending, approve, reject, invite],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Administration"],
)
