"""Moving an appointment: choose a day, then one of its free times, and say why.

The clinic may move it to any free time it offers, also to one that is kept back or too soon for patients.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from app import clock
from app.accounts.access import account_of
from app.booking import services as booking
from app.booking.access import visit_for
from app.booking.errors import NoLongerFree, NotPossible, SameTime
from app.booking.queries import OpenSlot, Visit, free_days, open_slots, other_times
from app.booking.rules import MOVABLE
from app.booking.services.viewing import note_seen
from app.desks.doctor.acts import STAFF
from app.desks.doctor.appointment_page import SHORT_ENOUGH, STAYS
from app.desks.open_days import OpenDays, asked_day, asked_id
from app.desks.patient.picker import DayLink
from app.desks.refusals import answered_by, refused_with
from app.directory.queries import get_practice
from app.errors import Conflict, NotFound, _
from app.web.forms import Form, strip
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

_MOVED = Notice(_("The appointment is moved, and the patient is told."))
_OVER = Notice(NotPossible.message, "refused")


class MoveForm(Form):
    """The time to move to, and why."""

    slot = RadioField(_("Free times"), [InputRequired(_("Choose a time."))], validate_choice=False)
    note = TextAreaField(_("Note to the patient"), filters=[strip], validators=[SHORT_ENOUGH])


@get("/appointments/{code:str}/reschedule", name="appointments.reschedule", guards=[STAFF])
async def choose(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """The free times of a day, by default of the appointment's own."""
    visit = await visit_for(code, account_of(request))
    if visit.status not in MOVABLE:
        return go(request, "appointments.show", notice=_OVER, code=visit.code)
    return await _move_page(request, visit, MoveForm(), on=asked_day(request.query_params.get("day")))


async def _move_page(
    request: WebRequest,
    visit: Visit,
    f: MoveForm,
    *,
    on: date | None,
    others: Sequence[OpenSlot] = (),
    **answer: Any,
) -> Response[Any]:
    """The free times of a day, in which the visit fits as long as it is; `others` are close to a lost one."""
    now = clock.now()
    await note_seen(visit.person_id, visit_id=visit.id, by=account_of(request).actor)
    practice = await get_practice(visit.practice_id)
    calendar = OpenDays.of(practice, now=now)
    on = calendar.nearest(on or await _first_day(visit))
    week = calendar.week_of(on)
    free = await free_days(
        practice, minutes=visit.minutes, days=len(week), start=week[0], now=now, for_clinic=True
    )
    path = address(request, "appointments.reschedule", code=visit.code)

    def link(day: date | None) -> str | None:
        return f"{path}?day={day}" if day else None

    return page(
        request,
        "desks/doctor/reschedule.html",
        part="times",
        visit=visit,
        f=f,
        on=on,
        days=[DayLink(day.on, day.free, f"{path}?day={day.on}") for day in free],
        earlier=link(calendar.earlier(week)),
        later=link(calendar.later(week)),
        slots=await open_slots(practice.id, on, minutes=visit.minutes, now=now, for_clinic=True),
        others=[(slot, link(clock.day_of(slot.starts_at, practice.zone_info))) for slot in others],
        **answer,
    )


async def _first_day(visit: Visit) -> date:
    """The day with the free time closest to the visit's own, else its own day."""
    near, now = visit.starts_at or visit.created_at, clock.now()
    found = await other_times(
        visit.practice_id, near=near, minutes=visit.minutes, now=now, limit=1, for_clinic=True
    )
    return clock.day_of(found[0].starts_at, ZoneInfo(visit.zone)) if found else visit.on_date


async def _choose_again(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The free times as they are now, what was written kept, with the refusal above."""
    visit = await visit_for(request.path_params["code"], account_of(request))
    others = refusal.free if isinstance(refusal, NoLongerFree) else ()
    on = asked_day((await request.form()).get("day"))
    f = await MoveForm.read(request)
    return await _move_page(request, visit, f, on=on, others=others, **refused_with(refusal))


AGAIN: ExceptionHandlersMap = {
    **STAYS,
    NoLongerFree: answered_by(_choose_again),
    SameTime: answered_by(_choose_again),
}


@post(
    "/appointments/{code:str}/reschedule", name="appointments.move", guards=[STAFF], exception_handlers=AGAIN
)
async def move(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Move it; the patient is told."""
    account = account_of(request)
    visit = await visit_for(code, account)
    f = await MoveForm.read(request)
    if not f.validate():
        on = asked_day((await request.form()).get("day"))
        return await _move_page(request, visit, f, on=on, status=422)
    slot_id = asked_id(f.slot.data)
    if slot_id is None:
        raise NotFound
    await booking.reschedule(visit.id, slot_id=slot_id, note=f.note.data or "", by=account.actor)
    return go(request, "appointments.show", notice=_MOVED, code=visit.code)


router = Router("/", route_handlers=[choose, move])
