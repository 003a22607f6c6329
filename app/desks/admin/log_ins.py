"""The administrator reads who tried to log in, from where, and what became of it."""

from typing import Any

from litestar import Response, Router, get

from app.accounts.access import account_of
from app.accounts.log_in_book import TriesAsked, tries
from app.accounts.roll import own_persons
from app.booking.services.viewing import note_listed
from app.desks.admin.listed import ADMINS, PAGE_SIZE, filtered_page, moments_of
from app.desks.admin.user_forms import RESULT_WORDS, FindTriesForm
from app.web.page_number import page_number
from app.web.visitor import WebRequest


@get("/admin/log-ins", name="admin.log_ins", guards=[ADMINS])
async def list_log_ins(request: WebRequest) -> Response[Any]:
    """Everybody's tries, or those the filters leave; what was typed of unknown accounts is not kept."""
    f = FindTriesForm(formdata=request.query_params)
    asked = _asked(f if f.validate() else FindTriesForm())
    found = await tries(asked, page=page_number(request), page_size=PAGE_SIZE)
    persons = await own_persons([one.user_id for one in found.items if one.user_id])
    await note_listed(persons, by=account_of(request).actor)
    words = {"result_words": RESULT_WORDS}
    return filtered_page(request, "desks/admin/log_ins.html", part="tries", f=f, found=found, **words)


def _asked(f: FindTriesForm) -> TriesAsked:
    since, until = moments_of(f.day.data, f.day.data)
    return TriesAsked(
        words=f.q.data or "",
        result=f.result.data or None,
        address=f.address.data or "",
        since=since,
        until=until,
    )


router = Router("/", route_handlers=[list_log_ins])
