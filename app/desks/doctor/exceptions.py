"""Leave, holidays and extra days: a list, a form for each kind, and taking one back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.checkout.services import EndException, NewException, effect_of
from app.desks.doctor.calendar_change import change_calendar
from app.desks.doctor.exception_form import ExceptionForm
from app.desks.open_days import asked_day
from app.desks.refusals import answered_by
from app.directory.queries import Practice, find_practice_of_user, practice_of_user
from app.errors import Invalid, NotFound, _
from app.scheduling.errors import NoSuchException
from app.scheduling.queries import exceptions_of, is_taken_back
from app.scheduling.rules import CalendarException
from app.web.doors import roles
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

TEMPLATE = "desks/doctor/exceptions.html"
DAYS_BACK = 366
"""How far back the list goes."""
_TAKEN_BACK = Notice(_("That was taken back already."), "refused")


async def _list(request: WebRequest, practice: Practice, f: ExceptionForm, **answer: Any) -> Response[str]:
    """The list, coming ones first, with the form of one kind beside it."""
    today = _today(practice)
    known = await exceptions_of(practice.id, first=today - timedelta(days=DAYS_BACK))
    return page(
        request,
        TEMPLATE,
        practice=practice,
        f=f,
        today=today,
        coming=[one for one in known if one.last_on >= today],
        past=[one for one in reversed(known) if one.last_on < today],
        **answer,
    )


def _today(practice: Practice) -> date:
    return clock.day_of(clock.now(), practice.zone_info)


@get("/doctor/exceptions", name="doctor.exceptions", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[str]:
    """The list, and the form for the kind and the day the address names."""
    practice = await find_practice_of_user(account_of(request).id)
    if practice is None:
        return page(request, TEMPLATE, practice=None)
    asked = request.query_params
    return await _list(request, practice, ExceptionForm.of(asked.get("kind"), asked_day(asked.get("day"))))


async def _refused(request: WebRequest, refusal: Invalid) -> Response[Any]:
    """What the calendar refuses beside the entries it has, at the fields."""
    practice = await practice_of_user(account_of(request).id)
    f = await ExceptionForm.read(request)
    f.take(refusal)
    return await _list(request, practice, f, status=422)


@post(
    "/doctor/exceptions",
    name="doctor.exceptions.add",
    guards=[roles("doctor")],
    status_code=200,
    exception_handlers={Invalid: answered_by(_refused)},
)
async def add(request: WebRequest) -> Response[Any]:
    """Write one down; where it costs somebody the time, what becomes of them is asked first."""
    practice = await practice_of_user(account_of(request).id)
    f = await ExceptionForm.read(request)
    if not f.check(practice, now=clock.now()):
        return await _list(request, practice, f, status=422)
    change = NewException(f.exception)
    return await change_calendar(request, practice, change, back="doctor.exceptions", fields=f.fields)


async def _own_exception(practice: Practice, exception_id: UUID) -> CalendarException:
    """One of the practice's that is not over yet; raises NoSuchException."""
    known = await exceptions_of(practice.id, first=_today(practice))
    found = next((one for one in known if one.id == exception_id), None)
    if found is None:
        raise NoSuchException
    return found


async def _not_there(request: WebRequest, refusal: NoSuchException) -> Response[Any]:
    """The list, to who came from one on which the entry still stood."""
    practice = await practice_of_user(account_of(request).id)
    if not await is_taken_back(request.path_params["exception_id"], practice_id=practice.id):
        raise NotFound from refusal
    return go(request, "doctor.exceptions", notice=_TAKEN_BACK)


@get("/doctor/exceptions/{exception_id:uuid}/end", name="doctor.exceptions.end", guards=[roles("doctor")])
async def ask(request: WebRequest, exception_id: FromPath[UUID]) -> Response[str]:
    """What taking it back would change, before it is done."""
    practice = await practice_of_user(account_of(request).id)
    exception = await _own_exception(practice, exception_id)
    effect = await effect_of(practice, EndException(exception_id), now=clock.now())
    return page(
        request, "desks/doctor/end_exception.html", practice=practice, exception=exception, effect=effect
    )


@post(
    "/doctor/exceptions/{exception_id:uuid}/end",
    name="doctor.exceptions.end_now",
    guards=[roles("doctor")],
    status_code=200,
)
async def end(request: WebRequest, exception_id: FromPath[UUID]) -> Response[Any]:
    """Take it back; the week counts again on its days."""
    practice = await practice_of_user(account_of(request).id)
    await _own_exception(practice, exception_id)
    return await change_calendar(
        request, practice, EndException(exception_id), back="doctor.exceptions", fields=[]
    )


router = Router(
    "/",
    route_handlers=[show, add, ask, end],
    exception_handlers={NoSuchException: answered_by(_not_there)},
)
