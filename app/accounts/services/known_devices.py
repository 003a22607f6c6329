"""Which browsers and programs an account was used on: strangers' tries never lock these out."""

from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.rules import DEVICE_KNOWN_FOR, DEVICE_OF_STAFF_KNOWN_FOR
from app.db.engine import execute, fetch_value

_STILL_KNOWN = (
    "k.forgotten_at IS NULL AND k.last_seen_at > "
    "CASE WHEN u.role = 'patient' THEN {since}::timestamptz ELSE {staff_since}::timestamptz END"
)
KNOWS_DEVICE = (
    "EXISTS (SELECT FROM known_devices k WHERE k.user_id = u.id AND k.device_id = {device} "
    f"AND {_STILL_KNOWN})"
)
"""Whether the account `u` was used on a device lately; `known_since` gives the values."""


def known_since(now: datetime) -> tuple[datetime, datetime]:
    """Since when a device must have been used to be known still: a patient's, and that of staff."""
    return now - DEVICE_KNOWN_FOR, now - DEVICE_OF_STAFF_KNOWN_FOR


async def learn_device(user_id: UUID, device_id: UUID, *, address: str, device: str) -> bool:
    """Know a device from now on; whether it was not known before. `device` is what it calls itself."""
    now = clock.now()
    still_known = _STILL_KNOWN.format(since="$6", staff_since="$7")
    was_known: bool | None = await fetch_value(
        f"""
        WITH before AS (
            SELECT {still_known} AS known FROM known_devices k JOIN users u ON u.id = k.user_id
            WHERE k.user_id = $1 AND k.device_id = $2)
        INSERT INTO known_devices AS k (user_id, device_id, name, address, first_seen_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (user_id, device_id) DO UPDATE SET
            name = excluded.name, address = excluded.address, last_seen_at = excluded.last_seen_at,
            first_seen_at =
                CASE WHEN k.forgotten_at IS NULL THEN k.first_seen_at ELSE excluded.first_seen_at END,
            forgotten_at = NULL
        RETURNING (SELECT known FROM before)
        """,
        user_id,
        device_id,
        device,
        address,
        now,
        *known_since(now),
    )
    return not was_known


async def see_device(session_id: UUID) -> None:
    """Note that the device of a session is in use."""
    await execute(
        "UPDATE known_devices k SET last_seen_at = $2 FROM sessions s WHERE s.id = $1 "
        "AND k.user_id = s.user_id AND k.device_id = s.device_id AND k.forgotten_at IS NULL",
        session_id,
        clock.now(),
    )


async def forget_devices(user_id: UUID, *, but: UUID | None = None) -> None:
    """Take every device of an account for a stranger again, but one."""
    await execute(
        "UPDATE known_devices SET forgotten_at = $2 "
        "WHERE user_id = $1 AND forgotten_at IS NULL AND device_id IS DISTINCT FROM $3",
        user_id,
        clock.now(),
        but,
    )
