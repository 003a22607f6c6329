"""The test clock: one row, read by web, worker and sandbox outside production, moves everybody's `now()`."""

from datetime import datetime, timedelta

from app import clock
from app.db.engine import execute, fetch_value
from app.settings import settings


async def shift_ms() -> int:
    """By how many milliseconds the clock was moved; 0 when it shows the real time."""
    return await fetch_value("SELECT shift_ms FROM clock_shift WHERE id = 1") or 0


async def follow_clock() -> None:
    """Take over the shift written by `set_clock`; does nothing in production."""
    if settings().is_production:
        return
    clock.shift_by(timedelta(milliseconds=await shift_ms()))


async def set_clock(at: datetime | None) -> None:
    """Make it `at` now, from where the clock goes on running; None returns to the real time."""
    clock.shift_by(timedelta(0))
    shift = timedelta(0) if at is None else at - clock.now()
    clock.shift_by(shift)
    await execute(
        "INSERT INTO clock_shift (id, shift_ms) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET shift_ms = $1",
        -(-shift // timedelta(milliseconds=1)),
    )
    await follow_clock()
