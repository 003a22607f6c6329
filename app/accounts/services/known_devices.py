"""Which browsers and programs an account was used on: strangers' tries never lock these out."""

from uuid import UUID

from app import clock
from app.db.engine import execute, fetch_value


async def learn_device(user_id: UUID, device_id: UUID, *, address: str, device: str) -> bool:
    """Know a device from now on; whether it was not known before. `device` is what it calls itself."""
    was_known: bool | None = await fetch_value(
        """
        WITH before AS (
            SELECT forgotten_at IS NULL AS known FROM known_devices WHERE user_id = $1 AND device_id = $2)
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
        clock.now(),
    )
    return not was_known


async def forget_devices(user_id: UUID, *, but: UUID | None = None) -> None:
    """Take every device of an account for a stranger again, but one."""
    await execute(
        "UPDATE known_devices SET forgotten_at = $2 "
        "WHERE user_id = $1 AND forgotten_at IS NULL AND device_id IS DISTINCT FROM $3",
        user_id,
        clock.now(),
        but,
    )
