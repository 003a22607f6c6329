"""Time closed that had visits: a list, and what became of each visit as far as it has come."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app.accounts.access import account_of
from app.booking.queries.displaced import closing_progress, closings_of, get_closing
from app.booking.services.viewing import note_listed
from app.desks.doctor.plan_form import PlanForm
from app.directory.queries import find_practice_of_user, practice_of_user
from app.payments.queries import refunds_of
from app.web.doors import roles
from app.web.page_number import page_number
from app.web.render import go, page, wants_part
from app.web.visitor import WebRequest

PAGE_SIZE = 50


@post("/doctor/closings/count", name="doctor.closings.count", guards=[roles("doctor")], status_code=200)
async def count(request: WebRequest) -> Response[Any]:
    """The confirming button in the words of what is chosen now; changes nothing."""
    f = await PlanForm.asked(request)
    moved, cancelled = f.counted
    return page(
        request, "desks/doctor/confirm_plan.html", part="confirm_plan", moved=moved, cancelled=cancelled
    )


@get("/doctor/closings", name="doctor.closings", guards=[roles("doctor")])
async def show_all(request: WebRequest) -> Response[Any]:
    """Every closed time that had visits, the latest first."""
    practice = await find_practice_of_user(account_of(request).id)
    number = page_number(request)
    found = await closings_of(practice.id, page=number, page_size=PAGE_SIZE) if practice else None
    return page(request, "desks/doctor/closings.html", found=found)


@get("/doctor/closings/{closing_id:uuid}", name="doctor.closing", guards=[roles("doctor")])
async def show(request: WebRequest, closing_id: FromPath[UUID]) -> Response[Any]:
    """One closed time: who was moved where, who was cancelled, what is still under way."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    closing = await get_closing(closing_id, practice_id=practice.id)
    visits = await closing_progress(closing_id)
    await note_listed([visit.person_id for visit in visits], by=account.actor)
    return page(
        request,
        "desks/doctor/closing.html",
        part="progress",
        closing=closing,
        visits=visits,
        refunds=await refunds_of([visit.appointment_id for visit in visits]),
    )


@get("/doctor/closings/{closing_id:uuid}/progress", name="doctor.closing.progress", guards=[roles("doctor")])
async def progress(request: WebRequest, closing_id: FromPath[UUID]) -> Response[Any]:
    """How far it has come, in numbers alone: an open page asks every two seconds, and sees nobody by it."""
    practice = await practice_of_user(account_of(request).id)
    closing = await get_closing(closing_id, practice_id=practice.id)
    if not wants_part(request):
        return go(request, "doctor.closing", closing_id=closing_id)
    return page(request, "desks/doctor/closing.html", part="counts", closing=closing, visits=None)


router = Router("/", route_handlers=[show_all, show, progress, count])
