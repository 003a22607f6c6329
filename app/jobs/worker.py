"""The worker: runs jobs and schedules, survives a lost database, stops cleanly."""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import PgqException
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job
from pgqueuer.models import Schedule as Fired
from pgqueuer.types import QueueExecutionMode

from app.db.clock import follow_clock
from app.db.engine import DB
from app.errors import Unavailable
from app.jobs.registry import Schedule, Task, schedules, tasks

log = logging.getLogger(__name__)
logging.getLogger("pgqueuer").setLevel(logging.ERROR)

ORPHANED_AFTER = timedelta(seconds=10)
"""A job whose worker was killed is picked up again after this long without a heartbeat."""
LOOK_EVERY = timedelta(seconds=5)
"""How long an idle worker trusts notifications before it looks into the queue by itself."""
AT_ONCE = 10
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, PgqException, ExceptionGroup)
"""What a run of the queue ends with when the database is gone, restarted, or does not answer in time."""


class JobFailed(Exception):
    """What the queue keeps of a failure: its kind alone, since its words may hold what people typed."""


def _retrying(task: Task) -> Callable[[EntrypointExecutorParameters], DatabaseRetryEntrypointExecutor]:
    return lambda parameters: DatabaseRetryEntrypointExecutor(
        parameters,
        max_attempts=task.tries,
        initial_delay=task.first_retry,
        max_delay=task.longest_retry,
    )


def _run_job(task: Task) -> Callable[[Job], Any]:
    async def run(job: Job) -> None:
        await follow_clock()
        try:
            await task.work(json.loads(job.payload or b"{}"))
        except Exception as failure:
            kind, where = type(failure).__name__, traceback.extract_tb(failure.__traceback__)[-1]
            log.warning(
                "job failed task=%s attempt=%s error=%s where=%s:%s",
                *(task.name, job.attempts, kind, Path(where.filename).name, where.lineno),
            )
            raise JobFailed(kind) from None

    return run


def _run_beat(schedule: Schedule) -> Callable[[Fired], Any]:
    async def run(_fired: Fired) -> None:
        try:
            await follow_clock()
            await schedule.beat()
        except (Unavailable, asyncpg.PostgresError) as failure:
            log.warning("schedule failed name=%s error=%s", schedule.name, type(failure).__name__)

    return run


def queuer(con: asyncpg.Connection, *, with_schedules: bool = True) -> PgQueuer:
    """A queue manager on its own connection that knows every registered task (and schedule)."""
    manager = PgQueuer(AsyncpgDriver(con), resources={})
    for task in tasks.values():
        manager.entrypoint(task.name, executor_factory=_retrying(task), on_failure="hold")(_run_job(task))
    if with_schedules:
        for schedule in schedules.values():
            manager.schedule(schedule.name.replace(".", "_"), schedule.cron)(_run_beat(schedule))
    return manager


async def run_worker(stop: asyncio.Event) -> None:
    """Work until `stop` is set; when the database goes away, come back as soon as it does.

    A database that answers too slowly counts as gone: the queue's own check of its listener then gives up.
    """
    wait = 0.5
    while not stop.is_set():
        con: asyncpg.Connection | None = None
        try:
            con = await DB.get_new_connection()
            wait = 0.5
            await _work_until(stop, queuer(con))
        except LOST as failure:
            log.warning("worker lost the database error=%s", type(failure).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5)
        finally:
            if con is not None and not con.is_closed():
                con.terminate()


async def _work_until(stop: asyncio.Event, manager: PgQueuer) -> None:
    async def watch() -> None:
        await stop.wait()
        manager.shutdown.set()

    watching = asyncio.create_task(watch())
    try:
        await manager.run(
            dequeue_timeout=LOOK_EVERY,
            batch_size=AT_ONCE,
            heartbeat_timeout=ORPHANED_AFTER,
            shutdown_on_listener_failure=True,
        )
    finally:
        watching.cancel()


async def drain() -> None:
    """Run every job that is due and stop when none is left; what the tests use for a worker."""
    con = await DB.get_new_connection()
    try:
        manager = queuer(con, with_schedules=False)
        await manager.qm.run(
            mode=QueueExecutionMode.drain, batch_size=AT_ONCE, dequeue_timeout=timedelta(milliseconds=50)
        )
    finally:
        await con.close()
