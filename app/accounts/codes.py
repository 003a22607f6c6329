"""Codes and links of letters: HMACs of a row's id, so that no event, job or row has to carry a secret."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

from app.settings import settings

_SEAL = 16
"""Bytes of an HMAC in a link: 128 bits, as ASVS 7.2.3 asks of a reference nobody can guess."""


def key_for(purpose: str) -> bytes:
    """A key of its own for each purpose, so that what proves one thing never proves another."""
    return hmac.digest(settings().secret_key.encode(), purpose.encode(), "sha256")


def code_for(confirmation_id: UUID) -> str:
    """The six digits of the letter that belongs to a confirmation."""
    number = int.from_bytes(hmac.digest(key_for("e-mail code"), confirmation_id.bytes, "sha256")[:8], "big")
    return f"{number % 1_000_000:06d}"


def is_code_of(confirmation_id: UUID, typed: str) -> bool:
    """Whether the typed digits are those of the letter, compared in constant time."""
    return hmac.compare_digest(code_for(confirmation_id).encode(), typed.encode())


def link_token_for(confirmation_id: UUID) -> str:
    """What stands at the end of the letter's link: the row and our seal on it."""
    return urlsafe_b64encode(confirmation_id.bytes + _seal(confirmation_id)).rstrip(b"=").decode()


def confirmation_of(token: str) -> UUID | None:
    """The confirmation a link speaks of, or None where the seal is not ours."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"==")
    except (NotBase64, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SEAL:
        return None
    confirmation_id = UUID(bytes=raw[:16])
    return confirmation_id if hmac.compare_digest(raw[16:], _seal(confirmation_id)) else None


def _seal(confirmation_id: UUID) -> bytes:
    return hmac.digest(key_for("e-mail link"), confirmation_id.bytes, "sha256")[:_SEAL]
