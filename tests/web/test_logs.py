"""What the log shows, and what it must not."""

import asyncio
import logging
import sys

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
    written = capsys.readouterr().err
    assert "| ValueError" in written
    assert "a bug" not in written, "what an exception says may be what somebody typed"


def test_the_app_leaves_the_log_of_its_process_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    root, ours = logging.getLogger(), [logging.NullHandler()]
    monkeypatch.setattr(root, "handlers", ours)

    create_app()

    assert logging.getLogger().handlers is ours
    assert logging.getLogger("litestar").propagate


def test_a_traceback_cannot_pretend_to_be_a_line_of_the_log_and_holds_no_values() -> None:
    typed = "zq7@example.com\nat=2026 level=critical logger=app forged"
    try:
        raise ValueError(typed)
    except ValueError:
        record = logging.LogRecord("app.web", logging.ERROR, "", 0, "bug", (), sys.exc_info())

    first, *others = KeyValue().format(record).splitlines()

    assert first.endswith("logger=app.web bug")
    assert all(line.startswith("| ") for line in others)
    assert "zq7" not in "".join(others)
    assert any(__name__.rpartition(".")[2] in line for line in others), "it says where"


def test_what_programmers_wrote_into_an_exception_is_said() -> None:
    words = "An event is written in the transaction of its change."
    try:
        raise RuntimeError(words)
    except RuntimeError:
        record = logging.LogRecord("app.web", logging.ERROR, "", 0, "bug", (), sys.exc_info())

    assert (
        KeyValue()
        .format(record)
        .endswith("RuntimeError: An event is written in the transaction of its change.")
    )
