"""A patient's visits: the list, one visit, its calendar file, cancelling, asking for another time."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app import clock
from app.accounts.access import patient_of
from app.booking import services as booking
from app.booking.access import visit_for
from app.booking.errors import NotPossible, VisitBegun
from app.booking.queries import Visit, history_of
from app.booking.rules import CANCELLABLE, LONGEST_TEXT
from app.checkout import services as checkout
from app.desks.patient.calendar import calendar_file, changes_in
from app.desks.patient.visit_page import acts_on, visit_page
from app.desks.patient.visits_list import visits_page
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, NotFound, _
from app.payments.queries import payment_of
from app.settings import settings
from app.web.doors import signed_in
from app.web.forms import Form, strip
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

_SHORT_ENOUGH = Length(max=LONGEST_TEXT, message=_("Please say it in 500 characters or fewer."))


def _why_not(visit: Visit) -> Notice:
    """Why nothing can be changed any more: the visit's time has come, or it is over in another way."""
    has_begun = visit.status in CANCELLABLE and visit.has_begun(clock.now())
    return Notice((VisitBegun if has_begun else NotPossible).message, "refused")


class CancelForm(Form):
    """Why a visit is cancelled."""

    reason = TextAreaField(_("Why do you cancel?"), filters=[strip], validators=[_SHORT_ENOUGH])


class AskForm(Form):
    """Which other time would suit, and why."""

    wish = TextAreaField(
        _("Which days or times would suit you?"),
        filters=[strip],
        validators=[DataRequired(_("Please say which days or times would suit you.")), _SHORT_ENOUGH],
    )
    note = TextAreaField(_("Note to the doctor"), filters=[strip], validators=[_SHORT_ENOUGH])


async def _as_it_stands(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The visit's page, with what stood in the way above it."""
    return await visit_page(request, request.path_params["code"], **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_as_it_stands)}


@get("/visits", name="visits.list", guards=[signed_in])
async def visits(request: WebRequest) -> Response[Any]:
    """Everything I have booked."""
    return await visits_page(request)


@get("/visits/{code:str}", name="visits.show", guards=[signed_in])
async def show(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """One visit: the slip to keep."""
    return await visit_page(request, code)


@get("/visits/{code:str}/calendar.ics", name="visits.calendar", guards=[signed_in])
async def calendar(request: WebRequest, code: FromPath[str]) -> Response[bytes]:
    """The visit as a file for the calendar on a phone."""
    visit = await visit_for(code, patient_of(request))
    if not acts_on(visit, now=clock.now()).calendar:
        raise NotFound
    page_of_visit = settings().base_url + address(request, "visits.show", code=visit.code)
    changes = changes_in(await history_of(visit.id))
    body = calendar_file(visit, address=page_of_visit, changes=changes, now=clock.now())
    download = f'attachment; filename="visit-{visit.code}.ics"'
    headers = {"Content-Disposition": download, "Cache-Control": "no-store"}
    return Response(body.encode(), media_type="text/calendar; method=PUBLISH", headers=headers)


@get("/visits/{code:str}/cancel", name="visits.cancel", guards=[signed_in])
async def cancel(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """What cancelling means, before it is done."""
    visit = await visit_for(code, patient_of(request))
    if not acts_on(visit, now=clock.now()).cancel:
        return go(request, "visits.show", notice=_why_not(visit), code=visit.code)
    return await _cancel_page(request, visit, CancelForm())


async def _cancel_page(
    request: WebRequest, visit: Visit, f: CancelForm, *, status: int = 200
) -> Response[Any]:
    payment = await payment_of(visit.id)
    comes_back = payment.left_paise if payment else 0
    return page(request, "desks/patient/cancel.html", status=status, visit=visit, comes_back=comes_back, f=f)


@post("/visits/{code:str}/cancel", name="visits.cancel_now", guards=[signed_in], exception_handlers=STAYS)
async def cancel_now(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Cancel, and send back what was paid."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    f = await CancelForm.read(request)
    if not f.validate():
        return await _cancel_page(request, visit, f, status=422)
    await checkout.cancel(visit.id, reason=f.reason.data or "", by=account.actor)
    return go(request, "visits.show", notice=Notice(_("The visit is cancelled.")), code=visit.code)


@get("/visits/{code:str}/another-time", name="visits.ask", guards=[signed_in])
async def ask(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Say which other time would suit."""
    visit = await visit_for(code, patient_of(request))
    if not acts_on(visit, now=clock.now()).ask:
        return go(request, "visits.show", notice=None if visit.request else _why_not(visit), code=visit.code)
    return page(request, "desks/patient/another_time.html", visit=visit, f=AskForm())


@post(
    "/visits/{code:str}/another-time",
    name="visits.ask_now",
    guards=[signed_in],
    exception_handlers=STAYS,
)
async def ask_now(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Send the wish to the doctor."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    f = await AskForm.read(request)
    if not f.validate():
        return page(request, "desks/patient/another_time.html", status=422, visit=visit, f=f)
    note, wish = f.note.data or "", f.wish.data or ""
    await booking.request_reschedule(visit.id, note=note, wish=wish, by=account.actor)
    return go(request, "visits.show", notice=Notice(_("The doctor has been asked.")), code=visit.code)


@post(
    "/visits/{code:str}/another-time/withdraw",
    name="visits.take_back",
    guards=[signed_in],
    exception_handlers=STAYS,
)
async def take_back(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """No longer ask for another time."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    await booking.withdraw_request(visit.id, by=account.actor)
    notice = Notice(_("You no longer ask for another time. The visit stays as it is."))
    return go(request, "visits.show", notice=notice, code=visit.code)


router = Router("/", route_handlers=[visits, show, calendar, cancel, cancel_now, ask, ask_now, take_back])
