"""A process of ours beside this one, which lives as long as we do."""

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping

from app.settings import ROOT

log = logging.getLogger(__name__)

RESTART_AFTER = 0.3
"""Seconds; long enough that a process which cannot start does not keep a core busy."""
PATIENCE = 15
"""Seconds until it must have announced itself."""
ENDS_WITHIN = 5
"""Seconds between asking it to end and making it end."""


class CompanionFailed(Exception):
    """The process did not come up; the text is the last it said."""


class Companion:
    """A Python module run as a process: started again when it dies, ended when we end.

    It gets a pipe as standard input and must end when that closes: so it goes even after our kill -9. It has
    a session of its own, so Ctrl-C in a terminal reaches only us and we decide the order of ending.
    """

    def __init__(self, name: str, *module_and_arguments: str, environment: Mapping[str, str]) -> None:
        """`environment` is all the process sees; secrets go there, never into the arguments."""
        self.name = name
        self.environment = dict(environment)
        self._command = [sys.executable, "-m", *module_and_arguments]
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._announced: queue.Queue[str] = queue.Queue(maxsize=1)
        self._announcement: str | None = None
        self._last_line = ""
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._look_after, name=name, daemon=True)

    def start(self, announcement: str | None = None) -> str:
        """Start the process and wait for the line that begins with `announcement`; gives back its rest.

        Raises CompanionFailed when the line does not come in time. Without an announcement nothing is
        waited for.
        """
        self._announcement = announcement
        self._thread.start()
        if announcement is None:
            return ""
        try:
            return self._announced.get(timeout=PATIENCE)
        except queue.Empty:
            self.stop()
            raise CompanionFailed(
                f"{self.name} did not start: {self._last_line or 'it said nothing'}"
            ) from None

    def stop(self) -> None:
        """End the process, politely first; does nothing when it was never started."""
        with self._lock:
            self._ending.set()
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
        self._thread.join(ENDS_WITHIN)

    def _look_after(self) -> None:
        while (process := self._spawn()) is not None:
            assert process.stdout is not None
            with process:
                for line in process.stdout:
                    self._hear(line.rstrip())
            if not self._ending.wait(RESTART_AFTER):
                log.warning("starting again process=%s ended=%s", self.name, process.returncode)

    def _spawn(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._ending.is_set():
                return None
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            return self._process

    def _hear(self, line: str) -> None:
        if self._announcement is not None and line.startswith(self._announcement):
            if not self._announced.full():
                self._announced.put(line.removeprefix(self._announcement).strip())
            return
        self._last_line = line
        sys.stderr.write(f"{line}\n")


def environment_without(*prefixes: str) -> dict[str, str]:
    """Our environment for a process that shall not see the settings which begin with `prefixes`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
