"""The only reader of the clock. Outside production one database row can shift it (see `app.db.clock`)."""

import time as _real
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUSE_ZONE = ZoneInfo("Asia/Kolkata")
"""Whose times are shown, and whose today counts, where no single clinic is looked at."""

_shift = timedelta(0)


def now() -> datetime:
    """The present moment as an aware UTC time, shifted where a test drives whole days."""
    return datetime.now(UTC) + _shift


def real_ms() -> int:
    """The machine's own time in milliseconds since 1970, never shifted: the order of what processes tell."""
    return _real.time_ns() // 1_000_000


def shift_by(shift: timedelta) -> None:
    """Move this process's clock by `shift` against real time; nobody calls it in production."""
    global _shift  # noqa: PLW0603 - one clock a process is the point
    _shift = shift


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day a clinic in `zone` writes down for an aware `moment`."""
    return moment.astimezone(zone).date()


def at(on: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which clocks in `zone` show `clock_time` on day `on`."""
    return datetime.combine(on, clock_time, tzinfo=zone).astimezone(UTC)
