"""The sandbox's HTTP application."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from litestar import Litestar, MediaType, Response
from litestar.datastructures import State
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types import ASGIApp

from app.payments.sandbox import api, checkout, control
from app.payments.sandbox.api import Call
from app.payments.sandbox.book import Book
from app.payments.sandbox.edge import Edge
from app.payments.sandbox.errors import TROUBLE, URL_NOT_FOUND, Refusal


def create_app(book: Book) -> ASGIApp:
    """The application over an open book, which it works while it runs and closes at its end."""

    @contextlib.asynccontextmanager
    async def at_work(_app: Litestar) -> AsyncIterator[None]:
        async with book.at_work():
            yield

    app = Litestar(
        route_handlers=[api.router, *checkout.handlers, control.router],
        state=State({"book": book}),
        lifespan=[at_work],
        exception_handlers={
            Refusal: _refused,
            NotFoundException: _no_such_path,
            MethodNotAllowedException: _no_such_path,
            Exception: _broken,
        },
        logging_config=None,
        openapi_config=None,
    )
    return Edge(app, book)


def _refused(_request: Call, refusal: Refusal) -> Response[object]:
    return Response(refusal.body(), status_code=refusal.status, media_type=MediaType.JSON)


def _no_such_path(request: Call, _error: Exception) -> Response[object]:
    return _refused(request, Refusal(URL_NOT_FOUND))


def _broken(request: Call, error: Exception) -> Response[object]:
    logging.getLogger("sandbox").error("%s %s broke.", request.method, request.url.path, exc_info=error)
    return _refused(request, Refusal(TROUBLE, status=500, code="SERVER_ERROR"))
