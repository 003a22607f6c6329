"""A process beside us: it announces itself, comes back when it dies, and goes when we go."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.jobs import companion
from app.jobs.companion import Companion, CompanionFailed

ANNOUNCES_ITSELF = """
import os, sys
with open(os.environ["BOOK"], "a") as book:
    book.write(f"{os.getpid()}\\n")
print("before anything", flush=True)
print("ready as", os.getpid(), flush=True)
sys.stdin.read()
"""
CANNOT_START = "raise SystemExit('the book is in use')"


@pytest.fixture(autouse=True)
def clean() -> None:
    """Nothing here touches the database, so it is not cleaned."""


@pytest.fixture
def beside_us(tmp_path: Path) -> Iterator[Companion]:
    (tmp_path / "beside.py").write_text(ANNOUNCES_ITSELF)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "BOOK": str(tmp_path / "book")}
    process = Companion("beside", "beside", environment=environment)
    yield process
    process.stop()


def wait_for_start(number: int, book: Path) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        started = book.read_text().split()
        if len(started) >= number:
            return int(started[number - 1])
        time.sleep(0.02)
    raise AssertionError(f"start {number} did not happen")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_gives_back_what_the_process_announced(beside_us: Companion) -> None:
    assert int(beside_us.start("ready as")) > 0


def test_it_starts_a_process_again_that_died_and_none_after_stop(
    beside_us: Companion, tmp_path: Path
) -> None:
    first = int(beside_us.start("ready as"))
    os.kill(first, signal.SIGKILL)
    second = wait_for_start(2, tmp_path / "book")
    assert second != first

    beside_us.stop()

    assert not is_running(second)
    time.sleep(2 * companion.RESTART_AFTER)
    assert len((tmp_path / "book").read_text().split()) == 2


def test_a_process_that_does_not_come_up_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companion, "PATIENCE", 2)
    (tmp_path / "beside.py").write_text(CANNOT_START)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}

    with pytest.raises(CompanionFailed, match="beside did not start: the book is in use"):
        Companion("beside", "beside", environment=environment).start("ready as")
