"""From a week and its exceptions to the slots and the working time of real days, in UTC."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from app.scheduling.rules.ranges import Range, joined
from app.scheduling.rules.week import (
    EXTRA,
    HOLIDAY,
    LEAVE,
    CalendarException,
    Session,
    Span,
    cut_span,
    open_spans,
    span_of,
)

_DAY = 24 * 60
_INSTANT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class WantedSlot:
    """A slot the week asks for; `on_date` is the clinic's day, the moments are UTC.

    `covers_until` is where the next slot begins when only a gap lies between, else None: what counts when
    a longer visit takes both. `is_kept` is one kept back for people who walk in.
    """

    on_date: date
    starts_at: datetime
    ends_at: datetime
    covers_until: datetime | None
    is_kept: bool


def wanted(
    sessions: Sequence[Session],
    exceptions: Sequence[CalendarException],
    zone: ZoneInfo,
    *,
    first: date,
    last: date,
    walk_in_percent: int,
) -> list[WantedSlot]:
    """The slots of the days from `first` to `last`, both included, earliest first; none overlaps another.

    Leave wins over everything, an extra day over a holiday and over the week where they overlap. A slot is
    whole or not there. It is made only where the clinic's clock runs through it without a jump; a time of
    day that comes twice means the first. Of a day's slots every hundred keeps `walk_in_percent` back,
    spread evenly.
    """
    found = []
    for on in _days(first, last):
        for place, (start, end, covers_until) in enumerate(_slots_of(on, sessions, exceptions, zone)):
            is_kept = (place + 1) * walk_in_percent // 100 > place * walk_in_percent // 100
            found.append(WantedSlot(on, start, end, covers_until, is_kept))
    return found


def working(
    sessions: Sequence[Session],
    exceptions: Sequence[CalendarException],
    zone: ZoneInfo,
    *,
    first: date,
    last: date,
) -> list[Range]:
    """The time a week and its exceptions leave open from `first` to `last`, breaks and leave taken out.

    Gaps and rests too short for a slot belong to it. Earliest first.
    """
    found = []
    for on in _days(first, last):
        spans = (
            span
            for session, blocked in _day_plan(on, sessions, exceptions)
            for open_span in open_spans(session)
            for span in _without(open_span, blocked)
        )
        found.extend([(_moment(on, start, zone), _moment(on, end, zone)) for start, end in spans])
    return joined(found)


def closed_range(leave: CalendarException, zone: ZoneInfo) -> Range:
    """The moments between which leave or a holiday lies."""
    start, end = _closed_span(leave)
    return _moment(leave.first_on, start, zone), _moment(leave.last_on, end, zone)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _day_plan(
    on: date, sessions: Iterable[Session], exceptions: Iterable[CalendarException]
) -> list[tuple[Session, list[Span]]]:
    """The sessions of a day, each with what is closed for it."""
    today = [exception for exception in exceptions if exception.first_on <= on <= exception.last_on]
    closed = [_closed_span(exception) for exception in today if exception.kind == LEAVE]
    plan = []
    for exception in today:
        if exception.kind == EXTRA and exception.session is not None:
            plan.append((exception.session, list(closed)))
            closed.append(span_of(exception.session.starts, exception.session.ends))
    if any(exception.kind == HOLIDAY for exception in today):
        return plan
    for session in sessions:
        if session.weekday == on.weekday():
            plan.append((session, list(closed)))
    return plan


def _closed_span(leave: CalendarException) -> Span:
    if leave.starts is None or leave.ends is None:
        return 0, _DAY
    return span_of(leave.starts, leave.ends)


def _without(span: Span, blocked: Iterable[Span]) -> list[Span]:
    left, (start, end) = [], span
    for begins, ends in sorted(blocked):
        if begins < end and start < ends:
            left.append((start, begins))
            start = max(start, ends)
    return [part for part in (*left, (start, end)) if part[0] < part[1]]


def _slots_of(
    on: date, sessions: Iterable[Session], exceptions: Iterable[CalendarException], zone: ZoneInfo
) -> list[tuple[datetime, datetime, datetime | None]]:
    """Start, end and covers_until of a day's slots, earliest first."""
    made = []
    for session, blocked in _day_plan(on, sessions, exceptions):
        for open_span in open_spans(session):
            slots = cut_span(open_span, session)
            for slot, after in zip_longest(slots, slots[1:]):
                found = None if _touches(slot, blocked) else _range(on, slot, zone)
                if found is not None:
                    both = (slot[0], after[1]) if after and session.gap_minutes else None
                    reaches = both and not _touches(both, blocked) and _range(on, both, zone)
                    gap_ends = found[1] + timedelta(minutes=session.gap_minutes)
                    made.append((*found, gap_ends if reaches else None))
    return sorted(made, key=lambda slot: slot[0])


def _touches(span: Span, blocked: Iterable[Span]) -> bool:
    return any(begins < span[1] and span[0] < ends for begins, ends in blocked)


def _range(on: date, span: Span, zone: ZoneInfo) -> Range | None:
    """The moments of a span of one day, or None where the clinic's clock jumps inside it."""
    local = datetime.combine(on, time(span[0] // 60, span[0] % 60), tzinfo=zone)
    start = local.astimezone(UTC)
    end = start + timedelta(minutes=span[1] - span[0])
    last_offset = (end - _INSTANT).astimezone(zone).utcoffset()  # the change itself may come as it ends
    return (start, end) if last_offset == local.utcoffset() else None


def _moment(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the clinic's clock first shows a minute of a day, or jumps over it."""
    days, minute = divmod(minute, _DAY)
    clock_time = time(minute // 60, minute % 60)
    local = datetime.combine(on + timedelta(days=days), clock_time, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).utcoffset() == local.utcoffset():
        return moment
    before, after = local.replace(fold=1).astimezone(UTC), moment
    while after - before > _SECOND:
        middle = (before + (after - before) // 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == local.utcoffset():
            before = middle
        else:
            after = middle
    return after
