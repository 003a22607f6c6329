"""Answers that take as long whatever they found out, so that their time tells nobody who has an account."""

import asyncio
from time import monotonic

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, HTTPSendMessage, Message, Receive, Scope, Send

SAME_PACE = {"same_pace": True}
"""The `opt` of routes that do more for a known address than for an unknown one."""

PACE = 0.2
"""Seconds such an answer takes at least: a password's hash and the writes of a sign-up take some 70 ms."""


class SamePace(ASGIMiddleware):
    """Holds back what routes with SAME_PACE answer until PACE has passed."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let everything else through at once; the wait costs neither a thread nor a connection."""
        if not scope["route_handler"].opt.get("same_pace"):
            await next_app(scope, receive, send)
            return
        ready = monotonic() + PACE

        async def send_in_time(message: Message | HTTPSendMessage) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(max(0.0, ready - monotonic()))
            await send(message)

        await next_app(scope, receive, send_in_time)
