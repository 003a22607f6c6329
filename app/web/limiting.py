"""The one place where requests are counted by their kind; what single acts cost is counted by services."""

from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.web.limits import spend

SEARCH: dict[str, object] = {"counted_as": "search"}
"""The `opt` of routes that look through all doctors, or through all times of one."""
UNCOUNTED: dict[str, object] = {"counted_as": None}
"""The `opt` of calls that must never be told to wait: those the gateway signs."""


class Limited(ASGIMiddleware):
    """Count a request against the limits of its kind, before its handler does anything.

    Calls of programs, forms of browsers and searches each have a limit for an account and a higher one for
    an address whose callers we do not know. The database away means 503 here: nothing passes uncounted.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse with TooMany whoever asks too often."""
        for kind in kinds_of(scope):
            user, client = scope.get("user"), scope.get("client")
            if user is not None:
                await spend(kind, str(user.id))
            else:
                await spend(f"{kind}_of_strangers", client[0] if client else "unknown")
        await next_app(scope, receive, send)


def kinds_of(scope: Scope) -> list[str]:
    """What a request is counted as: call or form by its path and method, search by the route's `opt`."""
    opt, method = scope["route_handler"].opt, scope.get("method")
    if method == "OPTIONS" or opt.get("counted_as", "") is None:
        return []
    kinds = [str(opt["counted_as"])] if "counted_as" in opt else []
    if scope["path"].startswith("/api/"):
        return [*kinds, "call"]
    is_form = method not in ("GET", "HEAD") and not opt.get("exclude_from_csrf")
    return [*kinds, "form"] if is_form else kinds
