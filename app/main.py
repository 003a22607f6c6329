"""create_app(): the application around the rooms, and what runs beside it as long as it does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from asyncpg import CharacterNotInRepertoireError, UntranslatableCharacterError
from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware.base import ASGIMiddleware, DefineMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.middleware import ReadVisitor
from app.db.clock import follow_clock
from app.db.engine import close_pool, open_pool
from app.desks.operator.api_docs import openapi_config
from app.errors import DomainError
from app.jobs.worker import run_worker
from app.payments.gateway import csp_hosts
from app.rooms import API, PAGES
from app.settings import settings
from app.web.cors import share
from app.web.errors import on_bug, on_http_error, on_misdirected, on_refusal, on_unstorable_text
from app.web.forms import LONGEST_BODY
from app.web.hosts import KnownHost, Misdirected, under_our_name
from app.web.limiting import Limited
from app.web.live import Hub
from app.web.pace import SamePace
from app.web.proxies import seen_through
from app.web.reading import ReadableRequest
from app.web.render import assets
from app.web.security import FormToken, SameOrigin, csrf_config, secure

log = logging.getLogger(__name__)


class FollowClock(ASGIMiddleware):
    """Outside production each request first looks whether a test has moved the clock."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        await follow_clock()
        await next_app(scope, receive, send)


class House(Litestar):
    """Litestar, sure of who calls by which name; it answers HEAD where it answers GET (RFC 9110, 9.3.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] == ScopeType.HTTP:
            scope = under_our_name(seen_through(scope, settings().trusted_proxies))
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}  # type: ignore[assignment]
            send = _without_body(send)
        await super().__call__(scope, receive, send)


def _without_body(send: Send) -> Send:
    """Complete an answer after its headers, so that one without an end, a stream, is over too."""

    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_headers


@asynccontextmanager
async def _connected(_app: Litestar) -> AsyncIterator[None]:
    await open_pool()
    try:
        yield
    finally:
        await close_pool()


@asynccontextmanager
async def _live(app: Litestar) -> AsyncIterator[None]:
    """Open pages hear what happens, until the process is asked to end."""
    hub: Hub = app.state.live
    listening = asyncio.create_task(hub.listen())
    listening.add_done_callback(_tell_of_deafness)
    try:
        with hub.closed_by_signals():
            yield
    finally:
        hub.close()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def _tell_of_deafness(listening: asyncio.Task[None]) -> None:
    """Pages stay as fresh as their load without it, so its end would else be noticed by nobody."""
    if not listening.cancelled() and (bug := listening.exception()) is not None:
        log.critical("the live connection ended, no page is told anything any more", exc_info=bug)


@asynccontextmanager
async def _working(_app: Litestar) -> AsyncIterator[None]:
    """The worker inside the web process, where one process does everything."""
    stop = asyncio.Event()
    work = asyncio.create_task(run_worker(stop))
    work.add_done_callback(_tell_of_bug)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(work, timeout=5)


def _tell_of_bug(work: asyncio.Task[None]) -> None:
    """Requests are answered without a worker too, so its end would else be noticed by nobody."""
    if not work.cancelled() and (bug := work.exception()) is not None:
        log.critical("the worker ended, no job is done any more", exc_info=bug)


def create_app() -> Litestar:
    """Put the house together: rooms, doors, refusals, headers, background work."""
    routers: list[Any] = [room.router for room in PAGES]
    programs = Router(
        "/",
        route_handlers=[room.router for room in API],
        include_in_schema=True,
        opt={"exclude_from_csrf": True},
    )
    return House(
        route_handlers=[*routers, programs, assets().handler()],
        lifespan=[_connected, _live, *([_working] if settings().worker_in_web else [])],
        middleware=[
            SamePace(),
            KnownHost(),
            *([] if settings().is_production else [FollowClock()]),
            DefineMiddleware(FormToken, config=csrf_config()),
            SameOrigin(),
            ReadVisitor(),
            Limited(),
        ],
        exception_handlers={
            DomainError: on_refusal,
            Misdirected: on_misdirected,
            HTTPException: on_http_error,
            CharacterNotInRepertoireError: on_unstorable_text,
            UntranslatableCharacterError: on_unstorable_text,  # as the one above, inside JSON
            Exception: on_bug,
        },
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=5, exclude_opt_key="no_compression"
        ),
        before_send=[secure, share],
        request_class=ReadableRequest,
        request_max_body_size=LONGEST_BODY,
        state=State({"gateway_hosts": csp_hosts(), "live": Hub()}),
        include_in_schema=False,
        openapi_config=openapi_config(),
        logging_config=None,  # the process has set its log up; the framework's would speak otherwise
        debug=False,
    )
