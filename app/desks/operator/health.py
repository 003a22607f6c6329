"""Alive and ready, for load balancers and for those who wait for the start."""

import asyncio
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

ANSWER_WITHIN = 3
"""Seconds a part may take to answer before it counts as not ready."""


class Health(msgspec.Struct):
    """`status` is `ok` or `unavailable`; `parts` says the same of each part."""

    status: str
    parts: dict[str, str]


@get("/health/live", name="health.live", guards=[anyone], opt={"no_session": True})
async def live() -> Health:
    """Whether the process answers at all."""
    return Health("ok", {})


@get("/health/ready", name="health.ready", guards=[anyone], opt={"no_session": True})
async def ready() -> Response[Health]:
    """Whether everything a visit needs is there; demo people and sandbox count only where they belong."""
    checks: dict[str, Any] = {"database": _database(), "migrations": _migrations()}
    if settings().demo:
        checks["demo"] = is_loaded()
    if settings().uses_sandbox:
        checks["sandbox"] = twin.is_answering()
    parts = dict(zip(checks, await asyncio.gather(*map(_state, checks.values())), strict=True))
    is_ready = all(state == "ok" for state in parts.values())
    health = Health("ok" if is_ready else "unavailable", parts)
    return Response(health, status_code=200 if is_ready else 503, headers={"Cache-Control": "no-store"})


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
