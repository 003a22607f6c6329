"""Keeping the queue's own book short: it writes down every step of every job and never clears it."""

from datetime import timedelta

from app.db.engine import execute
from app.jobs.registry import every
from app.web.limits import forget_old

KEPT_FOR = timedelta(days=7)
"""Long enough to look into a bad weekend."""
AT_ONCE = 5_000
"""Rows of one delete, so that it never holds the table for long; an hour brings fewer than that."""


@every("jobs.tidy", "*/10 * * * * 0")
async def tidy() -> None:
    """Forget finished steps of old jobs, stamped by the database's own clock, and limits that ended."""
    await execute(
        """
        DELETE FROM pgqueuer_log WHERE id IN (
            SELECT id FROM pgqueuer_log WHERE aggregated AND created < now() - $1::interval LIMIT $2)
        """,
        KEPT_FOR,
        AT_ONCE,
    )
    await forget_old()
