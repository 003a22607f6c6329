"""A mailbox on this machine, where no mail server is set: a real SMTP server that keeps every letter."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Collection
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

logging.getLogger("mail").setLevel(logging.ERROR)  # the server's own lines name the addresses


class LocalMailbox(Controller):
    """Listens on loopback in a thread of its own and writes what comes into a Maildir."""

    def __init__(self, directory: Path) -> None:
        """Take a free port at once, so that nobody else can between choosing and listening."""
        for part in ("tmp", "new", "cur"):  # Maildir completes no folder that a crash left half made
            (directory / part).mkdir(parents=True, exist_ok=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        # A name given here spares a look-up of the machine's own, which can take seconds offline.
        super().__init__(
            Mailbox(directory), hostname="127.0.0.1", port=port, server_hostname="localhost", ready_timeout=15
        )

    @property
    def smtp_url(self) -> str:
        """Where letters are to be sent."""
        return f"smtp://127.0.0.1:{self.port}"

    def stop(self, no_assert: bool = True) -> None:
        """Stop listening; does nothing when it was never started."""
        if self._thread is not None:
            super().stop(no_assert=no_assert)
        self._socket.close()

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        loop: asyncio.AbstractEventLoop = self.loop
        return loop.create_server(self._factory_invoker, sock=self._socket)


def forget_letters(directory: Path, message_ids: Collection[str]) -> None:
    """Take letters with these Message-IDs out of a Maildir; what else lies there stays."""
    for part in ("new", "cur"):
        for file in (directory / part).glob("*"):
            with file.open("rb") as letter:
                found = BytesHeaderParser().parse(letter)["Message-ID"]
            if found is not None and str(found).strip() in message_ids:
                file.unlink(missing_ok=True)
