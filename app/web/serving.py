"""Uvicorn as we run it: one process or several, quiet about itself, ready when it says so."""

import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.settings import settings
from app.web.wire import CarefulProtocol

GRACE = 2
"""Seconds an open request or stream may go on after we were asked to end."""
SLOWEST_START = 30
"""Seconds a process may take to come up before the others are looked after."""


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and takes a second Ctrl-C for impatience, not for a crash."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        self.should_exit = True


class _Group(Multiprocess):
    """Several processes that say they are ready when the first of them is; the others follow at once."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], ready: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._ready = ready

    def init_processes(self) -> None:
        super().init_processes()
        if self.processes[0].wait_until_ready(SLOWEST_START):
            self._ready()


def configured(app: Any, **more: Any) -> uvicorn.Config:
    """How uvicorn runs this site; `app` is the application or, with `factory`, what makes it.

    It is told to believe no proxy: by default it believes whatever comes from 127.0.0.1, and the house looks
    itself at those in TRUSTED_PROXIES. No route speaks WebSocket, so none is agreed upon.
    """
    return uvicorn.Config(
        app,
        http=CarefulProtocol,
        ws="none",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        **more,
    )


def serve(factory: str, listening: socket.socket, *, ready: Callable[[], None]) -> None:
    """Answer requests with what `factory` makes until asked to end; `ready` is called once a process can."""
    config = configured(factory, factory=True, workers=settings().web_workers)
    if config.workers == 1:
        _Server(config, ready).run([listening])
        return
    group = _Group(config, [listening], ready)
    group.run()
    if any(process.exitcode == STARTUP_FAILURE for process in group.processes):
        sys.exit(STARTUP_FAILURE)
