"""Which weeks and exceptions are refused, and at which field."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.errors import Invalid, _
from app.scheduling.rules.typed import LONGEST, MIDNIGHT, SHORTEST
from app.scheduling.rules.week import EXTRA, HOLIDAY, KINDS, LEAVE, CalendarException, Session, cut, span_of

LONGEST_GAP = 240
"""Minutes."""
MOST_SESSIONS = 10
"""Of one weekday."""
MOST_BREAKS = 10
"""In one session."""
LONGEST_TITLE = 100
LONGEST_EXCEPTION = 366
"""Days; who is away for longer ends the week instead."""
FURTHEST_EXCEPTION = 731
"""Days ahead: next year's holidays can be written down any day of this year."""

Wrong = dict[str, str]
"""Sentences by field."""


def check_week(sessions: Sequence[Session]) -> None:
    """Let a week pass, or raise Invalid.

    Fields are called `sessions-<place in the list>-<weekday, starts, ends, slot_minutes, gap_minutes or
    breaks>`; what is wrong in several rows is told at each.
    """
    fields: Wrong = {}
    for place, session in enumerate(sessions):
        wrong = _wrong_with(session) or _wrong_breaks(session) or _wrong_cut(session)
        fields.update({f"sessions-{place}-{name}": sentence for name, sentence in wrong.items()})
    if not fields:
        fields = _wrong_together(sessions)
    if fields:
        raise Invalid(fields=fields, params={"most": MOST_SESSIONS, "most_breaks": MOST_BREAKS})


def _wrong_with(session: Session) -> Wrong:
    fields = {}
    if not 0 <= session.weekday <= 6:
        fields["weekday"] = _("Choose a day of the week.")
    fields |= _wrong_times(session.starts, session.ends, _("The session must end after it begins."))
    if not SHORTEST <= session.slot_minutes <= LONGEST:
        fields["slot_minutes"] = _("A time lasts from 5 to 480 minutes.")
    if not 0 <= session.gap_minutes <= LONGEST_GAP:
        fields["gap_minutes"] = _("A gap lasts from 0 to 240 minutes.")
    return fields


def _wrong_times(starts: time, ends: time, backwards: str) -> Wrong:
    fields = {
        name: _("Write times in whole minutes, such as 09:30.")
        for name, clock_time in (("starts", starts), ("ends", ends))
        if clock_time.second or clock_time.microsecond
    }
    if ends == time.min:
        backwards = MIDNIGHT
    return fields or ({} if starts < ends else {"ends": backwards})


def _wrong_breaks(session: Session) -> Wrong:
    if len(session.breaks) > MOST_BREAKS:
        return {"breaks": _("A session can have %(most_breaks)s breaks at most.")}
    for pause in session.breaks:
        wrong = _wrong_times(*pause, _("A break must end after it begins."))
        if wrong:
            return {"breaks": next(iter(wrong.values()))}
    spans = sorted(span_of(*pause) for pause in session.breaks)
    start, end = span_of(session.starts, session.ends)
    if spans and (spans[0][0] < start or max(ends for _begins, ends in spans) > end):
        return {"breaks": _("A break must lie inside its session.")}
    if any(begins < before for (_start, before), (begins, _end) in pairwise(spans)):
        return {"breaks": _("Two breaks of this session overlap.")}
    return {}


def _wrong_cut(session: Session) -> Wrong:
    start, end = span_of(session.starts, session.ends)
    if session.slot_minutes > end - start:
        return {"slot_minutes": _("A slot of this length is longer than the session.")}
    if not cut(session):
        return {"slot_minutes": _("No slot of this length fits between the breaks.")}
    return {}


def _wrong_together(sessions: Sequence[Session]) -> Wrong:
    fields: Wrong = {}
    rows = sorted(enumerate(sessions), key=lambda row: (row[1].weekday, row[1].starts, row[0]))
    latest: dict[int, time] = {}
    of_day: Counter[int] = Counter()
    for place, session in rows:
        of_day[session.weekday] += 1
        if of_day[session.weekday] > MOST_SESSIONS:
            fields[f"sessions-{place}-weekday"] = _("A weekday can have %(most)s sessions at most.")
        if session.starts < latest.get(session.weekday, time.min):
            fields[f"sessions-{place}-starts"] = _("This overlaps another session of the same weekday.")
        latest[session.weekday] = max(session.ends, latest.get(session.weekday, time.min))
    return fields


def check_exception(
    exception: CalendarException, *, now: datetime, zone: ZoneInfo, calendar_days: int
) -> None:
    """Let an exception pass, or raise Invalid at its fields, which are called as the dataclass's.

    `calendar_days` is how far ahead an extra day may lie.
    """
    if exception.kind not in KINDS:
        raise Invalid(fields={"kind": _("Please choose one from the list.")})
    local = now.astimezone(zone).replace(tzinfo=None)
    fields = _wrong_days(exception, today=local.date(), calendar_days=calendar_days)
    fields |= _wrong_hours(exception) or _wrong_passed(exception, local)
    fields |= _wrong_title(exception)
    if fields:
        raise Invalid(fields=fields, params={"days": calendar_days, "longest": LONGEST_EXCEPTION})


def _wrong_days(exception: CalendarException, *, today: date, calendar_days: int) -> Wrong:
    if exception.first_on < today:
        return {"first_on": _("This day is over. Choose today or a later day.")}
    if exception.last_on < exception.first_on:
        return {"last_on": _("The last day cannot come before the first.")}
    if exception.kind == EXTRA:
        return _wrong_extra_day(exception, furthest=today + timedelta(days=calendar_days))
    if (exception.last_on - exception.first_on).days >= LONGEST_EXCEPTION:
        return {"last_on": _("This can last %(longest)s days at most.")}
    if exception.last_on > today + timedelta(days=FURTHEST_EXCEPTION):
        return {"last_on": _("This lies too far ahead. Choose days within the next two years.")}
    return {}


def _wrong_extra_day(exception: CalendarException, *, furthest: date) -> Wrong:
    if exception.last_on != exception.first_on:
        return {"last_on": _("An extra day is one day. Add another one for each further day.")}
    if exception.first_on > furthest:
        return {"first_on": _("The calendar is open for %(days)s days ahead. Choose an earlier day.")}
    return {}


def _wrong_hours(exception: CalendarException) -> Wrong:
    starts, ends = exception.starts, exception.ends
    if exception.kind == EXTRA:
        return _wrong_extra(exception)
    if starts is None and ends is None:
        return {}
    if exception.kind == HOLIDAY:
        return {"starts": _("A holiday closes the whole day. Take leave for a part of a day.")}
    if starts is None or ends is None:
        missing = "starts" if starts is None else "ends"
        return {missing: _("Write both times, or none for the whole day.")}
    if exception.first_on != exception.last_on:
        return {"starts": _("Times are for leave on one day. Leave them empty for several days.")}
    return _wrong_times(starts, ends, _("The leave must end after it begins."))


def _wrong_extra(exception: CalendarException) -> Wrong:
    session = exception.session
    if session is not None:
        return _wrong_with(session) or _wrong_cut(session)
    names = ("starts", "ends", "slot_minutes")
    return {name: _("Please fill this in.") for name in names if getattr(exception, name) is None}


def _wrong_passed(exception: CalendarException, local: datetime) -> Wrong:
    if exception.ends is None or exception.last_on != local.date() or exception.ends > local.time():
        return {}
    return {"ends": _("This time has passed already. Choose a later one.")}


def _wrong_title(exception: CalendarException) -> Wrong:
    title = exception.title
    if exception.kind == HOLIDAY and not title.strip():
        return {"title": _("Give the holiday a name, such as Diwali.")}
    if len(title) > LONGEST_TITLE:
        return {"title": _("Please use at most 100 characters.")}
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in title):
        return {"title": _("Please use readable characters only.")}
    return {}


def check_extra(extra: CalendarException, others: Iterable[CalendarException]) -> None:
    """Let an extra day pass beside the exceptions there are, or raise Invalid at first_on or starts.

    It may lie on a holiday and over the week's own sessions, which it replaces for its hours.
    """
    for other in others:
        if not other.first_on <= extra.first_on <= other.last_on or not _meet(extra, other):
            continue
        if other.kind == LEAVE:
            raise Invalid(
                fields={"first_on": _("You have leave then. Take it back first, or choose another time.")}
            )
        if other.kind == EXTRA:
            raise Invalid(fields={"starts": _("This overlaps another extra day you have added.")})


def _meet(one: CalendarException, other: CalendarException) -> bool:
    if one.starts is None or one.ends is None or other.starts is None or other.ends is None:
        return True
    return one.starts < other.ends and other.starts < one.ends
