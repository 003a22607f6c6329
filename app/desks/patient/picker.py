"""The slot picker: seven days, one of them open with its free times, for one service of a doctor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from app import clock
from app.booking.queries import OpenSlot, WeekSlots, week_picker
from app.desks.open_days import OpenDays
from app.directory.queries import Practice, Service, first_service
from app.errors import _
from app.web.live import mark

NOON = 12
EVENING = 17
"""Hours of the clinic's clock at which the next part of the day begins."""


@dataclass(frozen=True)
class DayLink:
    """One day of the strip: how many times are free, and where it is shown."""

    on: date
    free: int
    href: str


@dataclass(frozen=True)
class ServiceLink:
    """One service to choose, and where its times are shown."""

    service: Service
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Picker:
    """Everything the picker shows; nothing in it depends on who looks.

    `here` is the address of what is shown, `as_of` the mark from which on a live page has to look again.
    `nearest` is set when the open day has nothing free: the free time closest to it, and its link.
    `earlier` and `later` lead to the neighbouring weeks, None at the ends of the calendar.
    """

    zone: str
    on: date
    service: Service | None
    services: list[ServiceLink]
    days: list[DayLink]
    earlier: str | None
    later: str | None
    groups: list[tuple[str, list[OpenSlot]]]
    nearest: tuple[OpenSlot, str] | None
    here: str
    as_of: int

    @property
    def free(self) -> int:
        """How many times of the open day are free."""
        return sum(len(slots) for _title, slots in self.groups)


def groups_of(slots: list[OpenSlot], zone: ZoneInfo) -> list[tuple[str, list[OpenSlot]]]:
    """The slots of a day by its parts, parts without any left out."""
    parts: dict[str, list[OpenSlot]] = {_("Morning"): [], _("Afternoon"): [], _("Evening"): []}
    morning, afternoon, evening = parts.values()
    for slot in slots:
        hour = slot.starts_at.astimezone(zone).hour
        (morning if hour < NOON else afternoon if hour < EVENING else evening).append(slot)
    return [(title, free) for title, free in parts.items() if free]


async def picker_of(
    practice: Practice,
    services: list[Service],
    path: str,
    *,
    on: date | None,
    service_id: UUID | None,
    now: datetime,
) -> Picker:
    """The picker of a practice that offers `services`, its links under `path`; asks the database once.

    An unknown service is taken as the first one, a day outside the calendar as its nearest, and no day as
    the first with a free time.
    """
    as_of, first = mark(), first_service(services)
    service = next((one for one in services if one.id == service_id), first)

    def link(day: date | None, other: Service | None = service) -> str:
        named = {"day": day, "service": None if other == first or other is None else other.id}
        query = urlencode({name: value for name, value in named.items() if value is not None})
        return f"{path}?{query}" if query else path

    calendar = OpenDays.of(practice, now=now)
    chosen = [ServiceLink(one, link(on, one), one == service) for one in services]
    if service is None:
        return Picker(practice.zone, calendar.today, None, [], [], None, None, [], None, path, as_of)
    week = await week_picker(practice, service.duration_minutes, on=on, now=now)
    shown = [day.on for day in week.days]
    earlier, later = calendar.earlier(shown), calendar.later(shown)
    return Picker(
        zone=practice.zone,
        on=week.on,
        service=service,
        services=chosen,
        days=[DayLink(day.on, day.free, link(day.on)) for day in week.days],
        earlier=link(earlier) if earlier else None,
        later=link(later) if later else None,
        groups=groups_of(week.slots, practice.zone_info),
        nearest=_nearest(week, practice, link),
        here=link(week.on),
        as_of=as_of,
    )


def _nearest(week: WeekSlots, practice: Practice, link: Callable[[date], str]) -> tuple[OpenSlot, str] | None:
    if week.nearest is None:
        return None
    return week.nearest, link(clock.day_of(week.nearest.starts_at, practice.zone_info))
