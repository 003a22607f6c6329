"""From a pressed time to the gateway: hold, check, pay, or give it up."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app.accounts.access import account_of, patient_of
from app.booking import services as booking
from app.booking.access import visit_for
from app.booking.errors import NoLongerFree, OwnLimit
from app.checkout import services as checkout
from app.desks.patient.checkout_page import DetailsForm, checkout_page
from app.desks.patient.payment_return import take, take_by_get
from app.desks.patient.wanted import (
    WantedTime,
    confirm_first,
    log_in_first,
    other_terms_page,
    other_times_page,
    own_visits_page,
)
from app.desks.refusals import answered_by, refused_with
from app.directory.errors import NoSuchService, ServiceChanged
from app.errors import Conflict, NotSignedIn, Unavailable, _
from app.web.doors import EmailNotConfirmed, signed_in, verified
from app.web.filters import clock as clock_time
from app.web.render import Notice, address, go, go_to, page, wants_part
from app.web.visitor import WebRequest


async def _as_it_stands(request: WebRequest, refusal: Conflict | Unavailable) -> Response[Any]:
    """The held time's page again, with what stood in the way above it."""
    code = request.path_params["code"]
    return await checkout_page(request, code, part="saved", **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_as_it_stands), Unavailable: answered_by(_as_it_stands)}
OTHER_TERMS: ExceptionHandlersMap = {
    NoSuchService: answered_by(other_terms_page),
    ServiceChanged: answered_by(other_terms_page),
}


@get(
    "/checkout/new",
    name="checkout.new",
    guards=[verified("patient")],
    exception_handlers={EmailNotConfirmed: answered_by(confirm_first), **OTHER_TERMS},
)
async def new(request: WebRequest) -> Response[Any]:
    """Where log-in and sign-up come back to: the time chosen before, held by one press or by the script."""
    wanted = await WantedTime.read(request)
    practice, service, slot = await wanted.found()
    return page(request, "desks/patient/hold.html", practice=practice, service=service, slot=slot)


@post(
    "/checkout",
    name="checkout.start",
    guards=[verified("patient")],
    exception_handlers={
        NotSignedIn: answered_by(log_in_first),
        EmailNotConfirmed: answered_by(confirm_first),
        NoLongerFree: answered_by(other_times_page),
        OwnLimit: answered_by(own_visits_page),
        **OTHER_TERMS,
    },
)
async def start(request: WebRequest) -> Response[Any]:
    """Hold the pressed time for whoever pressed it."""
    wanted = await WantedTime.read(request)
    held = await checkout.start(
        wanted.slot_id,
        service_id=wanted.service_id,
        person_id=wanted.person_id,
        reason=wanted.reason,
        pay_with="razorpay",
        account=account_of(request),
    )
    if held.status == "held":
        await checkout.try_order(held.id)
    return go(request, "checkout.pay", code=held.code)


@get("/checkout/{code:str}", name="checkout.pay", guards=[signed_in])
async def pay(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Check what was chosen, and pay."""
    return await checkout_page(request, code)


@post("/checkout/{code:str}/order", name="checkout.order", guards=[signed_in], exception_handlers=STAYS)
async def order(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Ask the gateway once more for the order that could not be made before."""
    visit = await visit_for(code, patient_of(request))
    await checkout.ensure_order(visit.id)
    return go(request, "checkout.pay", code=visit.code)


@post("/checkout/{code:str}/details", name="checkout.details", guards=[signed_in], exception_handlers=STAYS)
async def details(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Say whom the visit is for, and why."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    f = await DetailsForm.read(request)
    await f.offer_persons_of(account)
    if not f.validate():
        return await checkout_page(request, code, f=f, part="saved", status=422)
    person, reason = await f.chosen(account), f.reason.data or ""
    await booking.change_details(visit.id, person=person, reason=reason, by=account.actor)
    return _saved(request, visit.code)


def _saved(request: WebRequest, code: str) -> Response[Any]:
    if wants_part(request):
        return page(request, "desks/patient/pay.html", part="saved", saved=True, f=None)
    return go(request, "checkout.pay", notice=Notice(_("Saved.")), code=code)


@post("/checkout/{code:str}/extend", name="checkout.extend", guards=[signed_in], exception_handlers=STAYS)
async def extend(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Keep the time once more as long."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    held = await booking.extend_hold(visit.id, by=account.actor)
    assert held.hold_expires_at is not None
    until = clock_time(held.hold_expires_at, visit.zone)
    notice = Notice(_("The time is now held for you until %(until)s."), params={"until": until})
    return go(request, "checkout.pay", notice=notice, code=visit.code)


@post("/checkout/{code:str}/release", name="checkout.release", guards=[signed_in], exception_handlers=STAYS)
async def release(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Give the time up, to choose another one or none."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    await checkout.give_up(visit.id, by=account.actor)
    if (await request.form()).get("then") == "choose":
        notice = Notice(_("That time is free again. Please choose another one."), "news")
        slots = address(request, "doctors.slots", slug=visit.doctor_slug)
        return go_to(request, f"{slots}?day={visit.on_date}&service={visit.service_id}", notice=notice)
    return go(request, "visits.list", notice=Notice(_("You gave the time up. Nothing was charged.")))


router = Router("/", route_handlers=[new, start, pay, order, details, extend, release, take, take_by_get])
