"""Requests whose body cannot be read are refused, in every way in which it cannot."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, State
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    SerializationException,
)

from app.web.forms import LONGEST_BODY
from app.web.visitor import Visitor

PATIENCE = 20
"""Seconds until the next piece of a body; as long as a phone may be in a tunnel."""
WHOLE_WITHIN = 60
"""Seconds for a whole body of ours, of 64 KB at most: some 9 kbit/s, less than the slowest GPRS."""
SLOWEST_UPLOAD = 32 * 1024
"""Bytes a second at which a longer body, a photo, has to come in: some 260 kbit/s, the slow end of 3G."""


def seconds_for(most_bytes: int) -> float:
    """How long a whole body of a route that takes so many bytes may take."""
    return WHOLE_WITHIN + max(0, most_bytes - LONGEST_BODY) / SLOWEST_UPLOAD


class TooSlow(HTTPException):
    """The caller has begun to send something and lets us wait for the rest."""

    status_code = 408


class ReadableRequest(Request[Visitor | None, Any, State]):
    """The framework's request, which takes only some kinds of nonsense for a mistake of the caller's."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes in, piece by piece.

        Raises ClientException where the caller went away before its end, TooSlow where a piece lets wait or
        the pieces, however quick, are so small that the whole takes too long.
        """
        pieces = super().stream()
        now = asyncio.get_running_loop().time
        end = now() + seconds_for(self.route_handler.resolve_request_max_body_size() or LONGEST_BODY)
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(now() + PATIENCE, end)):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError as slow:
                    raise TooSlow from slow
                yield piece
        except InternalServerException as broken_off:
            if not self.is_connected:
                raise
            raise ClientException("The caller went away") from broken_off

    async def json(self) -> Any:
        """The body as JSON; raises SerializationException where it is none, no UTF-8, or nested too deep."""
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as unreadable:
            raise SerializationException("JSON is malformed") from unreadable

    async def form(self) -> FormMultiDict:
        """The body as a form; raises ClientException where a part is not in the letters it says it is in."""
        try:
            return await super().form()
        except (UnicodeDecodeError, LookupError) as unreadable:
            raise ClientException("Invalid multipart/form-data") from unreadable
