"""A disk, a mailbox and a log of nobody else's, so that a search of them finds only who was planted."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.notifications import post
from app.notifications.mailbox import LocalMailbox
from app.settings import settings
from app.web.logs import KeyValue

HEARD = "the log is listened to"


class Log(logging.Handler):
    """Keeps every line as our processes would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(KeyValue())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def log() -> Iterator[Log]:
    listening, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.INFO)
    logging.getLogger("app").info(HEARD)
    yield listening
    root.removeHandler(listening)
    root.setLevel(level)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalMailbox]:
    """The mailbox that an installation without a mail server has, and no file that another test left."""
    for folder in ("uploads/exports", "uploads/photos"):
        shutil.rmtree(settings().data_dir / folder, ignore_errors=True)
    ours = LocalMailbox(settings().data_dir / "mailbox")
    ours.start()
    asked = replace(settings(), smtp_url=ours.smtp_url)
    monkeypatch.setattr(post, "settings", lambda: asked)
    yield ours
    ours.stop()
