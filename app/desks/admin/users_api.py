"""Blocking accounts and reading the log, for programs of an administrator."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from app import clock
from app.accounts.access import account_of
from app.accounts.roll import user_on_roll
from app.booking.services.viewing import note_asked
from app.desks.admin import standing
from app.desks.admin.listed import ADMINS, moments_of
from app.desks.admin.users import note_account
from app.events import audit
from app.events.queries import PastEvent
from app.web.filters import iso
from app.web.page_number import PageNumber, PageSize
from app.web.visitor import WebRequest

_ZONE = clock.HOUSE_ZONE.key


class BlockBody(Struct):
    """Why an account is shut out."""

    reason: Annotated[str, Meta(max_length=500, description="the person reads it in our letter")] = ""


class AdminUserAnswer(Struct, kw_only=True):
    """An account as an administrator sees it; times in the house's offset."""

    id: str
    name: str
    email: str
    mobile: Annotated[str | None, Meta(description="E.164")]
    role: Annotated[str, Meta(description="patient, doctor, reception or admin")]
    email_verified: bool
    language: Annotated[str, Meta(description="ISO 639-1")]
    created_at: str
    blocked_at: Annotated[str | None, Meta(description="since when it is shut out, or null")]


class EventBy(Struct):
    """Who did it; `id` is null for the house itself, the gateway and strangers."""

    id: str | None
    role: Annotated[str, Meta(description="patient, doctor, reception, admin, system, gateway or stranger")]


class EventAnswer(Struct, kw_only=True):
    """One thing that happened, in the house's offset; nothing personal, and names stand behind the ids."""

    id: str
    at: str
    name: Annotated[str, Meta(description="what happened, as APPOINTMENT_BOOKED")]
    by: EventBy
    subject_id: Annotated[
        str, Meta(description="what it happened to: an account, an appointment, a person, …")
    ]
    facts: Annotated[dict[str, Any], Meta(description="ids, states, times, paise, names of changed fields")]


class EventsPage(Struct):
    """One page of events, the newest first."""

    items: list[EventAnswer]
    page: int
    page_size: int
    total: Annotated[int, Meta(description="how many there are, of which 10,000 at most are counted")]
    more: Annotated[bool, Meta(description="whether there are older ones still; ask for them by `before`")]


@post("/admin/users/{user_id:uuid}/block", guards=[ADMINS], status_code=200)
async def block(
    request: WebRequest, user_id: FromPath[UUID], data: JSONBody[BlockBody | None] = None
) -> AdminUserAnswer:
    """Shut an account out at once; twice is once. One's own and the last administrator's: 409."""
    reason = data.reason if data is not None else ""
    await standing.block(user_id, why=reason, by=account_of(request).actor)
    return await _user(request, user_id)


@post("/admin/users/{user_id:uuid}/unblock", guards=[ADMINS], status_code=200)
async def unblock(request: WebRequest, user_id: FromPath[UUID]) -> AdminUserAnswer:
    """Let an account in again; twice is once. One that was erased: 409."""
    await standing.unblock(user_id, by=account_of(request).actor)
    return await _user(request, user_id)


@get("/admin/audit", guards=[ADMINS])
async def read_audit(
    request: WebRequest,
    *,
    first: Annotated[date | None, QueryParameter(name="from", description="a day, included")] = None,
    last: Annotated[date | None, QueryParameter(name="to", description="a day, included")] = None,
    name: Annotated[str | None, QueryParameter(description="of the event")] = None,
    by: Annotated[UUID | None, QueryParameter(description="the account that did it")] = None,
    subject: Annotated[UUID | None, QueryParameter(description="what it happened to")] = None,
    before: Annotated[UUID | None, QueryParameter(description="an event; only older ones")] = None,
    page: PageNumber = 1,
    page_size: PageSize = 20,
) -> EventsPage:
    """What happened in the house: every change, and every look of staff at a patient.

    Asking about a person, a visit or an account is a look itself, which is told of from then on.
    """
    since, until = moments_of(first, last)
    asked = audit.Asked(name=name, by_id=by, subject_id=subject, since=since, until=until, before=before)
    found = await audit.events(asked, page=page, page_size=page_size)
    await note_asked([subject, by], by=account_of(request).actor)
    items = [_event(one) for one in found.items]
    return EventsPage(items, found.page, found.page_size, found.total, found.is_more)


async def _user(request: WebRequest, user_id: UUID) -> AdminUserAnswer:
    one = await user_on_roll(user_id)
    await note_account(one, by=account_of(request))
    return AdminUserAnswer(
        id=str(one.id),
        name=one.name,
        email=one.email,
        mobile=one.mobile,
        role=one.role,
        email_verified=one.is_verified,
        language=one.language,
        created_at=iso(one.created_at, _ZONE),
        blocked_at=iso(one.blocked_at, _ZONE) if one.blocked_at else None,
    )


def _event(one: PastEvent) -> EventAnswer:
    return EventAnswer(
        id=str(one.id),
        at=iso(one.at, _ZONE),
        name=one.name,
        by=EventBy(str(one.by_id) if one.by_id else None, one.by_role),
        subject_id=str(one.subject_id),
        facts=one.facts,
    )


router = Router(
    path="/api",
    route_handlers=[block, unblock, read_audit],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Administration"],
)
