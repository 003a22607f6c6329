"""Logging in and out."""

from dataclasses import asdict
from typing import Any

from litestar import Response, get, post

from app.accounts import services
from app.accounts.access import where_of
from app.accounts.cookies import remember_typed, take_back, typed_before
from app.accounts.forms import LogInForm
from app.accounts.pages.going_on import end_shown, enter, go_on
from app.accounts.rules import own_path
from app.errors import _
from app.web.doors import anyone
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/login", name="accounts.login", guards=[anyone])
async def log_in_page(request: WebRequest) -> Response[Any]:
    """The log-in form; whoever is signed in already goes on."""
    then = own_path(request.query_params.get("next")) or ""
    if request.user is not None:
        return go_on(request, request.user, then)
    return page(request, "accounts/login.html", f=LogInForm(identifier=typed_before(request), next=then))


@post("/login", guards=[anyone])
async def log_in(request: WebRequest) -> Response[Any]:
    """Log in."""
    f = await LogInForm.read(request)
    entered = None
    if f.validate():
        who, secret, where = str(f.identifier.data), str(f.password.data), where_of(request)
        act = services.log_in(who, secret, **asdict(where))
        entered = await f.tried(act)
    if entered is None:
        answer = page(request, "accounts/login.html", f=f, **f.answer)
        return remember_typed(answer, str(f.identifier.data or ""))
    return await enter(request, entered, f.next.data)


@post("/logout", name="accounts.log_out", guards=[anyone])
async def log_out(request: WebRequest) -> Response[Any]:
    """Log out, also when the session is over already; the browser keeps no page of it to go back to."""
    await end_shown(request)
    answer = take_back(go(request, "home", notice=Notice(_("You are logged out."))))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


ENTERING = [log_in_page, log_in, log_out]
