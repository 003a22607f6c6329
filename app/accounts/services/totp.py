"""The second step of staff: codes of an authenticator app, and recovery codes for when it is lost."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from app import clock
from app.accounts.authenticator import DIGITS, secret_of, step_of_code, uri_of
from app.accounts.errors import SecondStepOn, WrongAppCode
from app.accounts.passwords import hash_with_salt
from app.accounts.queries import Account
from app.accounts.rules import plain_digits
from app.accounts.services.holding import hold
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch_value, transaction
from app.errors import NotFound
from app.events.actor import Actor
from app.events.names import (
    RECOVERY_CODE_USED,
    RECOVERY_CODES_RENEWED,
    SECOND_STEP_TURNED_OFF,
    SECOND_STEP_TURNED_ON,
)
from app.events.services import publish

SETUP_FOR = timedelta(minutes=30)
"""How long a key may be taken into an app before it is confirmed."""

RECOVERY_CODES = 10

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no two signs look alike; 10 of them are 50 bits, so their hashes are slow ones."""

_LOOKALIKES = str.maketrans("OIL", "011")
_CODE_LENGTH = 10


@dataclass(frozen=True)
class Setup:
    """A key on its way into an app: to type, and as what its QR code says."""

    key_id: UUID
    secret_base32: str = field(repr=False)
    uri: str = field(repr=False)


async def is_on(user_id: UUID) -> bool:
    """Whether an account's log-in asks for a code of its app."""
    return await _confirmed_key(user_id) is not None


async def codes_left(user_id: UUID) -> int:
    """How many recovery codes of an account are not used yet."""
    left: int = await fetch_value(
        "SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL", user_id
    )
    return left


async def check(user_id: UUID, code: str) -> bool:
    """Whether a typed code is one of the app's, or a recovery code; each is good one time only.

    Spaces, hyphens and digits of other scripts are read, and are the same code as without. The caller
    counts the tries.
    """
    key_id = await _confirmed_key(user_id)
    if key_id is None:
        return False
    typed = plain_digits(code).upper()
    if len(typed) == DIGITS and typed.isdecimal():
        return await _spend_step(user_id, key_id, typed)
    return await _spend_recovery_code(user_id, key_id, typed)


async def begin(account: Account, *, proof: str | None = None) -> Setup:
    """A key to take into an app, fresh each time: whoever saw one before it knows nothing of this one.

    Only the session that began it confirms it. `proof` is the hash the password was compared with.
    Raises SecondStepOn, ChangedMeanwhile.
    """
    async with transaction():
        await hold(account, proof=proof)
        key_id = await fetch_value(
            """
            INSERT INTO totp_keys AS k (user_id, id, created_at, session_id) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id) DO UPDATE SET
                id = excluded.id, created_at = excluded.created_at, session_id = excluded.session_id
            WHERE k.confirmed_at IS NULL
            RETURNING id
            """,
            account.id,
            uuid4(),
            clock.now(),
            account.session_id,
        )
    if key_id is None:
        raise SecondStepOn
    return _setup(key_id, account)


async def find_setup(account: Account, key_id: str) -> Setup | None:
    """A set-up its session began, for whoever was shown its id; None for other texts, or once it is over."""
    kept = await _key_under_way(account)
    return _setup(kept, account) if kept is not None and str(kept) == key_id else None


async def confirm(account: Account, code: str) -> list[str]:
    """Turn the second step on once the app shows the right code; gives recovery codes, shown this once.

    Every other session ends, since it was opened without the second step, and so does a log-in under way.
    Raises WrongAppCode (field code), ChangedMeanwhile.
    """
    now = clock.now()
    key_id = await _key_under_way(account)
    step = step_of_code(key_id, plain_digits(code), now=now) if key_id else None
    if key_id is None or step is None:
        raise WrongAppCode
    codes, hashes = await _fresh_codes(key_id)
    async with transaction():
        await hold(account)
        turned_on = await fetch_value(
            "UPDATE totp_keys SET confirmed_at = $3, last_step = $4 "
            "WHERE user_id = $1 AND id = $2 AND confirmed_at IS NULL RETURNING true",
            account.id,
            key_id,
            now,
            step,
        )
        if not turned_on:
            raise WrongAppCode
        await _keep_codes(account.id, hashes)
        await end_sessions(account.id, why="second_step_changed", keep=account.session_id)
        await publish(SECOND_STEP_TURNED_ON, account.id, by=account.actor)
    return codes


async def turn_off(user_id: UUID, *, by: Actor, keep: UUID | None = None) -> None:
    """Log in without an app from now on; every session but `keep` ends. Off already, nothing happens."""
    async with transaction():
        await execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
        was_on = await fetch_value(
            "DELETE FROM totp_keys WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL", user_id
        )
        if was_on:
            await execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
            await end_sessions(user_id, why="second_step_changed", keep=keep)
            await publish(SECOND_STEP_TURNED_OFF, user_id, by=by)


async def new_recovery_codes(account: Account, *, proof: str | None = None) -> list[str]:
    """Recovery codes in the place of those there were; `proof` is the hash the password was compared with.

    Raises NotFound where the second step is off, ChangedMeanwhile.
    """
    key_id = await _confirmed_key(account.id)
    if key_id is None:
        raise NotFound
    codes, hashes = await _fresh_codes(key_id)
    async with transaction():
        await hold(account, proof=proof)
        kept = await fetch_value(
            "SELECT true FROM totp_keys WHERE user_id = $1 AND id = $2 FOR UPDATE", account.id, key_id
        )
        if not kept:
            raise NotFound
        await execute("DELETE FROM recovery_codes WHERE user_id = $1", account.id)
        await _keep_codes(account.id, hashes)
        await publish(RECOVERY_CODES_RENEWED, account.id, by=account.actor)
    return codes


def _setup(key_id: UUID, account: Account) -> Setup:
    return Setup(key_id, secret_of(key_id), uri_of(key_id, account.email))


async def _confirmed_key(user_id: UUID) -> UUID | None:
    key_id: UUID | None = await fetch_value(
        "SELECT id FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL", user_id
    )
    return key_id


async def _key_under_way(account: Account) -> UUID | None:
    key_id: UUID | None = await fetch_value(
        "SELECT id FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NULL AND created_at > $2 "
        "AND session_id IS NOT DISTINCT FROM $3",
        account.id,
        clock.now() - SETUP_FOR,
        account.session_id,
    )
    return key_id


async def _spend_step(user_id: UUID, key_id: UUID, code: str) -> bool:
    """Whether a code is right and newer than every one used before; of two that come at once, one is."""
    step = step_of_code(key_id, code, now=clock.now())
    if step is None:
        return False
    spent = await fetch_value(
        "UPDATE totp_keys SET last_step = $3 "
        "WHERE user_id = $1 AND id = $2 AND last_step < $3 RETURNING true",
        user_id,
        key_id,
        step,
    )
    return spent is not None


async def _spend_recovery_code(user_id: UUID, key_id: UUID, typed: str) -> bool:
    code = typed.translate(_LOOKALIKES)
    if len(code) != _CODE_LENGTH or not set(code) <= set(_SIGNS):
        return False
    hashed = await hash_with_salt(code, key_id.bytes)
    async with transaction():
        role = await fetch_value(
            """
            UPDATE recovery_codes c SET used_at = $3 FROM users u
            WHERE c.user_id = $1 AND c.code_hash = $2 AND c.used_at IS NULL AND u.id = c.user_id
            RETURNING u.role
            """,
            user_id,
            hashed,
            clock.now(),
        )
        if role is not None:
            left = await codes_left(user_id)
            await publish(RECOVERY_CODE_USED, user_id, by=Actor(user_id, role), facts={"left": left})
    return role is not None


async def _fresh_codes(key_id: UUID) -> tuple[list[str], list[bytes]]:
    """Codes to show, in two groups, and the hashes to keep of them."""
    codes = ["".join(secrets.choice(_SIGNS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    hashes = [await hash_with_salt(code, key_id.bytes) for code in codes]
    return [f"{code[:5]}-{code[5:]}" for code in codes], hashes


async def _keep_codes(user_id: UUID, hashes: list[bytes]) -> None:
    await execute(
        "INSERT INTO recovery_codes (user_id, code_hash, created_at) "
        "SELECT $1, code_hash, $3 FROM unnest($2::bytea[]) AS code_hash",
        user_id,
        hashes,
        clock.now(),
    )
