"""Who may enter: every route carries exactly one of these guards, and a test walks the routes."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.errors import NotAllowed, NotFound, NotSignedIn, _
from app.settings import settings
from app.web.proxies import UNVOUCHED

Connection = ASGIConnection[Any, Any, Any, Any]
Door = Callable[[Connection, BaseRouteHandler], Awaitable[None]]
"""Asynchronous, since the framework sends plain functions through a thread on every request."""

_doors: dict[Door, str] = {}


class EmailNotConfirmed(NotAllowed):
    """The account is known, but its e-mail address is not confirmed yet."""

    slug = "email-not-confirmed"
    message = _("Please confirm your e-mail address first.")


def described(door: Door, who: str) -> Door:
    """Write down in words whom a door lets in, for the test that walks the routes."""
    _doors[door] = who
    return door


def describe(door: Callable[..., Any]) -> str | None:
    """Whom a guard lets in, or None where the guard is no door."""
    return _doors.get(door)


async def _anyone(_connection: Connection, _handler: BaseRouteHandler) -> None:
    return None


async def _signed_in(connection: Connection, _handler: BaseRouteHandler) -> None:
    if connection.scope.get("user") is None:
        raise NotSignedIn


def roles(*allowed: str) -> Door:
    """Let in accounts of these roles; others get NotAllowed, strangers NotSignedIn."""

    async def door(connection: Connection, handler: BaseRouteHandler) -> None:
        await _signed_in(connection, handler)
        if connection.scope["user"].role not in allowed:
            raise NotAllowed

    return described(door, "roles: " + ", ".join(allowed))


def verified(*allowed: str) -> Door:
    """Let in accounts of these roles whose e-mail address is confirmed."""
    by_role = roles(*allowed)

    async def door(connection: Connection, handler: BaseRouteHandler) -> None:
        await by_role(connection, handler)
        if not connection.scope["user"].is_verified:
            raise EmailNotConfirmed

    return described(door, "confirmed e-mail, roles: " + ", ".join(allowed))


async def _signed_by_gateway(_connection: Connection, _handler: BaseRouteHandler) -> None:
    return None


async def _loopback_in_development(connection: Connection, _handler: BaseRouteHandler) -> None:
    """A tunnel or proxy on this machine connects from its loopback too, for people who are anywhere."""
    client = connection.client
    if settings().is_production or client is None or not ip_address(client.host).is_loopback:
        raise NotFound
    if connection.scope.get(UNVOUCHED):
        raise NotFound


anyone = described(_anyone, "anyone")
signed_in = described(_signed_in, "signed in")
signed_by_gateway = described(_signed_by_gateway, "whoever holds the gateway's secret")
"""For calls that prove themselves by a signature over their body, checked by the service they reach."""
loopback_in_development = described(_loopback_in_development, "this machine, outside production")
