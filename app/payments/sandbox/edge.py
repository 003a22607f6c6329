"""What every call passes before a handler sees it: whose page may call, the clock, and trouble on order."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.payments.sandbox.book import Book
from app.payments.sandbox.errors import TROUBLE, URL_NOT_FOUND, Refusal, not_applicable
from app.payments.sandbox.faults import ApiFaults

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PROXY_PAGE = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center><hr></body></html>"


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, book: Book) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or fail it as ordered by the control path."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        refusal = _foreign(scope["path"], Headers.from_scope(scope))
        if refusal is not None:
            await _refuse(send, refusal)
            return
        if "//" in scope["path"]:
            await _refuse(send, Refusal(URL_NOT_FOUND))
            return
        await self._book.clock.refresh()
        at_gateway = scope["path"].startswith("/v1/")
        fault = self._book.faults.take_api(scope["method"], scope["path"]) if at_gateway else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.after:
            await self._app(scope, receive, _nobody)
        await _fail(fault, send)


def _foreign(path: str, headers: Headers) -> Refusal | None:
    """Keep other sites' pages and rebound names away: the sandbox trusts everybody on this machine."""
    if _hostname(f"//{headers.get('host', '')}") not in LOOPBACK:
        return Refusal("The sandbox answers to localhost only.", status=421)
    origin = headers.get("origin")
    if path.startswith("/sandbox/") and origin and _hostname(origin) not in LOOPBACK:
        return Refusal("The sandbox is not controlled from other sites.", status=403)
    return None


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


async def _fail(fault: ApiFaults, send: Send) -> None:
    if fault.hang_ms:
        await asyncio.sleep(fault.hang_ms / 1000)
    if fault.status in {502, 504}:
        await _answer(send, fault.status, PROXY_PAGE % (fault.status, fault.status), "text/html")
        return
    if fault.status == 429:
        refusal = not_applicable("Too many requests", status=429)
    else:
        refusal = Refusal(
            TROUBLE, status=fault.status, code="SERVER_ERROR", source="NA", step="NA", reason="NA"
        )
    await _refuse(send, refusal)


async def _nobody(_message: Message) -> None:
    """Where an answer goes that is lost on the way."""


async def _refuse(send: Send, refusal: Refusal) -> None:
    await _answer(send, refusal.status, json.dumps(refusal.body()).encode(), "application/json")


async def _answer(send: Send, status: int, body: bytes, media_type: str) -> None:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
