"""``python -m app.payments.sandbox``: read the environment, listen on loopback, say so, serve until told to
end.

It ends on SIGTERM, on SIGINT, and, where its standard input is a pipe, when that pipe closes: so it never
outlives the process that started it, however that one died.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import sys
from types import FrameType

import uvicorn

from app.payments.sandbox.book import Book
from app.payments.sandbox.settings import BadSetting, read_settings
from app.payments.sandbox.store import BookInUse
from app.payments.sandbox.web import create_app


class Server(uvicorn.Server):
    """Uvicorn that prints its address when it is ready and ends with its parent's pipe."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, then announce the port to whoever reads standard output."""
        await super().startup(sockets=sockets)
        if self.started and sockets:
            sys.stdout.write(f"sandbox listening on http://127.0.0.1:{sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()
            self._watch_parent()

    def _watch_parent(self) -> None:
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(0).st_mode)
        except OSError:
            return
        if is_pipe:
            asyncio.get_running_loop().add_reader(0, self._read_parent)

    def _read_parent(self) -> None:
        if not os.read(0, 4096):
            asyncio.get_running_loop().remove_reader(0)
            self.should_exit = True


def listen(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has it, ::1: browsers may take either for localhost."""
    first = _socket(socket.AF_INET, "127.0.0.1", port)
    try:
        return [first, _socket(socket.AF_INET6, "::1", first.getsockname()[1])]
    except OSError:
        return [first]


def main() -> None:
    """Run the sandbox; exits with 2 and a sentence when it cannot start."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        settings = read_settings(os.environ)
        sockets, book = listen(settings.port), Book(settings)
    except (BadSetting, BookInUse, OSError) as error:
        sys.stderr.write(f"The sandbox does not start: {error}\n")
        raise SystemExit(2) from error
    _serve(book, sockets)


def _serve(book: Book, sockets: list[socket.socket]) -> None:
    config = uvicorn.Config(
        create_app(book), log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=1
    )
    asyncio.run(Server(config).serve(sockets=sockets))


def _socket(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
