"""Cookies, CSRF, the content security policy and the other headers every answer carries."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie, Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.middleware.csrf import CSRFMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import NotAllowed, _
from app.settings import USUAL_PORTS, Settings, settings
from app.web.visitor import WebRequest

STAFF_TEMPLATES = ("desks/doctor/", "desks/staff/", "desks/admin/")


@dataclass(frozen=True)
class GatewayHosts:
    """Which foreign hosts a patient's document may reach, and for what; `payments` knows them."""

    script: tuple[str, ...]
    frame: tuple[str, ...]
    connect: tuple[str, ...]
    form: tuple[str, ...]


class ForeignOrigin(NotAllowed):
    """An unsafe request that another site's page sent."""

    slug = "foreign-origin"
    message = _("This request came from another site, so it was not carried out.")


def _policy(hosts: GatewayHosts | None) -> str:
    def listed(directive: str, more: tuple[str, ...]) -> str:
        return " ".join((directive, "'self'", *more))

    rules = [
        "default-src 'none'",
        listed("script-src", hosts.script if hosts else ()),
        "style-src 'self'",
        "img-src 'self' data:",
        listed("connect-src", hosts.connect if hosts else ()),
        listed("form-action", hosts.form if hosts else ()),
        "manifest-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ]
    if hosts:
        rules.append(" ".join(("frame-src", *hosts.frame)))
    return "; ".join(rules)


def document_policy(request: WebRequest, template: str) -> str:
    """The policy of a document: patients' pages may reach the gateway, staff pages only ourselves.

    All patient pages share one policy, because htmx swaps parts of one into the document of another.
    """
    is_staff = template.startswith(STAFF_TEMPLATES)
    return _policy(None if is_staff else request.app.state.gateway_hosts)


async def secure(message: Message, _scope: Scope) -> None:
    """Add what every answer carries, refusals and files included; a header that is there already stays."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if settings().is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def cookie_name(name: str) -> str:
    """The name as browsers keep it: `__Host-` binds it to this very host and TLS, which it needs."""
    return f"__Host-{name}" if settings().is_https else name


def own_cookie(name: str, value: str, *, seconds: int) -> Cookie:
    """A cookie no script reads and no other site sends along with a form; 0 seconds take it back."""
    return Cookie(
        cookie_name(name),
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().is_https,
    )


def csrf_config() -> CSRFConfig:
    """Signed double-submit tokens on every form; routes that prove themselves otherwise opt out by name."""
    return CSRFConfig(
        secret=settings().secret_key,
        cookie_name=cookie_name("csrf"),
        cookie_secure=settings().is_https,
        cookie_httponly=True,
        cookie_samesite="lax",
        exclude_from_csrf_key="exclude_from_csrf",
    )


NO_TOKEN_COOKIE: dict[str, object] = {"exclude_from_csrf": True}
"""The `opt` of what can only be read and is kept by caches, which would hand one browser's token to all."""


class FormToken(CSRFMiddleware):
    """The framework's check of the token, which fails on tokens that are no plain text, such as a file."""

    def _csrf_tokens_match(self, request_csrf_token: object, cookie_csrf_token: str) -> bool:
        if not (isinstance(request_csrf_token, str) and request_csrf_token.isascii()):
            return False
        if not cookie_csrf_token.isascii():
            return False
        return super()._csrf_tokens_match(request_csrf_token, cookie_csrf_token)


class SameOrigin(ASGIMiddleware):
    """Refuse unsafe requests that a browser says come from another site.

    Beside the token: browsers send Sec-Fetch-Site or Origin with every unsafe request, and a page of
    another site cannot forge either (OWASP CSRF Prevention Cheat Sheet). Programs send neither.
    """

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "exclude_from_csrf"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        is_unsafe = scope.get("method") not in ("GET", "HEAD", "OPTIONS")
        if is_unsafe and not _is_same_origin(Headers.from_scope(scope), settings()):
            raise ForeignOrigin
        await next_app(scope, receive, send)


def _is_same_origin(headers: Headers, asked: Settings) -> bool:
    """Whether everything the browser says about it, once or more than once, is that we asked for this.

    Both are looked at, for a proxy may add what a browser left out.
    """
    sites, origins = headers.getall("sec-fetch-site", []), headers.getall("origin", [])
    return all(site in ("same-origin", "none") for site in sites) and all(
        _is_our_origin(origin, headers.get("host", ""), asked) for origin in origins
    )


def _is_our_origin(origin: str, host: str, asked: Settings) -> bool:
    """Whether an origin is ours: by the Host header, which has been checked, or by the names we go by.

    A proxy may call us by another name than people do, so BASE_URL counts too, and so does each of
    ALLOWED_HOSTS where scheme and port are those of BASE_URL.
    """
    place, own = _place_of(origin), _place_of(asked.base_url)
    if place is None or own is None:
        return False
    scheme, name, port = place
    if place == own or place == _place_of(f"{scheme}://{host}"):
        return True
    return (scheme, port) == (own[0], own[2]) and name in asked.allowed_hosts


def _place_of(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for `null` and for whatever is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in USUAL_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or USUAL_PORTS[parts.scheme]
