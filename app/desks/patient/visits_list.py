"""The list of what a patient has booked."""

from typing import Any

from litestar import Response

from app import clock
from app.accounts.access import account_of
from app.booking.queries import visits_of
from app.web.render import Notice, page
from app.web.visitor import WebRequest

PAST_A_PAGE = 10


async def visits_page(
    request: WebRequest, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """Visits to come, and one page of those that are over; a page that is none gives the nearest."""
    visits = await visits_of(account_of(request).id, now=clock.now())
    pages = max(1, -(-len(visits.past) // PAST_A_PAGE))
    asked = request.query_params.get("page", "")
    number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1
    return page(
        request,
        "desks/patient/visits.html",
        notice=notice,
        status=status,
        coming=visits.coming,
        past=visits.past[(number - 1) * PAST_A_PAGE : number * PAST_A_PAGE],
        page=number,
        pages=pages,
    )
