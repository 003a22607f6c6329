"""Who asks: from the browser's cookies, or on /api from a bearer token alone."""

from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, HTTPSendMessage, Message, Receive, Scope, Send

from app import clock
from app.accounts.cookies import (
    access_cookie,
    find_device,
    no_session_cookies,
    refresh_cookie,
    session_cookies,
)
from app.accounts.errors import SessionOver
from app.accounts.queries import Account, find_visitor
from app.accounts.rules import REFRESH_GRACE
from app.accounts.services import Tokens, refresh
from app.accounts.tokens import read_access_token
from app.web.i18n import speak

NO_SESSION = "no_session"
"""Routes with this key in their `opt` neither read nor write a session."""

_BEARER = "bearer "


class ReadVisitor(ASGIMiddleware):
    """Puts the signed-in account, or None, into the scope, and renews a browser's session silently."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Find out who asks; the session is looked up each time, so that one that ended is over at once."""
        scope["user"] = scope["auth"] = None
        path = scope["path"]
        if scope["route_handler"].opt.get(NO_SESSION) or path.startswith("/static/"):
            await next_app(scope, receive, send)
        elif path.startswith("/api/"):
            account = await _by_bearer(ASGIConnection(scope))
            scope["user"] = account
            speak(account.language if account else None)
            await next_app(scope, receive, send)
        else:
            account, cookies = await _by_cookies(ASGIConnection(scope))
            scope["user"] = account
            speak(account.language if account else None)
            await next_app(scope, receive, _sender(send, cookies) if cookies else send)


async def _by_bearer(connection: ASGIConnection) -> Account | None:  # type: ignore[type-arg]
    header = connection.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() != _BEARER:
        return None
    return await _by_token(header[len(_BEARER) :].strip())


async def _by_token(token: str) -> Account | None:
    now = clock.now()
    claims = read_access_token(token, now=now)
    return await find_visitor(claims.user_id, claims.session_id, now=now) if claims else None


async def _by_cookies(connection: ASGIConnection) -> tuple[Account | None, list[Cookie]]:  # type: ignore[type-arg]
    """The account of a browser, and the cookies to set where its session was renewed or is over."""
    cookies = connection.cookies
    account = await _by_token(cookies[access_cookie()]) if access_cookie() in cookies else None
    token = cookies.get(refresh_cookie())
    if account is not None or not token:
        return account, []
    tokens = await _renewed(token, find_device(cookies))
    return (tokens.account, session_cookies(tokens)) if tokens else (None, no_session_cookies())


async def _renewed(token: str, device_id: UUID | None) -> Tokens | None:
    try:
        return await refresh(token, grace=REFRESH_GRACE, device_id=device_id)
    except SessionOver:
        return None


def _sender(send: Send, cookies: list[Cookie]) -> Send:
    """Add cookies to the answer, unless the handler has just signed somebody in or out itself."""

    async def send_with_cookies(message: Message | HTTPSendMessage) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            own = f"{refresh_cookie()}="
            if not any(value.startswith(own) for value in headers.getall("set-cookie", [])):
                for cookie in cookies:
                    headers.add("set-cookie", cookie.to_header(header=""))
                headers["cache-control"] = "no-store"
        await send(message)

    return send_with_cookies
