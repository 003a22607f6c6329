"""The worker goes on, whatever becomes of the database beside it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pgqueuer.errors import FailingListenerError
from pgqueuer.models import HealthCheckEvent
from pgqueuer.qm import QueueManager

from app.jobs import registry
from app.jobs.services import enqueue
from app.jobs.worker import run_worker
from app.main import _working, create_app

WITHIN = 20
"""Seconds; a worker looks into the queue by itself every five."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set as soon as a job of the kind `tests.work` was done; nothing else runs beside it."""
    was_done = asyncio.Event()

    async def work(_payload: dict[str, Any]) -> None:
        was_done.set()

    only = registry.Task("tests.work", work, 1, timedelta(seconds=1), timedelta(seconds=1))
    monkeypatch.setattr("app.jobs.worker.tasks", {only.name: only})
    monkeypatch.setattr("app.jobs.worker.schedules", {})
    return was_done


async def test_a_database_that_answered_too_slowly_does_not_end_the_worker(
    done: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_slow, checked_again = True, asyncio.Event()
    really = QueueManager.listener_healthy

    async def slow_once(queue: QueueManager, **how_long: timedelta) -> HealthCheckEvent:
        nonlocal is_slow
        if is_slow:
            is_slow = False
            raise FailingListenerError
        checked_again.set()
        return await really(queue, **how_long)

    monkeypatch.setattr(QueueManager, "listener_healthy", slow_once)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(stop))

    async with asyncio.timeout(WITHIN):
        await asyncio.wait(
            {worker, asyncio.create_task(checked_again.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
    assert not worker.done(), "the worker gave up"
    await enqueue("tests.work", {})
    async with asyncio.timeout(WITHIN):
        await done.wait()

    stop.set()
    await asyncio.wait_for(worker, WITHIN)


async def test_a_worker_that_ends_by_a_bug_beside_the_site_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.main.run_worker", broken)

    with pytest.raises(ZeroDivisionError):
        async with _working(create_app()):
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    assert "the worker ended" in caplog.text
