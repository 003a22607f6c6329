"""The cookies of a browser that is signed in, or about to be."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response
from litestar.datastructures import Cookie

from app.accounts.codes import device_of_token, device_token, key_for
from app.accounts.rules import ACCESS_FOR, CODE_FOR, LONGEST_EMAIL, REFRESH_FOR
from app.accounts.services import Challenge, Tokens
from app.web.security import cookie_name, own_cookie
from app.web.visitor import WebRequest

_CONFIRMING_FOR = timedelta(hours=1)
_TYPED_FOR = timedelta(minutes=10)
_DEVICE_FOR = timedelta(days=400)
"""The longest a browser keeps any cookie (RFC 6265bis, 5.5)."""


_ACCESS, _REFRESH = "access", "refresh"
_DEVICE, _SECOND_STEP, _CONFIRMING, _TYPED = "device", "second_step", "confirming", "typed"


def access_cookie() -> str:
    """The name of the cookie with the access token."""
    return cookie_name(_ACCESS)


def refresh_cookie() -> str:
    """The name of the cookie with the refresh token."""
    return cookie_name(_REFRESH)


def _kept(name: str, value: str, age: timedelta) -> Cookie:
    return own_cookie(name, value, seconds=int(age.total_seconds()))


def _gone(*names: str) -> list[Cookie]:
    return [own_cookie(name, "", seconds=0) for name in names]


def session_cookies(tokens: Tokens) -> list[Cookie]:
    """What a browser keeps of a session."""
    return [
        _kept(_ACCESS, tokens.access_token, ACCESS_FOR),
        _kept(_REFRESH, tokens.refresh_token, REFRESH_FOR),
    ]


def no_session_cookies() -> list[Cookie]:
    """What takes a session out of a browser."""
    return _gone(_ACCESS, _REFRESH)


def hand_over(answer: Response[Any], tokens: Tokens) -> Response[Any]:
    """Sign the browser in with this answer, and let it show from now on which one it is."""
    signed_in = _set(answer, [*session_cookies(tokens), *_gone(_TYPED)])
    return remember_device(forget_second_step(signed_in), tokens.device_id)


def remember_device(answer: Response[Any], device_id: UUID) -> Response[Any]:
    """Let the browser show from now on which one it is."""
    answer.set_cookie(_kept(_DEVICE, device_token(device_id), _DEVICE_FOR))
    return answer


def find_device(cookies: Mapping[str, str]) -> UUID | None:
    """Which browser it is whose cookies these are, as our seal says; None where it was never told."""
    return device_of_token(cookies.get(cookie_name(_DEVICE), ""))


def remember_second_step(answer: Response[Any], challenge: Challenge, then: str) -> Response[Any]:
    """Let the browser keep which log-in waits for its second step, and where it was going."""
    kept = quote(f"{challenge.id} {then}")
    answer.set_cookie(_kept(_SECOND_STEP, kept, CODE_FOR))
    return remember_device(answer, challenge.device_id)


def forget_second_step(answer: Response[Any]) -> Response[Any]:
    """The log-in is done, or over."""
    return _set(answer, _gone(_SECOND_STEP))


def second_step(request: WebRequest) -> tuple[UUID | None, str]:
    """The log-in of this browser that waits for its second step, or None, and where it was going."""
    challenge_id, _, then = request.cookies.get(cookie_name(_SECOND_STEP), "").partition(" ")
    try:
        return UUID(challenge_id), then
    except ValueError:
        return None, ""


def take_back(answer: Response[Any]) -> Response[Any]:
    """Sign the browser out with this answer; what it waited for was of whoever sat there."""
    return _set(answer, _gone(_ACCESS, _REFRESH, _SECOND_STEP, _CONFIRMING, _TYPED))


def remember_typed(answer: Response[Any], identifier: str) -> Response[Any]:
    """Let the browser keep, out of its address bar, whom somebody just tried to log in as."""
    answer.set_cookie(_kept(_TYPED, quote(identifier[:LONGEST_EMAIL]), _TYPED_FOR))
    return answer


def typed_before(request: WebRequest) -> str:
    """Whom somebody tried to log in as here a few minutes ago, or nothing."""
    return request.cookies.get(cookie_name(_TYPED), "")


def _set(answer: Response[Any], cookies: list[Cookie]) -> Response[Any]:
    for cookie in cookies:
        answer.set_cookie(cookie)
    return answer


@dataclass(frozen=True)
class Confirming:
    """The address a browser wants to confirm, where it was going, and the one letter whose code it may type.

    Without a `letter` nothing shows that whoever sits there chose the account's password.
    """

    email: str = ""
    then: str = ""
    letter: UUID | None = None


def remember_confirming(
    answer: Response[Any], *, email: str, then: str, letter: UUID | None = None
) -> Response[Any]:
    """Let the browser keep, out of its address bar, what it waits for; our seal is on it."""
    kept = json.dumps([email, then, str(letter or "")])
    answer.set_cookie(_kept(_CONFIRMING, quote(f"{_seal(kept)}.{kept}"), _CONFIRMING_FOR))
    return answer


def forget_confirming(answer: Response[Any]) -> Response[Any]:
    """The address is confirmed; the browser need not keep it."""
    return _set(answer, _gone(_CONFIRMING))


def confirming(request: WebRequest) -> Confirming:
    """What this browser waits for; empty where it says nothing, or something we did not seal."""
    seal, _, kept = request.cookies.get(cookie_name(_CONFIRMING), "").partition(".")
    if not hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(kept).encode()):
        return Confirming()
    email, then, letter = json.loads(kept)
    return Confirming(email, then, UUID(letter) if letter else None)


def _seal(kept: str) -> str:
    return hmac.digest(key_for("confirming"), kept.encode("utf-8", "replace"), "sha256").hex()
