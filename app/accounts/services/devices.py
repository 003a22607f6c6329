"""The devices somebody is logged in on: to look at, and to end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.device_names import device_name
from app.accounts.queries import Account
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch, fetch_value, transaction
from app.errors import NotFound
from app.events.actor import Actor
from app.events.names import DEVICE_ENDED, SESSIONS_ENDED
from app.events.services import publish


@dataclass(frozen=True)
class Device:
    """A browser or program an account was used on; `address` is where it last logged in from."""

    id: UUID
    called: str
    address: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_signed_in: bool
    is_current: bool

    @property
    def name(self) -> str:
        """What it is, in the reader's language."""
        return device_name(self.called)


async def devices_of(user_id: UUID, *, session_id: UUID | None = None) -> list[Device]:
    """The devices of an account, the one of `session_id` first, then the one seen last.

    A session that began before devices were told apart is a device of its own, with the session's id.
    """
    rows = await fetch(
        """
        WITH live AS (
            SELECT id, coalesce(device_id, id) AS device_id, device_id IS NULL AS alone, device, address,
                   created_at, last_seen_at
            FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $3),
        seen AS (
            SELECT device_id, name, address, first_seen_at, last_seen_at FROM known_devices
            WHERE user_id = $1 AND forgotten_at IS NULL
            UNION ALL
            SELECT device_id, device, address, created_at, last_seen_at FROM live WHERE alone)
        SELECT seen.device_id AS id, seen.name AS called, seen.address, seen.first_seen_at,
               greatest(seen.last_seen_at, max(live.last_seen_at)) AS last_seen_at,
               count(live.id) > 0 AS is_signed_in,
               coalesce(bool_or(live.id = $2), false) AS is_current
        FROM seen LEFT JOIN live ON live.device_id = seen.device_id
        GROUP BY 1, 2, 3, 4, seen.last_seen_at
        ORDER BY is_current DESC, last_seen_at DESC, id
        """,
        user_id,
        session_id,
        clock.now(),
    )
    return [Device(**dict(row)) for row in rows]


async def end_device(user_id: UUID, device_id: UUID, *, by: Actor) -> None:
    """End every session on a device at once, and take it for a stranger from now on.

    Raises NotFound for a device that is not one of the account's.
    """
    now = clock.now()
    async with transaction():
        await execute(
            "UPDATE log_in_challenges SET used_at = $3 "
            "WHERE user_id = $1 AND device_id = $2 AND used_at IS NULL",
            user_id,
            device_id,
            now,
        )
        was_there = await fetch_value(
            """
            WITH forgotten AS (
                UPDATE known_devices SET forgotten_at = $3
                WHERE user_id = $1 AND device_id = $2 AND forgotten_at IS NULL RETURNING 1),
            ended AS (
                UPDATE sessions SET ended_at = $3, ended_why = 'ended_by_user'
                WHERE user_id = $1 AND coalesce(device_id, id) = $2 AND ended_at IS NULL RETURNING 1)
            SELECT EXISTS (SELECT FROM forgotten) OR EXISTS (SELECT FROM ended)
            """,
            user_id,
            device_id,
            now,
        )
        if not was_there:
            raise NotFound
        await publish(DEVICE_ENDED, user_id, by=by, facts={"device_id": device_id})


async def end_other_sessions(account: Account, *, by: Actor, why: str = "ended_by_user") -> None:
    """Log an account out everywhere but in the session that asks; the other devices become strangers."""
    async with transaction():
        await end_sessions(account.id, why=why, keep=account.session_id)
        await publish(SESSIONS_ENDED, account.id, by=by, facts={"why": why})
