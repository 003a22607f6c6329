"""The administrator invites doctors, and sees what became of each invitation."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app import clock
from app.accounts.access import account_of
from app.desks.admin.doctor_forms import InviteForm
from app.desks.admin.listed import ADMINS, PAGE_SIZE
from app.desks.refusals import answered_by, refused_with
from app.directory import services as directory
from app.directory.queries import get_invitation, invitations
from app.directory.queries.staff import clinic_names
from app.errors import Conflict, _
from app.web.page_number import page_number
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_MADE = Notice(_("The invitation is made. Its code stands first in the list below."))
_SENT = Notice(_("The invitation is made, and a letter with its code is on its way."))
_WITHDRAWN = Notice(_("Withdrawn. The code opens nothing any more."))


async def _invitations_page(
    request: WebRequest, *, f: InviteForm | None = None, **answer: Any
) -> Response[Any]:
    f = f or InviteForm()
    f.with_clinics(await clinic_names(), _("No clinic yet"))
    return page(
        request,
        "desks/admin/invitations.html",
        f=f,
        found=await invitations(page=page_number(request), page_size=PAGE_SIZE),
        now=clock.now(),
        zone=clock.HOUSE_ZONE.key,
        **answer,
    )


async def _as_it_is_now(request: WebRequest, refusal: Conflict) -> Response[Any]:
    return await _invitations_page(request, **refused_with(refusal))


AGAIN: ExceptionHandlersMap = {Conflict: answered_by(_as_it_is_now)}


@get("/admin/invitations", name="admin.invitations", guards=[ADMINS])
async def list_invitations(request: WebRequest) -> Response[Any]:
    """All invitations, the newest first, and a form for one more."""
    return await _invitations_page(request)


@post("/admin/invitations", guards=[ADMINS])
async def invite(request: WebRequest) -> Response[Any]:
    """Make one."""
    f, by = await InviteForm.read(request), account_of(request).actor
    made = await f.tried(directory.invite(email=f.email.data, clinic_id=f.chosen, by=by))
    if made is None:
        return await _invitations_page(request, f=f, **f.answer)
    return go(request, "admin.invitations", notice=_SENT if made.email else _MADE)


@get("/admin/invitations/{invitation_id:uuid}/withdraw", name="admin.invitation.withdraw", guards=[ADMINS])
async def ask_withdraw(request: WebRequest, invitation_id: FromPath[UUID]) -> Response[Any]:
    """What withdrawing one means."""
    one, now, zone = await get_invitation(invitation_id), clock.now(), clock.HOUSE_ZONE.key
    return page(request, "desks/admin/invitation_withdraw.html", one=one, now=now, zone=zone)


@post("/admin/invitations/{invitation_id:uuid}/withdraw", guards=[ADMINS], exception_handlers=AGAIN)
async def withdraw(request: WebRequest, invitation_id: FromPath[UUID]) -> Response[Any]:
    """Let it be used no more."""
    await directory.withdraw_invitation(invitation_id, by=account_of(request).actor)
    return go(request, "admin.invitations", notice=_WITHDRAWN)


router = Router("/", route_handlers=[list_invitations, invite, ask_withdraw, withdraw])
