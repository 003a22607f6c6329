"""The queue's book does not grow for ever."""

import asyncpg

from app.db.engine import fetch_value
from app.jobs.tidying import tidy

A_STEP = (
    "INSERT INTO pgqueuer_log (created, job_id, status, priority, entrypoint, aggregated) "
    "VALUES (now() - $1::text::interval, 1, 'successful', 0, 'notifications.send', $2)"
)


async def test_old_steps_are_forgotten_and_new_or_uncounted_ones_kept(owner: asyncpg.Connection) -> None:
    await owner.execute(A_STEP, "8 days", True)
    await owner.execute(A_STEP, "8 days", False)
    await owner.execute(A_STEP, "1 hour", True)

    await tidy()
    await tidy()

    assert await fetch_value("SELECT count(*) FROM pgqueuer_log") == 2
    assert await fetch_value("SELECT count(*) FROM pgqueuer_log WHERE NOT aggregated") == 1
