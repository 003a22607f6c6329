"""Codes and links of letters: HMACs of a row's id, so that no event, job or row has to carry a secret."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

from app.settings import settings

_SEAL = 16
"""Bytes of an HMAC in a link: 128 bits, as ASVS 7.2.3 asks of a reference nobody can guess."""

LOG_IN_CODE = "log-in code"
"""The purpose of codes that are the second step of a log-in."""


def key_for(purpose: str) -> bytes:
    """A key of its own for each purpose, so that what proves one thing never proves another."""
    return hmac.digest(settings().secret_key.encode(), purpose.encode(), "sha256")


def code_for(row_id: UUID, purpose: str = "e-mail code") -> str:
    """The six digits of the letter that belongs to a row, good for one purpose."""
    number = int.from_bytes(hmac.digest(key_for(purpose), row_id.bytes, "sha256")[:8], "big")
    return f"{number % 1_000_000:06d}"


def is_code_of(row_id: UUID, typed: str, purpose: str = "e-mail code") -> bool:
    """Whether the typed digits are those of the letter, compared in constant time."""
    return hmac.compare_digest(code_for(row_id, purpose).encode(), typed.encode("utf-8", "replace"))


def link_token_for(confirmation_id: UUID, purpose: str = "verify_email") -> str:
    """What stands at the end of the letter's link: the row and our seal on it, good for one purpose."""
    return urlsafe_b64encode(confirmation_id.bytes + _seal(confirmation_id, purpose)).rstrip(b"=").decode()


def confirmation_of(token: str, purpose: str = "verify_email") -> UUID | None:
    """The confirmation a link speaks of, or None where the seal is not ours or is one for something else."""
    row_id, seal = _parts_of(token)
    return row_id if row_id and hmac.compare_digest(seal, _seal(row_id, purpose)) else None


def _seal(confirmation_id: UUID, purpose: str) -> bytes:
    return hmac.digest(key_for(f"e-mail link {purpose}"), confirmation_id.bytes, "sha256")[:_SEAL]


def device_token(device_id: UUID) -> str:
    """What a browser or program keeps to show again which one it is: its id and our seal on it."""
    return urlsafe_b64encode(device_id.bytes + _device_seal(device_id)).rstrip(b"=").decode()


def device_of_token(token: str) -> UUID | None:
    """The device a token speaks of, or None where the seal is not ours."""
    device_id, seal = _parts_of(token)
    return device_id if device_id and hmac.compare_digest(seal, _device_seal(device_id)) else None


def _device_seal(device_id: UUID) -> bytes:
    return hmac.digest(key_for("device"), device_id.bytes, "sha256")[:_SEAL]


def _parts_of(token: str) -> tuple[UUID | None, bytes]:
    """The id and the seal of a token, or None where it is nothing of the kind."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"==")
    except (NotBase64, UnicodeEncodeError):
        return None, b""
    return (UUID(bytes=raw[:16]), raw[16:]) if len(raw) == 16 + _SEAL else (None, b"")
