"""The administrator decides on reviews that somebody reported."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app.accounts.access import account_of
from app.booking.services.viewing import note_listed
from app.desks.admin.listed import ADMINS, PAGE_SIZE
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, _
from app.reviews import services
from app.reviews.queries import hidden_reviews, reported_reviews
from app.web.page_number import page_number
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

HIDDEN = "?show=hidden"

_KEPT = Notice(_("The review stays shown."))
_SHOWN = Notice(_("The review is shown again and counts."))
_HIDDEN = Notice(_("The review is hidden and counts no more."))


async def reviews_page(
    request: WebRequest, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """What was reported and waits for a decision, or what was hidden."""
    hidden = request.query_params.get("show") == "hidden"
    judged = hidden_reviews if hidden else reported_reviews
    found = await judged(page=page_number(request), page_size=PAGE_SIZE)
    told_of = {person_id for one in found.items for person_id in one.person_ids}
    await note_listed(told_of, by=account_of(request).actor)
    return page(
        request,
        "desks/admin/reviews.html",
        part="reviews",
        notice=notice,
        status=status,
        found=found,
        hidden=hidden,
    )


async def _look_again(request: WebRequest, refusal: Conflict) -> Response[Any]:
    return await reviews_page(request, **refused_with(refusal))


AGAIN: ExceptionHandlersMap = {Conflict: answered_by(_look_again)}


@get("/admin/reviews", name="admin.reviews", guards=[ADMINS])
async def show(request: WebRequest) -> Response[Any]:
    """Reviews that wait for a decision, or those that were hidden."""
    return await reviews_page(request)


@post(
    "/admin/reviews/{review_id:uuid}/keep",
    name="admin.reviews.keep",
    guards=[ADMINS],
    exception_handlers=AGAIN,
)
async def keep(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Leave it shown."""
    await services.decide(review_id, "kept", by=account_of(request).actor)
    return go(request, "admin.reviews", notice=_KEPT)


@post(
    "/admin/reviews/{review_id:uuid}/hide",
    name="admin.reviews.hide",
    guards=[ADMINS],
    exception_handlers=AGAIN,
)
async def hide(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Show it no more."""
    await services.decide(review_id, "hidden", by=account_of(request).actor)
    return go(request, "admin.reviews", notice=_HIDDEN)


@post(
    "/admin/reviews/{review_id:uuid}/show-again",
    name="admin.reviews.show_again",
    guards=[ADMINS],
    exception_handlers=AGAIN,
)
async def show_again(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Show one that was hidden."""
    await services.show_again(review_id, by=account_of(request).actor)
    return go(request, "admin.reviews", notice=_SHOWN, query=HIDDEN)


router = Router("/", route_handlers=[show, keep, hide, show_again])
