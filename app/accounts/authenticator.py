"""One-time codes of an authenticator app (RFC 6238); an app's key follows from its row's id and our own key.

SHA-1, 6 digits and 30 seconds, since that is what every authenticator app reads; the key has the 160 bits
RFC 4226 asks for.
"""

import hmac
from base64 import b32encode
from datetime import datetime
from uuid import UUID

import pyotp

from app.accounts.codes import key_for

DIGITS = 6
STEP_SECONDS = 30
DRIFT = 1
"""Steps a phone's clock may be ahead or behind (RFC 6238, 5.2)."""

_ISSUER = "Parchi"
_KEY_BYTES = 20


def secret_of(key_id: UUID) -> str:
    """The key of an app in base 32, as it is typed into one."""
    return b32encode(hmac.digest(key_for("totp"), key_id.bytes, "sha256")[:_KEY_BYTES]).decode()


def uri_of(key_id: UUID, email: str) -> str:
    """What the QR code says: the key, and the name the app lists it under."""
    return _totp(key_id).provisioning_uri(name=email, issuer_name=_ISSUER)


def step_of_code(key_id: UUID, code: str, *, now: datetime) -> int | None:
    """The step of time a code of six digits belongs to, or None where it is not one of about now."""
    if not (code.isascii() and code.isdecimal()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - DRIFT, current + DRIFT + 1)
    totp = _totp(key_id)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return max(fitting, default=None)


def _totp(key_id: UUID) -> pyotp.TOTP:
    return pyotp.TOTP(secret_of(key_id), digits=DIGITS, interval=STEP_SECONDS)
