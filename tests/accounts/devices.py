"""Devices people were logged in on before."""

from datetime import timedelta
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute
from tests.factories import Cast

ANDROID = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"


async def a_device(
    person: Cast, *, named: str = ANDROID, address: str = "203.0.113.7", is_signed_in: bool = True
) -> UUID:
    """Another device of somebody's, last seen an hour ago."""
    device_id, seen = uuid4(), clock.now() - timedelta(hours=1)
    await execute(
        "INSERT INTO known_devices (user_id, device_id, name, address, first_seen_at, last_seen_at) "
        "VALUES ($1, $2, $3, $4, $5, $5)",
        person.id,
        device_id,
        named,
        address,
        seen,
    )
    if is_signed_in:
        await execute(
            "INSERT INTO sessions "
            "(user_id, created_at, last_seen_at, expires_at, address, device, device_id) "
            "VALUES ($1, $2, $2, $3, $4, $5, $6)",
            person.id,
            seen,
            seen + timedelta(days=30),
            address,
            named,
            device_id,
        )
    return device_id
