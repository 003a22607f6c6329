"""HTTP as it comes off the wire: a request's head has a size and a time to come in."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 32 * 1024
"""Bytes of the first line and headers together; ours with all cookies are below 4 KB."""
HEAD_WITHIN = 10.0
"""Seconds from the first byte of a request, or from the connection, until its headers are there."""


class HeadTooLong(Exception):
    """The headers of a request are longer than any of ours."""


class CarefulProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which waits for headers without end and keeps as many as are sent."""

    _head_bytes = 0
    _is_in_head = True
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected and is expected to say what they want."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone, whether they said it or not."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless these are more headers than we read."""
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and self._head_bytes > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("These headers are too long.")

    def on_message_begin(self) -> None:
        """A request begins; on a connection that was kept its clock starts anew."""
        super().on_message_begin()
        if not self._is_in_head:
            self._head_bytes = 0
            self._await_head()

    def on_headers_complete(self) -> None:
        """The headers are there; too long ones, which came in one piece, are refused all the same."""
        self._stop_waiting()
        self._is_in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            raise HeadTooLong
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._is_in_head = True
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_WITHIN, self._close_unless_answering)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_unless_answering(self) -> None:
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.close()
