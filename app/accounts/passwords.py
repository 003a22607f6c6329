"""Passwords as argon2id hashes, made beside the event loop and not too many at a time."""

import asyncio
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

from app.accounts.codes import key_for

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""t = 2, m = 19 MiB, p = 1: OWASP Password Storage Cheat Sheet, ASVS 5.0 appendix C."""

NO_PASSWORD = ""
"""Kept in the place of a hash while nobody has chosen a password: none belongs to it."""

_lanes = asyncio.Semaphore(4)
"""Each hash takes 19 MiB and some 40 ms of one core; more at once would only slow each other."""


async def hash_password(password: str) -> str:
    """The hash to keep, with its parameters and salt inside."""
    async with _lanes:
        return await asyncio.to_thread(_hasher.hash, password)


async def is_password(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a kept hash; without one, for nobody, it takes as long and is False."""
    async with _lanes:
        return await asyncio.to_thread(_verify, password, kept)


async def hash_with_salt(secret: str, salt: bytes) -> bytes:
    """As `hash_password`, but the same each time, so that a short random secret is found by its hash."""
    async with _lanes:
        return await asyncio.to_thread(_hash_with_salt, secret, salt)


async def hash_for_mobile(password: str, mobile: str | None) -> bytes | None:
    """What finds an account by its mobile and password in one look; None without a mobile.

    Numbers may be several people's, so comparing with each one's hash would take longer the more there are.
    The salt is made of the number by a key of ours: the database alone does not know it.
    """
    if mobile is None:
        return None
    salt = hmac.digest(key_for("mobile log-in"), mobile.encode(), "sha256")
    return mark_of_mobiles() + await hash_with_salt(password, salt)


def mark_of_mobiles() -> bytes:
    """What today's hashes for mobiles begin with: another once our key or the parameters are others."""
    parameters = f"{_hasher.time_cost} {_hasher.memory_cost} {_hasher.parallelism} {_hasher.hash_len}"
    return hmac.digest(key_for("mark of mobile log-ins"), parameters.encode(), "sha256")[:4]


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def _hash_with_salt(secret: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        secret.encode(),
        salt,
        time_cost=_hasher.time_cost,
        memory_cost=_hasher.memory_cost,
        parallelism=_hasher.parallelism,
        hash_len=_hasher.hash_len,
        type=_hasher.type,
    )


def _verify(password: str, kept: str | None) -> bool:
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
