"""The privacy notice: what is kept of whom and for what, on a page of its own that anybody can read."""

from typing import Any

from litestar import Response, get

from app.accounts.rules import NOTICE_FROM, NOTICE_LANGUAGES, NOTICE_VERSION
from app.web.doors import anyone
from app.web.render import page
from app.web.visitor import WebRequest


@get("/privacy", name="privacy.notice", guards=[anyone])
async def notice_page(request: WebRequest) -> Response[Any]:
    """The notice in the language asked for, else in the reader's, else in English."""
    reader = request.user.language if request.user else ""
    wanted = (request.query_params.get("language", ""), reader, "en")
    spoken = next(language for language in wanted if language in NOTICE_LANGUAGES)
    return page(
        request,
        "desks/privacy/notice.html",
        spoken=spoken,
        languages=NOTICE_LANGUAGES,
        version=NOTICE_VERSION,
        since=NOTICE_FROM,
    )


NOTICE = [notice_page]
