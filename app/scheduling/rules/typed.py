"""Times typed by hand: reading them, listing those of a session, placing them on a day."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.directory.rules import LONGEST_VISIT, SHORTEST_VISIT
from app.errors import Invalid, _
from app.scheduling.errors import BadDay, BadTimes
from app.scheduling.rules.ranges import Range

SHORTEST, LONGEST = SHORTEST_VISIT, LONGEST_VISIT
"""Minutes a slot may last, as a service may."""
MIDNIGHT = _("A day ends at 23:59 here. Write that, or an earlier time.")
"""What is said to an end at 00:00: a time of day cannot be the end of the day."""

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_TYPED = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:(am|pm))?")
_SPACED_HALF = re.compile(r"(?<=\d)\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]+")


def parse_clock(text: str) -> time:
    """`9:00` or `09:00`, by the 24-hour clock; raises BadTimes."""
    match = _CLOCK.fullmatch(text.strip())
    found = _time(int(match[1]), int(match[2])) if match else None
    if found is None:
        raise BadTimes(_("“%(times)s” is not a time of day. Write times such as 10:00."), [text])
    return found


def _time(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_times(typed: str) -> list[str]:
    """The times in a line of text, as `HH:MM`, in the order typed.

    People write `10:00, 10:30 11` and `9.30 am`; a bare hour means the full hour by the 24-hour clock.
    Raises BadTimes naming everything that is no time, or when there is none.
    """
    parts = [part for part in _BETWEEN.split(_SPACED_HALF.sub(r"\1m", typed)) if part]
    if not parts:
        raise BadTimes(_("Write at least one time, such as 10:00."))
    read = {part: _typed_time(part) for part in parts}
    wrong = [part for part, found in read.items() if found is None]
    if wrong:
        raise BadTimes(_("“%(times)s” is not a time of day. Write times such as 10:00, 10:30."), wrong)
    return [f"{found:%H:%M}" for part in parts if (found := read[part])]


def _typed_time(part: str) -> time | None:
    match = _TYPED.fullmatch(part.lower())
    if match is None:
        return None
    hour, half = int(match[1]), match[3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return _time(hour, int(match[2] or 0))


def check_duration(minutes: int) -> None:
    """Let a length in minutes pass, or raise Invalid (field duration_minutes)."""
    if not SHORTEST <= minutes <= LONGEST:
        raise Invalid(fields={"duration_minutes": _("A time lasts from 5 to 480 minutes.")})


def times_between(start: time, end: time, *, every: int, lasting: int) -> list[str]:
    """The times of a session: from `start` every so many minutes, each over by `end`.

    `every` and `lasting` are minutes. Raises Invalid at the fields `end` or `every`.
    """
    check_duration(lasting)
    if every < lasting:
        raise Invalid(
            fields={"every": _("Times that last %(lasting)s minutes cannot follow each other sooner.")},
            params={"lasting": lasting},
        )
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute - lasting
    if end <= start:
        raise Invalid(
            fields={"end": MIDNIGHT if end == time.min else _("The session must end after it begins.")}
        )
    if last < first:
        raise Invalid(fields={"end": _("The session is too short for one time.")})
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in range(first, last + 1, every)]


def check_day(on: date, *, today: date, calendar_days: int) -> None:
    """Let a day pass that lies in the clinic's open calendar; raises BadDay."""
    if on < today:
        raise BadDay(_("This day is over. Choose today or a later day."))
    if on > today + timedelta(days=calendar_days):
        raise BadDay(
            _("The calendar is open for %(days)s days ahead. Choose an earlier day."), days=calendar_days
        )


def place(on: date, times: Sequence[str], zone: ZoneInfo, *, lasting: int, now: datetime) -> list[Range]:
    """The moments at which slots of `lasting` minutes begin and end on a day, earliest first.

    Raises BadTimes, naming the times, when one is no time of day, is missing or comes twice on that day
    because the clocks change, has passed, or overlaps another of the list.
    """
    if not times:
        raise BadTimes(_("Write at least one time, such as 10:00."))
    starts = sorted(_moments(on, times, zone))
    passed = [_shown(start, zone) for start in starts if start <= now]
    if passed:
        raise BadTimes(_("%(times)s has passed already. Choose later times."), passed)
    ranges = [(start, start + timedelta(minutes=lasting)) for start in starts]
    for (one, its_end), (other, _its_end) in pairwise(ranges):
        if one == other:
            raise BadTimes(_("%(times)s is there twice."), [_shown(one, zone)])
        if other < its_end:
            both = [_shown(one, zone), _shown(other, zone)]
            raise BadTimes(_("%(times)s overlap: each lasts %(minutes)s minutes."), both, minutes=lasting)
    return ranges


def _moments(on: date, times: Iterable[str], zone: ZoneInfo) -> list[datetime]:
    found = []
    for text in times:
        local = datetime.combine(on, parse_clock(text), tzinfo=zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            raise BadTimes(_("The clocks go forward that day, so %(times)s does not exist."), [text])
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            raise BadTimes(
                _("The clocks go back that day, so %(times)s comes twice. Choose another time."), [text]
            )
        found.append(moment)
    return found


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def describe_overlap(ranges: Sequence[Range], offered: Sequence[Range], zone: ZoneInfo) -> BadTimes:
    """The refusal that names the first of `ranges` that runs into one already offered, and which."""
    for start, end in ranges:
        for begins, ends in offered:
            if start < ends and begins < end:
                return BadTimes(
                    _("%(times)s overlaps %(begins)s to %(ends)s, which you offer already."),
                    [_shown(start, zone)],
                    begins=_shown(begins, zone),
                    ends=_shown(ends, zone),
                )
    return BadTimes(_("One of these times overlaps one you offer already. Look at the day and try again."))
