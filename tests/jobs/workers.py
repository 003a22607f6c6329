"""Real worker processes, to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import ROOT


@contextmanager
def a_worker() -> Iterator[subprocess.Popen[bytes]]:
    """`python -m app worker` with the environment of these tests; killed at the end, if not before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "worker"], cwd=ROOT, env=os.environ, start_new_session=True
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9: the process can neither finish nor tidy anything."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait(10)
