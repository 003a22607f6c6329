"""What the log shows, and what it must not."""

import asyncio
import logging

import pytest

from app.main import create_app
from app.web.logs import KeyValue, configure_logging


@pytest.fixture(autouse=True)
def clean() -> None:
    """Nothing here touches the database, so it is not cleaned."""


def test_a_message_cannot_pretend_to_be_two_lines() -> None:
    record = logging.LogRecord(
        "app.web", logging.WARNING, "", 0, "odd path=%s", ("/x\nat=2020 level=info",), None
    )

    line = KeyValue().format(record)

    assert "\n" not in line
    assert line.endswith("level=warning logger=app.web odd path=/x\\nat=2020 level=info")


def test_requests_cut_off_at_the_end_leave_no_traceback_but_bugs_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    configure_logging()
    log = logging.getLogger("uvicorn.error")

    log.error("Exception in ASGI application", exc_info=asyncio.CancelledError())
    assert capsys.readouterr().err == ""
    log.error("Exception in ASGI application", exc_info=ValueError("a bug"))
    assert "ValueError: a bug" in capsys.readouterr().err


def test_the_app_leaves_the_log_of_its_process_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    root, ours = logging.getLogger(), [logging.NullHandler()]
    monkeypatch.setattr(root, "handlers", ours)

    create_app()

    assert logging.getLogger().handlers is ours
    assert logging.getLogger("litestar").propagate
