"""The week editor: sessions of each weekday, what they make, and saving them."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get, post

from app import clock
from app.accounts.access import account_of
from app.checkout.errors import TooManyAffected
from app.checkout.services import NewWeek, effect_of
from app.desks.doctor.calendar_change import change_calendar
from app.desks.doctor.fields import USUAL_MINUTES
from app.desks.doctor.session_form import WEEKDAYS, breaks_text
from app.desks.doctor.week_form import WeekForm
from app.desks.doctor.week_preview import WeekPreview
from app.desks.refusals import answered_by, refused_with
from app.directory.queries import (
    Practice,
    find_practice_of_user,
    first_service,
    practice_of_user,
    services_of,
)
from app.errors import _
from app.scheduling.errors import CalendarChanged
from app.scheduling.queries import coming_by_hand, exceptions_of, week_of
from app.scheduling.rules import Session
from app.web.doors import roles
from app.web.filters import wall
from app.web.i18n import sentence
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

TEMPLATE = "desks/doctor/week.html"

Difference = tuple[str, list[str], list[str]]


async def _editor(
    request: WebRequest, practice: Practice, f: WeekForm, *, part: str = "main", **answer: Any
) -> Response[str]:
    """The editor with a week as it is typed; one that cannot be yet has no preview."""
    now = clock.now()
    exceptions = await exceptions_of(practice.id, first=clock.day_of(now, practice.zone_info))
    sessions = f.possible_week()
    return page(
        request,
        TEMPLATE,
        part=part,
        practice=practice,
        f=f,
        weekdays=WEEKDAYS,
        preview=None if sessions is None else WeekPreview.of(sessions, exceptions, practice, now=now),
        by_hand=await coming_by_hand(practice.id, now=now),
        **{"effect": None, "changed": None, **answer},
    )


@get("/doctor/week", name="doctor.week", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[str]:
    """The week as it is kept; before approval a page that says what happens next."""
    practice = await find_practice_of_user(account_of(request).id)
    if practice is None:
        return page(request, TEMPLATE, practice=None)
    service = first_service(await services_of(practice.id))
    minutes = service.duration_minutes if service else USUAL_MINUTES
    f = WeekForm.of(await week_of(practice.id), minutes=minutes)
    return await _editor(request, practice, f)


async def _changed_meanwhile(request: WebRequest, refusal: CalendarChanged) -> Response[Any]:
    """What is kept beside what was typed, which stays; saving again is then a choice.

    Where both are the same the week was only sent twice, and is saved.
    """
    practice = await practice_of_user(account_of(request).id)
    f, kept = await WeekForm.read(request), await week_of(practice.id)
    f.check()
    changed = _differences(kept.sessions, f.week)
    f = f.with_version(kept.version)
    if changed:
        return await _editor(request, practice, f, changed=changed, **refused_with(refusal))
    if f.wants_preview:
        return await _editor(request, practice, f)
    return go(request, "doctor.week", notice=Notice(_("The week is saved.")))


async def _too_many(request: WebRequest, refusal: TooManyAffected) -> Response[Any]:
    """The week as it is typed, not saved, since more visits would lose their time than can be asked about."""
    practice = await practice_of_user(account_of(request).id)
    return await _editor(request, practice, await WeekForm.read(request), **refused_with(refusal))


@post(
    "/doctor/week",
    name="doctor.week.change",
    guards=[roles("doctor")],
    status_code=200,
    exception_handlers={
        CalendarChanged: answered_by(_changed_meanwhile),
        TooManyAffected: answered_by(_too_many),
    },
)
async def change(request: WebRequest) -> Response[Any]:
    """Change the form, show what it makes, or save it; refusals stand at the fields."""
    practice = await practice_of_user(account_of(request).id)
    f = await WeekForm.read(request)
    if f.wants_edit:
        return await _editor(request, practice, f)
    part = "preview" if f.is_being_typed else "main"
    if not f.check():
        return await _editor(request, practice, f, part=part, status=422)
    if f.is_being_typed:
        return await _editor(request, practice, f, part=part)
    return await _with_the_calendar(request, practice, f)


async def _with_the_calendar(request: WebRequest, practice: Practice, f: WeekForm) -> Response[Any]:
    """Save a week that is right, or say what saving it would change."""
    week = NewWeek(f.week, f.seen_version)
    if f.wants_preview:
        effect = await effect_of(practice, week, now=clock.now())
        return await _editor(request, practice, f, effect=effect)
    return await change_calendar(request, practice, week, back="doctor.week", fields=f.fields)


def _differences(kept: Sequence[Session], typed: Sequence[Session]) -> list[Difference]:
    """The weekdays on which two weeks differ, and what each has there."""
    found = []
    for weekday, name in enumerate(WEEKDAYS):
        one, other = _words(kept, weekday), _words(typed, weekday)
        if one != other:
            found.append((name, one, other))
    return found


def _words(sessions: Sequence[Session], weekday: int) -> list[str]:
    """The sessions of a weekday, each as one line, earliest first."""
    own = sorted((one for one in sessions if one.weekday == weekday), key=lambda one: one.starts)
    return [_line(one) for one in own]


def _line(session: Session) -> str:
    parts = [
        f"{wall(session.starts)} – {wall(session.ends)}",
        sentence(_("%(minutes)s minutes each"), {"minutes": session.slot_minutes}),
    ]
    if session.gap_minutes:
        parts.append(sentence(_("%(minutes)s minutes between"), {"minutes": session.gap_minutes}))
    if session.breaks:
        parts.append(sentence(_("breaks %(breaks)s"), {"breaks": breaks_text(session.breaks)}))
    return ", ".join(parts)


router = Router("/", route_handlers=[show, change])
