"""Which other sites' pages may call /api: those of CORS_ORIGINS, and never with cookies."""

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from app.settings import settings

ASKED_WITH = "Authorization, Content-Type, Idempotency-Key"
ANSWERED_WITH = "Retry-After"
PREFLIGHT_KEPT_FOR = 600
"""Seconds; what browsers keep at most differs, and a change of CORS_ORIGINS shall soon be felt."""


async def share(message: Message, scope: Scope) -> None:
    """Say in every answer of /api, refusals too, whether a page of another origin may read it.

    The framework's own answers for the whole site, pages included, and only where a route was found.
    """
    if message["type"] != "http.response.start" or not _is_for_programs(scope) or not settings().cors_origins:
        return
    asked, headers = Headers.from_scope(scope), MutableScopeHeaders.from_message(message)
    headers.extend_header_value("vary", "Origin")
    origin = asked.get("origin", "")
    if origin not in settings().cors_origins:
        return
    headers["Access-Control-Allow-Origin"] = origin
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if scope.get("method") == "OPTIONS" and "access-control-request-method" in asked:
        headers["Access-Control-Allow-Methods"] = headers.get("allow", "")
        headers["Access-Control-Allow-Headers"] = ASKED_WITH
        headers["Access-Control-Max-Age"] = str(PREFLIGHT_KEPT_FOR)
    else:
        headers["Access-Control-Expose-Headers"] = ANSWERED_WITH


def _is_for_programs(scope: Scope) -> bool:
    return scope["type"] == ScopeType.HTTP and scope["path"].startswith("/api/")
