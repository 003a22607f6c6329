"""The sandbox follows the clock that the site's tests move."""

from datetime import timedelta

import httpx

from app import clock
from app.db.clock import set_clock


async def test_the_sandbox_lives_in_the_time_the_site_was_moved_to(gateway: httpx.AsyncClient) -> None:
    there = clock.now() + timedelta(days=2)
    await set_clock(there)
    moved = (await gateway.get("/sandbox/health")).json()["now"]
    await set_clock(None)
    returned = (await gateway.get("/sandbox/health")).json()["now"]

    assert abs(moved - there.timestamp()) < 5
    assert abs(returned - clock.now().timestamp()) < 5
