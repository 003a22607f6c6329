"""By which names this site may be called: its own, so that no stranger's name gets into what we answer."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.exceptions import ClientException
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.settings import Settings, settings

PROBES = "/health/"
"""Load balancers ask these by whatever address a process has, and their answers name nobody."""


class Misdirected(ClientException):
    """The request names another site, or more than one, or none (RFC 9112, 3.2: 400)."""


_MISDIRECTED = "parchi.misdirected"


def under_our_name(scope: Scope) -> Scope:
    """The request with a Host header that can be relied upon: the one it has, or our own where that is wrong.

    Everybody who asks the framework for the address of a request reads that header, and fails on nonsense.
    """
    named = [value for name, value in scope["headers"] if name == b"host"]
    if len(named) == 1 and is_ours(named[0].decode("latin-1"), settings()):
        return scope
    own = urlsplit(settings().base_url).netloc.encode()
    headers = [(b"host", own), *((name, value) for name, value in scope["headers"] if name != b"host")]
    return {**scope, "headers": headers, _MISDIRECTED: True}  # type: ignore[return-value]


class KnownHost(ASGIMiddleware):
    """Refuse requests for other names than ours.

    The framework's own check works by regular expressions and looks at one Host header, the last; this one
    compares names, knows the loopback of development, and leaves probes alone.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse before anything else looks at the request."""
        if scope.get(_MISDIRECTED) and not scope["path"].startswith(PROBES):
            raise Misdirected
        await next_app(scope, receive, send)


def is_ours(host: str, asked: Settings) -> bool:
    """Whether a Host header names this site: by BASE_URL, by ALLOWED_HOSTS, or by a loopback name.

    Loopback is for development and for the sandbox, which sends its webhooks there. Development takes any
    address in digits too: on a local network a phone calls us so, and no other site's name can hide in it.
    """
    name = host_name(host)
    if name is None:
        return False
    if name in (urlsplit(asked.base_url).hostname, *asked.allowed_hosts):
        return True
    if asked.is_production and not asked.uses_sandbox:
        return False
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not asked.is_production


def host_name(host: str) -> str | None:
    """The name in a Host header, small and without port; None where it is no host."""
    if not host.isascii() or any(sign in host for sign in " /?#@\\,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname or None
