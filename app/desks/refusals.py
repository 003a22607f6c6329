"""Refusals that deserve a page of their own: other free times, the way to log in, the page one came from."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from app.errors import DomainError
from app.web.doors import EmailNotConfirmed
from app.web.errors import status_of
from app.web.i18n import sentence
from app.web.render import Notice, address, go_to
from app.web.visitor import WebRequest

Working = Callable[[WebRequest, Any], Awaitable[Response[Any]]]


class _Awaited(ASGIResponse):
    """Works the answer out at the moment it is sent."""

    __slots__ = ("_request", "_work")

    def __init__(self, request: WebRequest, work: Awaitable[Response[Any]]) -> None:
        super().__init__()
        self._request = request
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._work
        await answer.to_asgi_response(app=None, request=self._request)(scope, receive, send)


class _Later(Response[None]):
    def __init__(self, work: Awaitable[Response[Any]]) -> None:
        super().__init__(None)
        self._work = work

    def to_asgi_response(
        self,
        app: object,  # noqa: ARG002 - Litestar names it
        request: Request[Any, Any, Any],
        **_more: object,
    ) -> ASGIResponse:
        return _Awaited(request, self._work)


def answered_by(work: Working) -> Callable[[WebRequest, Any], Response[Any]]:
    """An exception handler that may wait, for pages that read the database or the posted form.

    Litestar calls exception handlers without awaiting them; what `work` raises in its turn is
    answered as if the route had raised it.
    """

    def handler(request: WebRequest, refusal: Any) -> Response[Any]:
        return _Later(work(request, refusal))

    return handler


def confirm_first(request: WebRequest, refusal: EmailNotConfirmed, *, then: str) -> Response[Any]:
    """To the page that asks for the code in the letter, and from there to the path `then`."""
    path = f"{address(request, 'accounts.verify')}?{urlencode({'next': then})}"
    return go_to(request, path, notice=Notice(refusal.message, "news"))


def as_notice(refusal: DomainError) -> Notice:
    """The refusal's sentence as the line above a page."""
    return Notice(sentence(refusal.message, refusal.params), "refused")


def refused_with(refusal: DomainError) -> dict[str, Any]:
    """The notice and the status code of a refusal, as `page` takes them."""
    return {"notice": as_notice(refusal), "status": status_of(refusal)}
