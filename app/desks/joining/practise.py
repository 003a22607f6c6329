"""Somebody with an account wants to practise here: applying, and what became of it."""

from typing import Any

from litestar import Response, Router, get, post

from app import clock
from app.accounts.access import account_of
from app.desks.joining.forms import ParticularsForm
from app.desks.joining.services import apply
from app.desks.refusals import answered_by, confirm_first
from app.directory.queries import application_of_user
from app.errors import _
from app.web.doors import EmailNotConfirmed, verified
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

_SENT = Notice(
    _("Your application is with the administrators. We write you an e-mail once they have decided.")
)
_APPLICANTS = verified("patient", "doctor")


@get("/me/practise", name="join.practise", guards=[_APPLICANTS])
async def show(request: WebRequest) -> Response[Any]:
    """Where an application stands, and the form for one."""
    f = ParticularsForm.of(await application_of_user(account_of(request).id))
    return await _practise_page(request, f)


@post("/me/practise", guards=[_APPLICANTS])
async def send(request: WebRequest) -> Response[Any]:
    """Apply, say it better while it waits, or apply again."""
    f = await ParticularsForm.read(request)
    sent = await f.tried(apply(account_of(request), f.said)) if f.validate() else None
    if sent is None:
        return await _practise_page(request, f, **f.answer)
    return go(request, "join.practise", notice=_SENT)


async def _practise_page(request: WebRequest, f: ParticularsForm, **answer: Any) -> Response[Any]:
    application = await application_of_user(account_of(request).id)
    return page(
        request,
        "desks/joining/practise.html",
        f=f,
        application=application,
        zone=clock.HOUSE_ZONE.key,
        **answer,
    )


async def _confirm_first(request: WebRequest, refusal: EmailNotConfirmed) -> Response[Any]:
    """To the page that asks for the code in the letter, and from there back here."""
    return confirm_first(request, refusal, then=address(request, "join.practise"))


router = Router(
    "/",
    route_handlers=[show, send],
    exception_handlers={EmailNotConfirmed: answered_by(_confirm_first)},
)
