"""Where somebody goes after logging in."""

from dataclasses import asdict
from typing import Any

from litestar import Response

from app.accounts.access import where_of
from app.accounts.cookies import forget_confirming, hand_over, remember_confirming, remember_second_step
from app.accounts.queries import Account
from app.accounts.rules import own_path
from app.accounts.services import Challenge, Tokens, log_out, open_session
from app.errors import _
from app.web.render import Notice, address, go, go_to
from app.web.visitor import Visitor, WebRequest

_FIRST_PAGES = {
    "patient": "home",
    "doctor": "doctor.day",
    "reception": "appointments.list",
    "admin": "appointments.list",
}


def way_on(request: WebRequest, role: str, then: str | None) -> str:
    """The own path somebody was on the way to, else the first page of their role."""
    return own_path(then) or address(request, _FIRST_PAGES[role])


def go_on(request: WebRequest, visitor: Visitor, then: str | None) -> Response[Any]:
    """Send on somebody who is signed in already."""
    return go_to(request, way_on(request, visitor.role, then))


async def enter(request: WebRequest, tokens: Tokens | Challenge, then: str | None) -> Response[Any]:
    """Sign the browser in and send it on; a second step, and an address not confirmed yet, come first."""
    if isinstance(tokens, Challenge):
        return remember_second_step(go(request, "accounts.login_confirm"), tokens, own_path(then) or "")
    if tokens.account.is_verified:
        return await sign_in(request, go_on(request, tokens.account, then), tokens)
    answer = await sign_in(request, go(request, "accounts.verify"), tokens)
    return remember_confirming(answer, email=tokens.account.email, then=own_path(then) or "")


async def enter_confirmed(request: WebRequest, account: Account, then: str | None) -> Response[Any]:
    """Sign in whoever has just confirmed their address, unless they are signed in already."""
    notice = Notice(_("Your e-mail address is confirmed."))
    answer = forget_confirming(go_to(request, way_on(request, account.role, then), notice=notice))
    if request.user is not None and request.user.id == account.id:
        return answer
    return await sign_in(request, answer, await open_session(account.id, **asdict(where_of(request))))


async def sign_in(request: WebRequest, answer: Response[Any], tokens: Tokens) -> Response[Any]:
    """Let an answer sign the browser in; a session it showed is over, since nobody can end it later."""
    await end_shown(request)
    return hand_over(answer, tokens)


async def end_shown(request: WebRequest) -> None:
    """End the session the browser shows, if it shows one."""
    user = request.user
    if isinstance(user, Account) and user.session_id is not None:
        await log_out(user.session_id, by=user.actor)
