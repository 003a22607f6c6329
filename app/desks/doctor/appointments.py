"""The clinic's appointments: the list, one of them, and what ends or answers it."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from wtforms import TextAreaField

from app import clock
from app.accounts.access import account_of
from app.booking import services as booking
from app.booking.access import visit_for
from app.booking.errors import NotPossible
from app.booking.queries import Visit
from app.booking.services.viewing import note_seen
from app.checkout import services as checkout
from app.desks.doctor.acts import APPROVERS, STAFF, acts_on
from app.desks.doctor.appointment_list import list_page
from app.desks.doctor.appointment_page import SHORT_ENOUGH, STAYS, NoteForm, appointment_page
from app.desks.doctor.day import day_page
from app.errors import _
from app.payments.queries import payment_of
from app.web.forms import Form, strip
from app.web.render import Notice, go, page, wants_part
from app.web.visitor import WebRequest

OVER = Notice(NotPossible.message, "refused")
COMPLETED = Notice(_("The appointment is completed."))
MISSED = Notice(_("The appointment is marked as missed."))
APPROVED = Notice(_("The appointment is confirmed, and the patient is told."))
DECLINED = Notice(_("The appointment is declined. What was paid goes back, and the patient is told."))
CANCELLED = Notice(_("The appointment is cancelled. What was paid goes back, and the patient is told."))


class CancelForm(Form):
    """Why the clinic cancels."""

    reason = TextAreaField(_("Reason, for the patient"), filters=[strip], validators=[SHORT_ENOUGH])


@get("/appointments", name="appointments.list", guards=[STAFF])
async def show_list(request: WebRequest) -> Response[Any]:
    """The appointments that fit the filters, from today on when none are set."""
    return await list_page(request)


@get("/appointments/{code:str}", name="appointments.show", guards=[STAFF])
async def show(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """One appointment."""
    return await appointment_page(request, await visit_for(code, account_of(request)))


@get("/appointments/{code:str}/complete", name="appointments.complete_early", guards=[STAFF])
async def complete_early(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """What completing a visit means whose time is still to come, before it is done."""
    account = account_of(request)
    visit = await visit_for(code, account)
    if not acts_on(visit, account.role, now=clock.now()).complete:
        return go(request, "appointments.show", notice=OVER, code=visit.code)
    await note_seen(visit.person_id, visit_id=visit.id, by=account.actor)
    to_day = request.query_params.get("back") == "day" and account.role == "doctor"
    return page(request, "desks/doctor/complete.html", visit=visit, to_day=to_day)


@post(
    "/appointments/{code:str}/complete",
    name="appointments.complete",
    guards=[STAFF],
    exception_handlers=STAYS,
)
async def complete(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """The patient was seen."""
    account = account_of(request)
    visit = await visit_for(code, account)
    await booking.complete(visit.id, by=account.actor)
    return await _done(request, visit, COMPLETED)


@post(
    "/appointments/{code:str}/no-show",
    name="appointments.no_show",
    guards=[STAFF],
    exception_handlers=STAYS,
)
async def no_show(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """The patient did not come."""
    account = account_of(request)
    visit = await visit_for(code, account)
    await booking.mark_no_show(visit.id, by=account.actor)
    return await _done(request, visit, MISSED)


async def _done(request: WebRequest, visit: Visit, notice: Notice) -> Response[Any]:
    """Back to the day for who came from there, else to the appointment."""
    if (await request.form()).get("back") != "day":
        return go(request, "appointments.show", notice=notice, code=visit.code)
    if wants_part(request):
        return await day_page(request, notice=notice)
    return go(request, "doctor.day", notice=notice)


@post(
    "/appointments/{code:str}/approve",
    name="appointments.approve",
    guards=[APPROVERS],
    exception_handlers=STAYS,
)
async def approve(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Take a visit that waits for approval."""
    account = account_of(request)
    visit = await visit_for(code, account)
    f = await NoteForm.read(request)
    if not f.validate():
        return await appointment_page(request, visit, f=f, status=422)
    await booking.approve(visit.id, note=f.note.data or "", by=account.actor)
    return go(request, "appointments.show", notice=APPROVED, code=visit.code)


@post(
    "/appointments/{code:str}/decline",
    name="appointments.decline",
    guards=[APPROVERS],
    exception_handlers=STAYS,
)
async def decline(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Say no to a visit that waits for approval; the money goes back."""
    account = account_of(request)
    visit = await visit_for(code, account)
    f = await NoteForm.read(request)
    if not f.validate():
        return await appointment_page(request, visit, f=f, status=422)
    await checkout.decline(visit.id, note=f.note.data or "", by=account.actor)
    return go(request, "appointments.show", notice=DECLINED, code=visit.code)


@get("/appointments/{code:str}/cancel", name="appointments.cancel", guards=[STAFF])
async def cancel(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """What cancelling means, before it is done."""
    return await _cancel_page(request, await visit_for(code, account_of(request)), CancelForm())


async def _cancel_page(
    request: WebRequest, visit: Visit, f: CancelForm, *, status: int = 200
) -> Response[Any]:
    await note_seen(visit.person_id, visit_id=visit.id, by=account_of(request).actor)
    payment = await payment_of(visit.id)
    comes_back = payment.left_paise if payment else 0
    return page(request, "desks/doctor/cancel.html", status=status, visit=visit, comes_back=comes_back, f=f)


@post(
    "/appointments/{code:str}/cancel",
    name="appointments.cancel_now",
    guards=[STAFF],
    exception_handlers=STAYS,
)
async def cancel_now(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Cancel, and send back in full what was paid."""
    account = account_of(request)
    visit = await visit_for(code, account)
    f = await CancelForm.read(request)
    if not f.validate():
        return await _cancel_page(request, visit, f, status=422)
    await checkout.cancel(visit.id, reason=f.reason.data or "", by=account.actor)
    return go(request, "appointments.show", notice=CANCELLED, code=visit.code)


router = Router(
    "/",
    route_handlers=[
        show_list,
        show,
        complete_early,
        complete,
        no_show,
        approve,
        decline,
        cancel,
        cancel_now,
    ],
)
