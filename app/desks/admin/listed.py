"""What the pages of an administrator have in common: the door, and lists in pages, with filters."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from app import clock
from app.db.paging import Paged
from app.web.doors import roles
from app.web.forms import Form
from app.web.render import page
from app.web.visitor import WebRequest

ADMINS = roles("admin")
PAGE_SIZE = 20


def address_up_to_page(request: WebRequest) -> str:
    """The address of the list as it is filtered, up to the number of its page."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page" and value]
    return f"{request.url.path}?{urlencode([*kept, ('page', '')])}"


def filtered_page(
    request: WebRequest, template: str, *, part: str, f: Form, found: Paged[Any], **context: Any
) -> Response[Any]:
    """A page of a list with its filters, which ride along with the part; 422 where a filter does not fit."""
    return page(
        request,
        template,
        part=part,
        also=("filters",),
        status=422 if f.errors else 200,
        f=f,
        found=found,
        href=address_up_to_page(request),
        zone=clock.HOUSE_ZONE.key,
        **context,
    )


def moments_of(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """From the beginning of one day to the end of another in the house's zone; None for no end."""
    since = clock.at(first, time(), clock.HOUSE_ZONE) if first and first > date.min else None
    until = clock.at(last + timedelta(days=1), time(), clock.HOUSE_ZONE) if last and last < date.max else None
    return since, until
