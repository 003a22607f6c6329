"""The second step of a log-in: a code of an app, or one we sent."""

from typing import Any

from litestar import Response, get, post

from app.accounts import services
from app.accounts.access import where_of
from app.accounts.cookies import find_device, forget_second_step, remember_second_step, second_step
from app.accounts.errors import LogInOver
from app.accounts.forms import ConfirmLogInForm
from app.accounts.pages.going_on import enter
from app.accounts.services import Challenge
from app.errors import _
from app.web.doors import anyone
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/login/confirm", name="accounts.login_confirm", guards=[anyone])
async def confirm_page(request: WebRequest) -> Response[Any]:
    """Asks for the code."""
    waiting = await _waiting(request)
    if waiting is None:
        return _over(request)
    return page(request, "accounts/login_confirm.html", f=ConfirmLogInForm(), kind=waiting.kind)


@post("/login/confirm", guards=[anyone])
async def confirm(request: WebRequest) -> Response[Any]:
    """Log in with it."""
    f, waiting = await ConfirmLogInForm.read(request), await _waiting(request)
    if waiting is None:
        return _over(request)
    tokens = None
    if f.validate():
        act = services.confirm_log_in(waiting.id, str(f.code.data), where=where_of(request))
        tokens = await f.tried(act)
    if f.is_over:
        return _over(request)
    if tokens is None:
        return page(request, "accounts/login_confirm.html", f=f, kind=waiting.kind, **f.answer)
    return await enter(request, tokens, second_step(request)[1])


@post("/login/confirm/again", name="accounts.login_code_again", guards=[anyone])
async def another_code(request: WebRequest) -> Response[Any]:
    """Send another code; the one before is good no longer."""
    f, (challenge_id, then) = ConfirmLogInForm(), second_step(request)
    sent = await f.tried(services.send_another_code(challenge_id, where=where_of(request)))
    if sent is None and f.wait is not None:
        return page(request, "accounts/login_confirm.html", f=f, kind="email_code", **f.answer)
    if sent is None:
        return _over(request)
    answer = go(request, "accounts.login_confirm", notice=Notice(_("A new code is on its way."), "news"))
    return remember_second_step(answer, sent, then)


@post("/login/confirm/over", name="accounts.login_start_over", guards=[anyone])
async def start_over(request: WebRequest) -> Response[Any]:
    """Back to the log-in, for somebody who meant another account."""
    return forget_second_step(go(request, "accounts.login"))


async def _waiting(request: WebRequest) -> Challenge | None:
    """The log-in of this browser that waits for its second step."""
    return await services.find_challenge(second_step(request)[0], device_id=find_device(request.cookies))


def _over(request: WebRequest) -> Response[Any]:
    return forget_second_step(go(request, "accounts.login", notice=Notice(LogInOver.message, "news")))


SECOND_STEP = [confirm_page, confirm, another_code, start_over]
