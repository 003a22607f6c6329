"""The list of what a patient has booked."""

from typing import Any

from litestar import Response

from app import clock
from app.accounts.access import patient_of
from app.booking.queries import coming_visits, past_visits
from app.payments.queries import paid_appointments
from app.web.render import Notice, page
from app.web.visitor import WebRequest

PAST_A_PAGE = 10


async def visits_page(
    request: WebRequest, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """Visits to come, and one page of those that are over; a page that is none gives the nearest."""
    account, now = patient_of(request), clock.now()
    asked = request.query_params.get("page", "")
    past = await past_visits(
        account.id,
        paid=await paid_appointments(account.id),
        now=now,
        page=int(asked) if asked.isdecimal() and len(asked) < 6 else 1,
        page_size=PAST_A_PAGE,
    )
    return page(
        request,
        "desks/patient/visits.html",
        notice=notice,
        status=status,
        coming=await coming_visits(account.id, now=now),
        past=past,
    )
