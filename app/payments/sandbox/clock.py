"""The sandbox's clock: the machine's time plus the shift a test has asked for.

The shift stands in one row of the shop's database, which web, worker and sandbox all read, so that whole days
can be driven. The sandbox must run without that database too: absent or slow, the last known shift stays.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg

READ_TIMEOUT = 0.5
PAUSE_AFTER_FAILURE_MS = 2_000


def real_ms() -> int:
    """The machine's own time in milliseconds since 1970; sending webhooks goes by it alone."""
    return time.time_ns() // 1_000_000


class Clock:
    """Time for stamps and for everything that happens by itself after a while."""

    def __init__(self, dsn: str | None) -> None:
        self._dsn = dsn
        self._shift_ms = 0
        self._connection: asyncpg.Connection[Any] | None = None
        self._lock = asyncio.Lock()
        self._not_before_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970, shifted."""
        return real_ms() + self._shift_ms

    def now(self) -> int:
        """Whole seconds since 1970, shifted: the unit of every ``created_at``."""
        return self.now_ms() // 1000

    async def refresh(self) -> None:
        """Read the shift anew; does nothing without a database, keeps the last shift when it does not
        answer."""
        if self._dsn is None or real_ms() < self._not_before_ms:
            return
        import asyncpg

        async with self._lock:
            try:
                self._shift_ms = await self._read(self._dsn)
            except asyncpg.UndefinedTableError:
                self._shift_ms = 0
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self.close()
                self._not_before_ms = real_ms() + PAUSE_AFTER_FAILURE_MS

    async def close(self) -> None:
        """Let go of the database without waiting for it."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _read(self, dsn: str) -> int:
        import asyncpg

        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                dsn, timeout=READ_TIMEOUT, server_settings={"application_name": "razorpay-sandbox"}
            )
        shift = await self._connection.fetchval(
            "SELECT shift_ms FROM clock_shift WHERE id = 1", timeout=READ_TIMEOUT
        )
        return int(shift or 0)
