"""What an administrator does to an account; what hurts is asked first, on a page of its own."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app.accounts import services as accounts
from app.accounts.access import account_of
from app.accounts.errors import OwnAccount
from app.accounts.roll import user_on_roll
from app.desks.admin import standing
from app.desks.admin.listed import ADMINS
from app.desks.admin.user_forms import BlockForm
from app.desks.admin.users import note_account, user_page
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, _
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_BLOCKED = Notice(_("The account is blocked and logged out everywhere. The person is told by letter."))
_UNBLOCKED = Notice(_("The person can log in again, and is told by letter."))
_LOGGED_OUT = Notice(_("The account is logged out everywhere."))
_LETTER_SENT = Notice(_("A letter with a link for a new password is on its way."))
_ONE_STEP = Notice(_("The second step is taken away. The person is told by letter."))


async def _as_it_stands(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The account's page, with what stood in the way above it."""
    return await user_page(request, request.path_params["user_id"], **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_as_it_stands)}


async def _asked(request: WebRequest, user_id: UUID, template: str, **context: Any) -> Response[Any]:
    """A page that says what an act means before it is done; raises OwnAccount."""
    if user_id == account_of(request).id:
        raise OwnAccount
    one = await user_on_roll(user_id)
    await note_account(one, by=account_of(request))
    return page(request, template, one=one, **context)


@get("/admin/users/{user_id:uuid}/block", name="admin.user.block", guards=[ADMINS])
async def ask_block(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """What blocking means, and why it is done."""
    return await _asked(request, user_id, "desks/admin/block.html", f=BlockForm())


@post("/admin/users/{user_id:uuid}/block", guards=[ADMINS])
async def block(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Shut the account out."""
    f = await BlockForm.read(request)
    why, by = f.reason.data or "", account_of(request).actor
    if not f.validate() or not await f.accepted(standing.block(user_id, why=why, by=by)):
        return await _asked(request, user_id, "desks/admin/block.html", f=f, **f.answer)
    return go(request, "admin.user", user_id=user_id, notice=_BLOCKED)


@post("/admin/users/{user_id:uuid}/unblock", name="admin.user.unblock", guards=[ADMINS])
async def unblock(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Let the account in again."""
    await standing.unblock(user_id, by=account_of(request).actor)
    return go(request, "admin.user", user_id=user_id, notice=_UNBLOCKED)


@get("/admin/users/{user_id:uuid}/log-out", name="admin.user.log_out", guards=[ADMINS])
async def ask_log_out(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """What it means to be logged out everywhere."""
    return await _asked(request, user_id, "desks/admin/log_out.html")


@post("/admin/users/{user_id:uuid}/log-out", guards=[ADMINS])
async def log_out(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """End every session of the account."""
    await accounts.end_all_sessions(user_id, by=account_of(request).actor)
    return go(request, "admin.user", user_id=user_id, notice=_LOGGED_OUT)


@post("/admin/users/{user_id:uuid}/send-password-letter", name="admin.user.password_letter", guards=[ADMINS])
async def send_password_letter(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Send the letter with which the person chooses a new password; until then the old one holds."""
    await accounts.send_password_letter(user_id, by=account_of(request).actor)
    return go(request, "admin.user", user_id=user_id, notice=_LETTER_SENT)


@get("/admin/users/{user_id:uuid}/second-step", name="admin.user.second_step", guards=[ADMINS])
async def ask_second_step(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """What it means to lose the second step."""
    return await _asked(request, user_id, "desks/admin/second_step.html")


@post("/admin/users/{user_id:uuid}/second-step", guards=[ADMINS])
async def take_second_step(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Take the authenticator app away, for somebody who lost theirs."""
    await accounts.take_second_step(user_id, by=account_of(request).actor)
    return go(request, "admin.user", user_id=user_id, notice=_ONE_STEP)


router = Router(
    "/",
    route_handlers=[
        ask_block,
        block,
        unblock,
        ask_log_out,
        log_out,
        send_password_letter,
        ask_second_step,
        take_second_step,
    ],
    exception_handlers=STAYS,
)
