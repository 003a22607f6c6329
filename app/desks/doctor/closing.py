"""Closing time that has visits: who is affected and what becomes of each, then how far it has come.

Pages that change the calendar hand their change to `carry_out`, which asks first when somebody would lose a
visit's time. The question's form posts to the page it came from, with that page's fields beside its own, so
the same handler is asked again with the answer.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.booking.queries.displaced import closing_progress, closings_of, get_closing
from app.checkout.errors import PlanRefused
from app.checkout.services import Change, close_time, preview_closing
from app.desks.doctor.plan_form import PlanForm, rows_of
from app.desks.refusals import refused_with
from app.directory.queries import Practice, find_practice_of_user, practice_of_user
from app.errors import _
from app.payments.queries import payments_of, refunds_of
from app.web.doors import roles
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_CHANGED = Notice(_("You have changed your choices. The button now says what they do."), "news")


async def carry_out(
    request: WebRequest, practice: Practice, change: Change, *, back: str, fields: Sequence[tuple[str, str]]
) -> Response[Any] | None:
    """Change the calendar; where that takes visits their time, ask first what becomes of them.

    Answers None when it is done and nobody was affected, else what to show: the question, or the way to the
    closed time. `back` is the address that leaves everything as it is, `fields` are the page's own, by which
    it knows the same change again. Raises what the calendar refuses.
    """
    f = await PlanForm.asked(request)
    asking: dict[str, Any] = {"back": back, "kept": fields}
    if not f.is_answer or not f.validate() or not f.says_what_it_does:
        notice = _CHANGED if f.is_answer and not f.errors else None
        return await _affected_page(request, practice, change, f, **asking, notice=notice)
    try:
        closing = await close_time(
            practice, change, f.plan, note=f.note.data or "", by=account_of(request).actor
        )
    except PlanRefused as refusal:
        seen = refused_with(refusal) if f.choices else {}
        return await _affected_page(request, practice, change, f, gone=refusal.codes, **asking, **seen)
    return go(request, "doctor.closing", closing_id=closing.id) if closing else None


async def _affected_page(
    request: WebRequest,
    practice: Practice,
    change: Change,
    f: PlanForm,
    *,
    gone: frozenset[str] = frozenset(),
    **answer: Any,
) -> Response[Any]:
    """Who loses a visit's time and what is proposed to each; what was chosen before stays chosen."""
    preview = await preview_closing(practice, change, plan=f.plan, now=clock.now())
    payments = await payments_of([visit.id for visit in preview.affected])
    rows = rows_of(preview, payments, f, gone=gone)
    return page(
        request,
        "desks/doctor/affected.html",
        f=f,
        rows=rows,
        zone=practice.zone,
        moved=sum(row.chosen is not None for row in rows),
        cancelled=sum(row.chosen is None for row in rows),
        **{"status": 422 if f.errors else 200, **answer},
    )


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
    """Every closed time that had visits."""
    practice = await find_practice_of_user(account_of(request).id)
    closings = await closings_of(practice.id) if practice else []
    return page(request, "desks/doctor/closings.html", closings=closings)


@get("/doctor/closings/{closing_id:uuid}", name="doctor.closing", guards=[roles("doctor")])
async def show(request: WebRequest, closing_id: FromPath[UUID]) -> Response[Any]:
    """One closed time: who was moved where, who was cancelled, what is still under way."""
    practice = await practice_of_user(account_of(request).id)
    closing = await get_closing(closing_id, practice_id=practice.id)
    visits = await closing_progress(closing_id)
    return page(
        request,
        "desks/doctor/closing.html",
        part="progress",
        closing=closing,
        visits=visits,
        refunds=await refunds_of([visit.appointment_id for visit in visits]),
    )


router = Router("/", route_handlers=[show_all, show, count])
