"""The local mailbox, the test clock and the sandbox's keys, for this machine outside production."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, put
from litestar.enums import MediaType
from litestar.params import FromPath, JSONBody

from app import clock
from app.db.clock import set_clock, shift_ms
from app.desks.dev import mailbox
from app.errors import Invalid, NotFound, _
from app.settings import settings
from app.web.doors import loopback_in_development
from app.web.render import page
from app.web.visitor import WebRequest

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A mail brings its own styles in its tags, and nothing else of it may do anything."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class Clock(msgspec.Struct):
    """The present moment as the house sees it, and how far that is from the real one."""

    now: datetime
    shift_ms: int


class WantedTime(msgspec.Struct):
    """When it shall be now, with an offset; null goes back to the real time."""

    at: Annotated[datetime, msgspec.Meta(tz=True)] | None


class GatewayConfig(msgspec.Struct):
    """How tests reach the sandbox."""

    razorpay_base_url: str
    razorpay_key_id: str
    razorpay_key_secret: str
    razorpay_webhook_secret: str


@get("/dev/mail", name="dev.mail", guards=[loopback_in_development])
async def mail_list(request: WebRequest) -> Response[Any]:
    """The newest mails of the local mailbox, as a page or, for programs, as JSON."""
    mails = await asyncio.to_thread(mailbox.newest_mails)
    if "application/json" in request.headers.get("accept", ""):
        return Response(mails, media_type=MediaType.JSON, headers={"Vary": "Accept"})
    return page(request, "desks/dev/mail.html", mails=mails, in_use=mailbox.is_in_use())


@get("/dev/mail/{mail_id:str}/html", name="dev.mail_html", guards=[loopback_in_development])
async def mail_html(mail_id: FromPath[str]) -> Response[str]:
    """How a mail program would show a mail."""
    mail = await asyncio.to_thread(mailbox.get_mail, mail_id)
    return Response(mail.html, media_type=MediaType.HTML, headers={"Content-Security-Policy": MAIL_POLICY})


@get("/dev/clock", name="dev.clock", guards=[loopback_in_development])
async def show_clock() -> Clock:
    """What time it is here."""
    return Clock(clock.now(), await shift_ms())


@put("/dev/clock", name="dev.set_clock", guards=[loopback_in_development], opt={"exclude_from_csrf": True})
async def move_clock(data: JSONBody[WantedTime]) -> Clock:
    """Make it another time for web, worker and sandbox, so that whole days can be driven through HTTP."""
    if data.at is not None and not EARLIEST <= data.at <= LATEST:
        raise Invalid(fields={"at": _("Give a time from the year 2000 to the year 2100.")})
    await set_clock(data.at)
    return Clock(clock.now(), await shift_ms())


@get("/dev/config", name="dev.config", guards=[loopback_in_development])
async def config() -> GatewayConfig:
    """The sandbox's address and keys; keys of one's own are shown to nobody."""
    mine = settings()
    if not mine.uses_sandbox:
        raise NotFound
    return GatewayConfig(
        razorpay_base_url=mine.razorpay_base_url,
        razorpay_key_id=mine.razorpay_key_id,
        razorpay_key_secret=mine.razorpay_key_secret,
        razorpay_webhook_secret=mine.razorpay_webhook_secret,
    )


router = Router("/", route_handlers=[mail_list, mail_html, show_clock, move_clock, config])
