"""The availability editor: a day's times, adding several at once, removing free ones."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.booking.errors import SlotInUse
from app.booking.queries import day_slots
from app.booking.services import withdraw_slot
from app.desks.doctor.offer_form import OfferForm
from app.desks.open_days import OpenDays, asked_day
from app.desks.refusals import answered_by, refused_with
from app.directory.queries import Practice, find_practice_of_user, practice_of_user
from app.errors import _
from app.scheduling.queries import Slot, days_offered, exceptions_of, get_slot
from app.scheduling.rules import EXTRA, LEAVE, closed_range
from app.web.doors import roles
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

TEMPLATE = "desks/doctor/availability.html"


async def _editor(
    request: WebRequest,
    practice: Practice,
    on: date | None,
    *,
    f: OfferForm | None = None,
    part: str = "main",
    **answer: Any,
) -> Response[str]:
    """The editor at an open day; without a form that was sent, an empty one for that day."""
    now = clock.now()
    calendar = OpenDays.of(practice, now=now)
    on = calendar.nearest(on)
    week = calendar.week_of(on)
    earlier, later = calendar.earlier(week), calendar.later(week)
    path = address(request, "doctor.availability")
    offered = await days_offered(practice.id, first=week[0], last=week[-1])
    return page(
        request,
        TEMPLATE,
        part=part,
        also=["day_field"] if part == "day_slots" else (),
        practice=practice,
        f=f or OfferForm.on(on),
        on=on,
        calendar=calendar,
        now=now,
        days=[(day, offered.get(day, 0)) for day in week],
        earlier=f"{path}?day={earlier}" if earlier else None,
        later=f"{path}?day={later}" if later else None,
        slots=await day_slots(practice.id, on, now=now),
        away=[one for one in await exceptions_of(practice.id, first=on) if one.first_on <= on],
        **answer,
    )


@get("/doctor/availability", name="doctor.availability", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[str]:
    """The editor at the day asked for; before approval a page that says what happens next."""
    practice = await find_practice_of_user(account_of(request).id)
    if practice is None:
        return page(request, TEMPLATE, practice=None)
    return await _editor(request, practice, asked_day(request.query_params.get("day")), part="day_slots")


@post("/doctor/availability", name="doctor.availability.add", guards=[roles("doctor")], status_code=200)
async def add(request: WebRequest) -> Response[Any]:
    """Add the times, or first write those of a session into the field; refusals stand at the fields."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    f = await OfferForm.read(request)
    if f.validate() and f.wants_session and f.write_session():
        return await _editor(request, practice, f.date.data, f=f)
    slots = [] if f.errors or f.wants_session else await f.offered(practice, by=account.actor)
    if not slots:
        return await _editor(request, practice, f.date.data, f=f, status=422)
    added = await _added(practice, slots)
    return go(request, "doctor.availability", query=f"?day={slots[0].on_date}", notice=added)


async def _added(practice: Practice, slots: list[Slot]) -> Notice:
    """How many were added, and that they count although somebody is away then."""
    known = await exceptions_of(practice.id, first=slots[0].on_date)
    closed = [(one.kind, closed_range(one, practice.zone_info)) for one in known if one.kind != EXTRA]
    away = {
        kind
        for kind, (start, end) in closed
        if any(slot.starts_at < end and start < slot.ends_at for slot in slots)
    }
    count = {"count": len(slots)}
    if LEAVE in away:
        words = _("Times added: %(count)s. You are on leave that day; patients can still book these times.")
        return Notice(words, "news", count)
    if away:
        words = _("Times added: %(count)s. That day is a holiday; patients can still book these times.")
        return Notice(words, "news", count)
    return Notice(_("Times added: %(count)s."), params=count)


async def _still_in_use(request: WebRequest, refusal: SlotInUse) -> Response[Any]:
    practice = await practice_of_user(account_of(request).id)
    slot = await get_slot(UUID(str(request.path_params["slot_id"])))
    return await _editor(request, practice, slot.on_date, **refused_with(refusal))


@post(
    "/doctor/availability/{slot_id:uuid}/remove",
    name="doctor.availability.remove",
    guards=[roles("doctor")],
    exception_handlers={SlotInUse: answered_by(_still_in_use)},
)
async def remove(request: WebRequest, slot_id: FromPath[UUID]) -> Response[Any]:
    """Offer a free time no longer; while it is held or booked the day says so."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    await withdraw_slot(slot_id, practice_id=practice.id, by=account.actor)
    slot = await get_slot(slot_id)
    removed = Notice(_("The time was removed."))
    return go(request, "doctor.availability", query=f"?day={slot.on_date}", notice=removed)


router = Router("/", route_handlers=[show, add, remove])
