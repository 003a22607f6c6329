"""The administrator's list of those who work at a desk or run the house: joining, moving, leaving."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app import clock
from app.accounts.access import account_of
from app.accounts.roll import user_on_roll
from app.desks.admin import staffing
from app.desks.admin.listed import ADMINS
from app.desks.admin.user_forms import WORKS_AS, NewStaffForm, WorkForm
from app.desks.admin.users import note_account
from app.desks.refusals import answered_by, refused_with
from app.directory.queries.staff import clinic_names, find_workplace, staff_members
from app.errors import Conflict, _
from app.events.actor import Actor
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_ADDED = Notice(_("Added. A letter with a link to choose a password is on its way."))
_KNOWN = Notice(_("There is an account with this e-mail address already. Nothing is changed yet."), "news")
_SAVED = Notice(_("Saved. Whoever changed desks is logged out and logs in again."))
_GONE = Notice(_("The person no longer works here. The account stays, as a patient's."))


async def _staff_page(
    request: WebRequest, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    return page(
        request,
        "desks/admin/staff.html",
        notice=notice,
        status=status,
        staff=await staff_members(),
        zone=clock.HOUSE_ZONE.key,
    )


async def _list_again(request: WebRequest, refusal: Conflict) -> Response[Any]:
    return await _staff_page(request, **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_list_again)}


@get("/admin/staff", name="admin.staff", guards=[ADMINS])
async def list_staff(request: WebRequest) -> Response[Any]:
    """Everybody who works at a desk, clinic by clinic, and the administrators."""
    return await _staff_page(request)


@get("/admin/staff/add", name="admin.staff.add", guards=[ADMINS])
async def ask_add(request: WebRequest) -> Response[Any]:
    """Who shall work where."""
    return await _add_page(request, NewStaffForm())


@post("/admin/staff/add", guards=[ADMINS])
async def add(request: WebRequest) -> Response[Any]:
    """Make the account; where there is one with the address, ask about that."""
    f = await NewStaffForm.read(request)
    f.with_clinics(await clinic_names())
    known = await staffing.employable(f.email.data or "") if f.validate() else None
    if known is not None:
        return go(request, "admin.staff.member", user_id=known.id, query=_asked_for(f), notice=_KNOWN)
    if f.errors or not await f.accepted(_added(f, by=account_of(request).actor)):
        return await _add_page(request, f, **f.answer)
    return go(request, "admin.staff", notice=_ADDED)


@get("/admin/staff/{user_id:uuid}", name="admin.staff.member", guards=[ADMINS])
async def ask_member(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """As what and where an account works, or shall; the address may say what was typed before."""
    place, one, given = await find_workplace(user_id), await user_on_roll(user_id), request.query_params
    now = {
        "role": one.role if one.role in WORKS_AS else "reception",
        "clinic": str(place.id) if place else "",
    }
    wanted = {name: given[name] for name in now if given.get(name)}
    return await _member_page(request, user_id, WorkForm(**{**now, **wanted}))


@post("/admin/staff/{user_id:uuid}", guards=[ADMINS])
async def change_member(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Let the account work so."""
    f = await WorkForm.read(request)
    f.with_clinics(await clinic_names())
    by = account_of(request).actor
    if not f.validate() or not await f.accepted(staffing.employ(user_id, **_work(f), by=by)):
        return await _member_page(request, user_id, f, **f.answer)
    return go(request, "admin.staff", notice=_SAVED)


@get("/admin/staff/{user_id:uuid}/remove", name="admin.staff.remove", guards=[ADMINS])
async def ask_remove(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """What it means to work here no more."""
    one = await user_on_roll(user_id)
    await note_account(one, by=account_of(request))
    return page(request, "desks/admin/staff_remove.html", one=one, clinic=await find_workplace(user_id))


@post("/admin/staff/{user_id:uuid}/remove", guards=[ADMINS], exception_handlers=STAYS)
async def remove(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Let the person work here no more."""
    await staffing.send_away(user_id, by=account_of(request).actor)
    return go(request, "admin.staff", notice=_GONE)


async def _added(f: NewStaffForm, *, by: Actor) -> UUID:
    name, email = f.name.data or "", f.email.data or ""
    return await staffing.add_staff(name=name, email=email, **_work(f), by=by)


async def _add_page(request: WebRequest, f: NewStaffForm, **answer: Any) -> Response[Any]:
    f.with_clinics(await clinic_names())
    return page(request, "desks/admin/staff_add.html", f=f, **answer)


async def _member_page(request: WebRequest, user_id: UUID, f: WorkForm, **answer: Any) -> Response[Any]:
    f.with_clinics(await clinic_names())
    one = await user_on_roll(user_id)
    await note_account(one, by=account_of(request))
    clinic = await find_workplace(user_id)
    return page(request, "desks/admin/staff_member.html", f=f, one=one, clinic=clinic, **answer)


def _asked_for(f: NewStaffForm) -> str:
    """What was typed of the work, for the page about an account there is already."""
    return "?" + urlencode({"role": f.role.data, "clinic": f.clinic.data})


def _work(f: WorkForm) -> dict[str, Any]:
    """Role and clinic as they were chosen; an administrator's clinic is none."""
    clinic_id = UUID(f.clinic.data) if f.clinic.data and f.role.data == "reception" else None
    return {"role": f.role.data, "clinic_id": clinic_id}


router = Router("/", route_handlers=[list_staff, ask_add, add, ask_member, change_member, ask_remove, remove])
