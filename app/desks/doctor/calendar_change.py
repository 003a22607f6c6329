"""A change of the calendar: at once where nobody minds, else after asking what becomes of whom.

The question's form posts to the page it came from, with that page's fields beside its own, so the same
handler is asked again with the answer.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from app import clock
from app.accounts.access import account_of
from app.booking.services.viewing import note_listed
from app.checkout.errors import PlanRefused
from app.checkout.services import Change, close_time, preview_closing
from app.desks.doctor.plan_form import PlanForm, rows_of
from app.desks.doctor.what_became import what_became
from app.desks.refusals import refused_with
from app.directory.queries import Practice
from app.errors import _
from app.payments.queries import payments_of
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

_CHANGED = Notice(_("You have changed your choices. The button now says what they do."), "news")


async def change_calendar(
    request: WebRequest, practice: Practice, change: Change, *, back: str, fields: Sequence[tuple[str, str]]
) -> Response[Any]:
    """Change the calendar and go to the route `back`, saying what became of the times, or to the closed time.

    Where visits or holds lose theirs the answer is the page that asks about them first; `fields` are what it
    sends again, so that the same change comes back with the answers. Raises what the calendar refuses, and
    TooManyAffected.
    """
    f = await PlanForm.asked(request)
    asking: dict[str, Any] = {"back": address(request, back), "kept": fields}
    if not f.is_answer or not f.validate() or not f.says_what_it_does:
        notice = _CHANGED if f.is_answer and not f.errors else None
        return await _affected_page(request, practice, change, f, **asking, notice=notice)
    try:
        done = await close_time(
            practice, change, f.plan, note=f.note.data or "", by=account_of(request).actor
        )
    except PlanRefused as refusal:
        seen = refused_with(refusal) if f.choices else {}
        return await _affected_page(request, practice, change, f, gone=refusal.codes, **asking, **seen)
    if done.closing:
        return go(request, "doctor.closing", closing_id=done.closing.id)
    return go(request, back, notice=what_became(practice, change, done))


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
    await note_listed([visit.person_id for visit in preview.affected], by=account_of(request).actor)
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
