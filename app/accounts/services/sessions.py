"""Sessions: opened for who has proved themselves, kept open by rotating tokens, ended."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from asyncpg import Record

from app import clock
from app.accounts.errors import SessionOver, WrongLogIn
from app.accounts.queries import Account, find_visitor, get_user
from app.accounts.rules import ACCESS_FOR, REFRESH_FOR, SESSION_AT_MOST
from app.accounts.services.known_devices import forget_devices, learn_device, see_device
from app.accounts.services.tries import fingerprint_of, note_try
from app.accounts.tokens import access_token, fingerprint, first_refresh_token, successor_of
from app.accounts.where import Where
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.events.actor import SYSTEM, Actor
from app.events.names import NEW_DEVICE_USED, SESSION_FAMILY_ENDED, USER_LOGGED_IN, USER_LOGGED_OUT
from app.events.services import publish


@dataclass(frozen=True)
class Tokens:
    """What a session hands out; `expires_in` is the access token's life in seconds."""

    account: Account
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    device_id: UUID
    expires_in: int = int(ACCESS_FOR.total_seconds())


async def open_session(
    user_id: UUID,
    *,
    address: str,
    device: str,
    device_id: UUID | None = None,
    proof: str | None = None,
    epoch: int | None = None,
) -> Tokens:
    """Begin a session for an account that has just proved itself; its device is known from then on.

    `device` is what the browser or program calls itself; without `device_id` it gets one. `proof` is the hash
    its password was compared with, `epoch` its sessions' when it was: the session begins only while both are
    what they were. Raises WrongLogIn where they are not, and where the account is blocked.
    """
    now = clock.now()
    token, session_id = first_refresh_token(), uuid4()
    known = device_id or uuid4()
    where = Where(address, device, known)
    async with transaction():
        await _insert(session_id, user_id, where, now=now, proof=proof, epoch=epoch)
        await _keep_token(token, session_id, now=now, until=now + REFRESH_FOR)
        account = replace(await get_user(user_id), session_id=session_id)
        await _tell(account, session_id, known, where)
    return Tokens(account, access_token(user_id, session_id, now=now), token, known)


async def refresh(
    refresh_token: str, *, grace: timedelta = timedelta(0), device_id: UUID | None = None
) -> Tokens:
    """Exchange a refresh token for new ones; a spent one shows that it was copied, and ends its session.

    Within `grace` of being spent it is answered with the same successor again, as long as nobody has used
    that and it is the session's own device that asks: the first answer was lost, or a browser asked twice at
    once. Raises SessionOver.
    """
    now = clock.now()
    async with transaction():
        token = await _lock_token(refresh_token, now=now)
        if token is None:
            raise SessionOver
        is_own = token["device_id"] in (None, device_id)
        successor = await _rotate(token, grace=grace if is_own else timedelta(0), now=now)
        if successor is None:
            await _end_family(token["session_id"], token["user_id"])
        account = await find_visitor(token["user_id"], token["session_id"], now=now)
    if successor is None or account is None:
        raise SessionOver
    new = access_token(account.id, token["session_id"], now=now)
    return Tokens(account, new, successor, token["device_id"] or token["session_id"])


async def log_out(session_id: UUID, *, by: Actor) -> None:
    """End a session at once, with every token it handed out; ending it twice is ending it once."""
    async with transaction():
        ended = await fetch_one(
            """
            UPDATE sessions SET ended_at = $2, ended_why = 'logged_out'
            WHERE id = $1 AND ended_at IS NULL RETURNING user_id
            """,
            session_id,
            clock.now(),
        )
        if ended is not None:
            await publish(USER_LOGGED_OUT, ended["user_id"], by=by, facts={"session_id": session_id})


async def end_sessions(user_id: UUID, *, why: str, keep: UUID | None = None) -> None:
    """End every session of an account but `keep`; `why` is one of the reasons the table of sessions knows.

    Whatever ends sessions also ends log-ins under way, with or without a second step, and set-ups of one, and
    takes the devices for strangers again, but that of `keep`. The account's row is locked first, here and by
    every log-in, so that neither waits for the other in a ring.
    """
    now = clock.now()
    async with transaction():
        await execute("UPDATE users SET sessions_epoch = sessions_epoch + 1 WHERE id = $1", user_id)
        await execute("DELETE FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NULL", user_id)
        await execute(
            "UPDATE log_in_challenges SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL", user_id, now
        )
        kept_device = await fetch_value("SELECT device_id FROM sessions WHERE id = $1", keep)
        await execute(
            "UPDATE sessions SET ended_at = $2, ended_why = $3 "
            "WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $4",
            user_id,
            now,
            why,
            keep,
        )
        await forget_devices(user_id, but=kept_device)


async def _insert(
    session_id: UUID, user_id: UUID, where: Where, *, now: datetime, proof: str | None, epoch: int | None
) -> None:
    opened = await fetch_one(
        """
        INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_at, address, device, device_id)
        SELECT $1, u.id, $3, $3, $4, $5, $6, $7 FROM users u
        WHERE u.id = $2 AND u.blocked_at IS NULL AND u.password_hash = coalesce($8, u.password_hash)
          AND u.sessions_epoch = coalesce($9, u.sessions_epoch)
        FOR SHARE
        RETURNING id
        """,
        session_id,
        user_id,
        now,
        now + REFRESH_FOR,
        where.address,
        where.device,
        where.device_id,
        proof,
        epoch,
    )
    if opened is None:
        raise WrongLogIn


async def _tell(account: Account, session_id: UUID, device_id: UUID, where: Where) -> None:
    """Write down a log-in; one on a device that is new to an account which was used before, as that too."""
    facts = {"session_id": session_id}
    is_new = await learn_device(account.id, device_id, address=where.address, device=where.device)
    was_used: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM sessions WHERE user_id = $1 AND id <> $2)", account.id, session_id
    )
    await note_try("entered", [account.id], fingerprint_of(account.email), where=where)
    await publish(USER_LOGGED_IN, account.id, by=account.actor, facts=facts)
    if is_new and was_used:
        await publish(NEW_DEVICE_USED, account.id, by=account.actor, facts=facts)


async def _keep_token(token: str, session_id: UUID, *, now: datetime, until: datetime) -> None:
    await execute(
        "INSERT INTO refresh_tokens (id, session_id, token_hash, created_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        uuid4(),
        session_id,
        fingerprint(token),
        now,
        until,
    )


async def _lock_token(refresh_token: str, *, now: datetime) -> Record | None:
    return await fetch_one(
        """
        SELECT t.id, t.session_id, t.used_at, s.user_id, s.device_id, s.created_at AS session_began
        FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
        WHERE t.token_hash = $1 AND t.expires_at > $2
          AND s.ended_at IS NULL AND s.expires_at > $2 AND u.blocked_at IS NULL
        FOR UPDATE OF t
        """,
        fingerprint(refresh_token),
        now,
    )


async def _rotate(token: Record, *, grace: timedelta, now: datetime) -> str | None:
    """The successor of a token, made now or within the grace; None when the token was spent before."""
    successor = successor_of(token["id"])
    if token["used_at"] is None:
        until = min(now + REFRESH_FOR, token["session_began"] + SESSION_AT_MOST)
        await execute("UPDATE refresh_tokens SET used_at = $2 WHERE id = $1", token["id"], now)
        await _keep_token(successor, token["session_id"], now=now, until=until)
        await execute(
            "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1",
            token["session_id"],
            now,
            until,
        )
        await see_device(token["session_id"])
        return successor
    unused = await fetch_one(
        "SELECT 1 FROM refresh_tokens WHERE token_hash = $1 AND used_at IS NULL", fingerprint(successor)
    )
    return successor if unused and abs(now - token["used_at"]) < grace else None


async def _end_family(session_id: UUID, user_id: UUID) -> None:
    await execute(
        "UPDATE sessions SET ended_at = $2, ended_why = 'token_reused' WHERE id = $1 AND ended_at IS NULL",
        session_id,
        clock.now(),
    )
    await publish(SESSION_FAMILY_ENDED, user_id, by=SYSTEM, facts={"session_id": session_id})
