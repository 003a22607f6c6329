"""What is kept of a job that failed holds nothing that people typed."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from app.db.engine import execute, fetch_value
from app.jobs import registry
from app.jobs.services import enqueue
from app.web.logs import KeyValue
from tests.factories import run_jobs


async def test_a_failed_job_leaves_the_kind_of_its_failure_and_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(_payload: dict[str, Any]) -> None:
        await execute(
            "INSERT INTO users (name, email, password_hash, role, created_at) "
            "VALUES ('Zarq Canary', 'zarq@example.com', '', 'nobody', now())"
        )

    only = registry.Task("tests.work", work, 1, timedelta(seconds=1), timedelta(seconds=1))
    monkeypatch.setattr("app.jobs.worker.tasks", {only.name: only})
    caplog.set_level(logging.INFO)
    await enqueue("tests.work", {})

    await run_jobs()

    kept = await fetch_value("SELECT string_agg(l::text, ' ') FROM pgqueuer_log l")
    assert "CheckViolationError" in kept
    assert "zarq" not in kept.lower()
    written = "\n".join(KeyValue().format(record) for record in caplog.records)
    assert "job failed task=tests.work" in written
    assert "zarq" not in written.lower()
