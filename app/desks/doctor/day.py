"""A doctor's day: now, next, later; what waits for an answer; how full the coming days are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, Router, get

from app import clock
from app.accounts.access import account_of
from app.booking.access import scope_of
from app.booking.queries import Visit, open_requests, practice_counts, practice_day
from app.booking.services.viewing import note_listed
from app.desks.doctor.acts import Acts, acts_on
from app.directory.queries import application_of_user, find_practice_of_user
from app.web.doors import roles
from app.web.render import Notice, page
from app.web.visitor import WebRequest

DAYS_AHEAD = 14
_OPEN = frozenset({"pending", "confirmed", "checked_in", "in_consultation"})


@dataclass(frozen=True)
class Day:
    """Today's visits: who is or should be in the room, who comes next, and all by their times."""

    visits: list[Visit]
    now: Visit | None
    next: Visit | None
    done: int
    left: int

    @classmethod
    def of(cls, visits: list[Visit], *, now: datetime) -> "Day":
        """Sort a day out by the clock; whom the doctor has called in comes before whose time it is."""
        waiting = [visit for visit in visits if visit.status in _OPEN]
        inside = next((visit for visit in waiting if visit.status == "in_consultation"), None)
        due = (visit for visit in waiting if visit.has_begun(now) and visit.ends_at and visit.ends_at > now)
        current = inside or next(due, None)
        coming = (visit for visit in waiting if visit is not current and not visit.has_begun(now))
        return cls(
            visits=visits,
            now=current,
            next=next(coming, None),
            done=sum(visit.status == "completed" for visit in visits),
            left=len(waiting),
        )


@dataclass(frozen=True)
class CountedDay:
    """A coming day and how many visits it has."""

    on: date
    visits: int


async def day_page(request: WebRequest, *, notice: Notice | None = None, status: int = 200) -> Response[Any]:
    """The day as it is now; without a practice a page that says what is missing and what happens next."""
    account, now = account_of(request), clock.now()
    practice = await find_practice_of_user(account.id)
    if practice is None:
        return await _day_without_practice(request, notice=notice, status=status)
    today = clock.day_of(now, practice.zone_info)
    visits = await practice_day(practice.id, today, now=now)
    await note_listed([visit.person_id for visit in visits], by=account.actor)
    counts = await practice_counts(practice.id, start=today, days=DAYS_AHEAD)
    coming = [today + timedelta(days=n) for n in range(1, DAYS_AHEAD)]
    return page(
        request,
        "desks/doctor/day.html",
        part="today",
        notice=notice,
        status=status,
        practice=practice,
        today=today,
        now=now,
        day=Day.of(visits, now=now),
        acts=_acts(visits, account.role, now=now),
        requests=len(await open_requests(scope_of(account), now=now)),
        coming=[CountedDay(on, counts.get(on, 0)) for on in coming],
        week=sum(counts.get(today + timedelta(days=n), 0) for n in range(7)),
    )


async def _day_without_practice(request: WebRequest, **answer: Any) -> Response[Any]:
    application = await application_of_user(account_of(request).id)
    zone = clock.HOUSE_ZONE.key
    return page(request, "desks/doctor/day.html", practice=None, application=application, zone=zone, **answer)


def _acts(visits: list[Visit], role: str, *, now: datetime) -> dict[str, Acts]:
    return {visit.code: acts_on(visit, role, now=now) for visit in visits}


@get("/doctor", name="doctor.day", guards=[roles("doctor")])
async def day(request: WebRequest) -> Response[Any]:
    """My day."""
    return await day_page(request)


router = Router("/", route_handlers=[day])
