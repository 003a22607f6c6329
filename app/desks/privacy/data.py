"""One's own data: what was agreed to, a copy to take along, erasure."""

from typing import Any

from litestar import Response, get

from app.accounts.access import account_of
from app.accounts.records import consents_of
from app.web.doors import signed_in
from app.web.render import page
from app.web.visitor import WebRequest


@get("/me/data", name="privacy.data", guards=[signed_in])
async def data_page(request: WebRequest) -> Response[Any]:
    """What somebody agreed to, and what they can do with their data."""
    return page(request, "desks/privacy/data.html", consents=await consents_of(account_of(request).id))


DATA = [data_page]
