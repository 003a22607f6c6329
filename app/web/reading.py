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

from app.web.visitor import Visitor

PATIENCE = 20
"""Seconds until the next piece of a body; as long as a phone may be in a tunnel."""


class TooSlow(HTTPException):
    """The caller has begun to send something and lets us wait for the rest."""

    status_code = 408


class ReadableRequest(Request[Visitor | None, Any, State]):
    """The framework's request, which takes only some kinds of nonsense for a mistake of the caller's."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes in, piece by piece.

        Raises ClientException where the caller went away before its end, TooSlow where a piece lets wait.
        """
        pieces = super().stream()
        try:
            while True:
                try:
                    async with asyncio.timeout(PATIENCE):
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
