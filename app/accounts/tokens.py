"""Access tokens (signed, short-lived) and refresh tokens (opaque, one use)."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import jwt

from app.accounts.codes import key_for
from app.accounts.rules import ACCESS_FOR

_ALGORITHM = "HS256"
_AUDIENCE = "parchi"
_KIND = "access"
_SKEW = 60
"""Seconds by which the clocks of our machines may differ."""


@dataclass(frozen=True)
class Claims:
    """Whose token it is, and which log-in it came from."""

    user_id: UUID
    session_id: UUID


def access_token(user_id: UUID, session_id: UUID, *, now: datetime) -> str:
    """A token that says who asks until ACCESS_FOR has passed."""
    return jwt.encode(
        {
            "sub": str(user_id),
            "sid": str(session_id),
            "typ": _KIND,
            "aud": _AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + ACCESS_FOR).timestamp()),
        },
        key_for("access tokens"),
        _ALGORITHM,
    )


def read_access_token(token: str, *, now: datetime) -> Claims | None:
    """What a token says, or None when it is not ours, of another kind, or too old.

    Its time is measured by our own clock, which the library does not know.
    """
    try:
        claims = jwt.decode(
            token,
            key_for("access tokens"),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={
                "require": ["sub", "sid", "typ", "aud", "iat", "exp"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
        begins, ends = int(claims["iat"]), int(claims["exp"])
        is_now = begins <= now.timestamp() + _SKEW and now.timestamp() < ends
        if claims["typ"] != _KIND or not is_now:
            return None
        return Claims(UUID(claims["sub"]), UUID(claims["sid"]))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None


def first_refresh_token() -> str:
    """A fresh random token of 256 bits, the first of a session."""
    return secrets.token_urlsafe(32)


def successor_of(spent_id: UUID) -> str:
    """The token that follows a spent one, always the same for the same row.

    So answers to requests sent at the same moment hand out one and the same token, and a lost answer
    can be given again, though only hashes are kept.
    """
    return urlsafe_b64encode(hmac.digest(key_for("refresh tokens"), spent_id.bytes, "sha256")).decode()


def fingerprint(token: str) -> bytes:
    """What is kept of a refresh token; a plain hash serves, since the token itself cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
