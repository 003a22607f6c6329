"""Whom a log-in means: the account of an address, those of a mobile, or nobody, who is treated alike."""

from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from app import clock
from app.accounts.rules import LETTERS_FOR_A_MOBILE, BadValue, read_email, read_mobile
from app.accounts.services.known_devices import KNOWS_DEVICE, known_since
from app.accounts.services.tries import fingerprint_of
from app.db.engine import fetch, fetch_one


@dataclass(frozen=True)
class Candidate:
    """An account a log-in may mean; without `password_hash`, no password is right."""

    user_id: UUID | None
    password_hash: str | None = field(repr=False)
    role: str
    knows_device: bool
    is_blocked: bool
    subject: str
    """What tries at it are counted under, in silence: a new password begins with none."""
    sessions_epoch: int | None = None
    """As it was before the password was looked at: a log-in begins only while it is the same."""


@dataclass(frozen=True)
class Identified:
    """What was typed, and whom it may mean.

    Tries are counted under `subject` too, which is made of what was typed alone, and this is what the answer
    shows: else a lock would tell that an address and a mobile are one person's, and its end that somebody
    chose a new password.
    """

    subject: str
    fingerprint: bytes
    meant: Candidate
    """Who is meant without doubt: of a mobile, the one account with it whose address was confirmed."""
    knows_device: bool
    """Whether somebody it may mean was used on the device that asks."""
    mobile: str | None = None
    accounts: tuple[UUID, ...] = ()
    """Who gets letters about it."""


ACCOUNT = f"""
SELECT u.id, u.role, u.sessions_epoch, u.blocked_at IS NOT NULL AS is_blocked,
       u.blocked_at IS NULL AND {KNOWS_DEVICE.format(device="$1", since="$2", staff_since="$3")}
           AS knows_device,
       CASE WHEN u.blocked_at IS NULL THEN u.password_hash END AS password_hash
FROM users u"""
"""A Candidate; the values are the device that asks, and those of `known_since`."""


async def identify(typed: str, device_id: UUID | None) -> Identified:
    """Whom somebody means who typed an e-mail address, or a mobile, which several accounts may share."""
    try:
        return await _of_email(read_email(typed), device_id)
    except BadValue:
        pass
    try:
        return await _of_mobile(read_mobile(typed), device_id)
    except BadValue:
        return await _of_email("", device_id, typed=" ".join(typed.split())[:320])


async def _of_email(email: str, device_id: UUID | None, *, typed: str = "") -> Identified:
    """`typed` is what is neither address nor mobile, and perhaps nothing the database can be asked for."""
    since, name = known_since(clock.now()), email or typed
    row = await fetch_one(f"{ACCOUNT} WHERE u.email = $4", device_id, *since, email)
    meant = candidate(row) if row else _nobody(name)
    whom = (meant.user_id,) if meant.user_id and not meant.is_blocked else ()
    return Identified(_shown(name), fingerprint_of(name), meant, meant.knows_device, accounts=whom)


async def _of_mobile(mobile: str, device_id: UUID | None) -> Identified:
    """A mobile proves nothing: who only wrote it into an account of theirs is nobody's namesake."""
    since = known_since(clock.now())
    rows = await fetch(
        f"{ACCOUNT} WHERE u.mobile = $4 AND u.blocked_at IS NULL AND u.email_verified_at IS NOT NULL "
        "ORDER BY u.created_at, u.id LIMIT $5",
        device_id,
        *since,
        mobile,
        LETTERS_FOR_A_MOBILE,
    )
    known = await fetch_one(
        f"SELECT FROM ({ACCOUNT} WHERE u.mobile = $4) one WHERE knows_device LIMIT 1",
        device_id,
        *since,
        mobile,
    )
    return Identified(
        subject=_shown(mobile),
        fingerprint=fingerprint_of(mobile),
        meant=candidate(rows[0]) if len(rows) == 1 else _nobody(mobile),
        knows_device=known is not None,
        mobile=mobile,
        accounts=tuple(row["id"] for row in rows),
    )


def candidate(row: Record) -> Candidate:
    """A row of ACCOUNT."""
    return Candidate(
        user_id=row["id"],
        password_hash=row["password_hash"],
        role=row["role"],
        knows_device=row["knows_device"],
        is_blocked=row["is_blocked"],
        subject=fingerprint_of(f"account {row['id']} {row['password_hash']}").hex(),
        sessions_epoch=row["sessions_epoch"],
    )


def _nobody(name: str) -> Candidate:
    return Candidate(None, None, "", False, False, fingerprint_of(f"nobody {name}").hex())


def _shown(name: str) -> str:
    return fingerprint_of(f"typed {name}").hex()
