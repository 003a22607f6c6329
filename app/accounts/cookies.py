"""The cookies of a browser that is signed in, or about to be."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie

from app.accounts.rules import ACCESS_FOR, REFRESH_FOR
from app.accounts.services import Tokens
from app.settings import settings
from app.web.visitor import WebRequest

_CONFIRMING_FOR = timedelta(hours=1)


def _prefix() -> str:
    """`__Host-` binds a cookie to this very host and TLS, which it needs (RFC 6265bis)."""
    return "__Host-" if settings().is_https else ""


def access_cookie() -> str:
    """The name of the cookie with the access token."""
    return f"{_prefix()}access"


def refresh_cookie() -> str:
    """The name of the cookie with the refresh token."""
    return f"{_prefix()}refresh"


def _confirming_cookie() -> str:
    return f"{_prefix()}confirming"


def _cookie(name: str, value: str, age: timedelta) -> Cookie:
    return Cookie(
        name,
        value=value,
        max_age=int(age.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().is_https,
    )


def session_cookies(tokens: Tokens) -> list[Cookie]:
    """What a browser keeps of a session."""
    return [
        _cookie(access_cookie(), tokens.access_token, ACCESS_FOR),
        _cookie(refresh_cookie(), tokens.refresh_token, REFRESH_FOR),
    ]


def no_session_cookies() -> list[Cookie]:
    """What takes a session out of a browser."""
    return [_cookie(name, "", timedelta(0)) for name in (access_cookie(), refresh_cookie())]


def hand_over(answer: Response[Any], tokens: Tokens) -> Response[Any]:
    """Sign the browser in with this answer."""
    for cookie in session_cookies(tokens):
        answer.set_cookie(cookie)
    return answer


def take_back(answer: Response[Any]) -> Response[Any]:
    """Sign the browser out with this answer."""
    for cookie in no_session_cookies():
        answer.set_cookie(cookie)
    return answer


def remember_confirming(answer: Response[Any], *, email: str, then: str) -> Response[Any]:
    """Let the browser keep, out of its address bar, which address it confirms and where it was going."""
    answer.set_cookie(_cookie(_confirming_cookie(), quote(json.dumps([email, then])), _CONFIRMING_FOR))
    return answer


def forget_confirming(answer: Response[Any]) -> Response[Any]:
    """The address is confirmed; the browser need not keep it."""
    answer.set_cookie(_cookie(_confirming_cookie(), "", timedelta(0)))
    return answer


def confirming(request: WebRequest) -> tuple[str, str]:
    """The address this browser wants to confirm and where it was going; empty where it says nothing."""
    try:
        email, then = map(str, json.loads(request.cookies.get(_confirming_cookie(), "")))
        f"{email}{then}".encode()
    except (ValueError, TypeError, RecursionError):
        return "", ""
    return email, then
