"""Alive and ready, for load balancers and for those who wait for the start."""

import asyncio
from time import monotonic
from typing import Any

import asyncpg
import msgspec
from litestar import Response, Router, get

from app.db.engine import fetch_value
from app.db.migrate import pending
from app.demo.clinic import is_loaded
from app.errors import Unavailable
from app.payments import twin
from app.settings import settings
from app.web.doors import anyone
from app.web.visitor import WebRequest

ANSWER_WITHIN = 3
"""Seconds a part may take to answer before it counts as not ready."""
KEPT_FOR = 1.0
"""Seconds an answer serves all who ask: anybody may, and each look costs several queries."""


class Health(msgspec.Struct):
    """`status` is `ok` or `unavailable`; `parts` says the same of each part."""

    status: str
    parts: dict[str, str]


class Readiness:
    """What was found last, kept for a moment; whoever asks meanwhile waits for the same look."""

    def __init__(self) -> None:
        self._look: asyncio.Task[Health] | None = None
        self._seen_at = 0.0

    async def now(self) -> Health:
        """The parts' states, at most KEPT_FOR seconds old."""
        if self._look is None or (self._look.done() and monotonic() - self._seen_at >= KEPT_FOR):
            self._look = asyncio.create_task(self._looked())
        return await asyncio.shield(self._look)

    async def _looked(self) -> Health:
        try:
            return await _health()
        finally:
            self._seen_at = monotonic()


@get("/health/live", name="health.live", guards=[anyone], opt={"no_session": True})
async def live() -> Health:
    """Whether the process answers at all."""
    return Health("ok", {})


@get("/health/ready", name="health.ready", guards=[anyone], opt={"no_session": True})
async def ready(request: WebRequest) -> Response[Health]:
    """Whether everything a visit needs is there; what was found serves for a second."""
    readiness: Readiness = request.app.state.setdefault("readiness", Readiness())
    health = await readiness.now()
    status = 200 if health.status == "ok" else 503
    return Response(health, status_code=status, headers={"Cache-Control": "no-store"})


async def _health() -> Health:
    """The state of every part; demo people and sandbox count only where they belong."""
    checks: dict[str, Any] = {"database": _database(), "migrations": _migrations()}
    if settings().demo:
        checks["demo"] = is_loaded()
    if settings().uses_sandbox:
        checks["sandbox"] = twin.is_answering()
    parts = dict(zip(checks, await asyncio.gather(*map(_state, checks.values())), strict=True))
    is_ready = all(state == "ok" for state in parts.values())
    return Health("ok" if is_ready else "unavailable", parts)


async def _database() -> bool:
    return bool(await fetch_value("SELECT 1"))


async def _migrations() -> bool:
    return not await pending()


async def _state(check: Any) -> str:
    try:
        is_there = await asyncio.wait_for(check, ANSWER_WITHIN)
    except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "unavailable"
    return "ok" if is_there else "unavailable"


router = Router("/", route_handlers=[live, ready])
