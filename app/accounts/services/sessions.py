"""Sessions: logging in, staying in by rotating tokens, logging out."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from asyncpg import Record

from app import clock
from app.accounts.errors import SessionOver, WrongLogIn
from app.accounts.passwords import hash_password, is_outdated, is_password
from app.accounts.queries import (
    Account,
    Credentials,
    credentials_by_email,
    credentials_by_mobile,
    find_visitor,
    get_user,
)
from app.accounts.rules import (
    ACCESS_FOR,
    LONGEST_PASSWORD,
    REFRESH_FOR,
    SESSION_AT_MOST,
    BadValue,
    read_email,
    read_mobile,
    same_password,
)
from app.accounts.tokens import access_token, fingerprint, first_refresh_token, successor_of
from app.db.engine import execute, fetch_one, transaction
from app.events.actor import SYSTEM, Actor
from app.events.names import SESSION_FAMILY_ENDED, USER_LOGGED_IN, USER_LOGGED_OUT
from app.events.services import publish
from app.web.limits import spend


@dataclass(frozen=True)
class Tokens:
    """What a session hands out; `expires_in` is the access token's life in seconds."""

    account: Account
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int = int(ACCESS_FOR.total_seconds())


async def log_in(identifier: str, password: str, *, address: str, device: str) -> Tokens:
    """Open a session for whoever knows the password of an e-mail address or mobile.

    A mobile proves nothing and may belong to several accounts, so the password decides among them.
    Raises WrongLogIn, the same and after the same work for unknown, wrong and blocked; TooMany.
    """
    await spend("log_in", address)
    password = same_password(password)
    user_id = await _who_knows(await _candidates(identifier), password)
    if user_id is None:
        raise WrongLogIn
    return await open_session(user_id, address=address, device=device)


async def open_session(user_id: UUID, *, address: str, device: str) -> Tokens:
    """Begin a session for an account that has just proved itself. Raises WrongLogIn where it is blocked."""
    now = clock.now()
    token = first_refresh_token()
    session_id = uuid4()
    async with transaction():
        opened = await fetch_one(
            """
            INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_at, address, device)
            SELECT $1, u.id, $3, $3, $4, $5, $6 FROM users u WHERE u.id = $2 AND u.blocked_at IS NULL
            RETURNING id
            """,
            session_id,
            user_id,
            now,
            now + REFRESH_FOR,
            address,
            device,
        )
        if opened is None:
            raise WrongLogIn
        await _keep_token(token, session_id, now=now, until=now + REFRESH_FOR)
        account = replace(await get_user(user_id), session_id=session_id)
        await publish(USER_LOGGED_IN, user_id, by=account.actor, facts={"session_id": session_id})
    return Tokens(account, access_token(user_id, session_id, now=now), token)


async def refresh(refresh_token: str, *, grace: timedelta = timedelta(0)) -> Tokens:
    """Exchange a refresh token for new ones; a spent one shows that it was copied, and ends its session.

    Within `grace` of being spent it is answered with the same successor again, as long as nobody has used
    that: the first answer was lost, or a browser asked twice at once. Raises SessionOver.
    """
    now = clock.now()
    async with transaction():
        token = await _lock_token(refresh_token, now=now)
        if token is None:
            raise SessionOver
        successor = await _rotate(token, grace=grace, now=now)
        if successor is None:
            await _end_family(token["session_id"], token["user_id"])
        account = await find_visitor(token["user_id"], token["session_id"], now=now)
    if successor is None or account is None:
        raise SessionOver
    return Tokens(account, access_token(account.id, token["session_id"], now=now), successor)


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
    """End every session of an account but `keep`; `why` is one of the reasons the table of sessions knows."""
    await execute(
        "UPDATE sessions SET ended_at = $2, ended_why = $3 "
        "WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $4",
        user_id,
        clock.now(),
        why,
        keep,
    )


async def _candidates(identifier: str) -> list[Credentials]:
    try:
        return await credentials_by_email(read_email(identifier))
    except BadValue:
        pass
    try:
        return await credentials_by_mobile(read_mobile(identifier))
    except BadValue:
        return []


async def _who_knows(candidates: list[Credentials], password: str) -> UUID | None:
    if len(password) > LONGEST_PASSWORD:
        candidates, password = [], password[:LONGEST_PASSWORD]
    for one in candidates:
        if await is_password(password, one.password_hash):
            if is_outdated(one.password_hash):
                await execute(
                    "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
                    one.user_id,
                    one.password_hash,
                    await hash_password(password),
                )
            return one.user_id
    if not candidates:
        await is_password(password, None)
    return None


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
        SELECT t.id, t.session_id, t.used_at, s.user_id, s.created_at AS session_began
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
