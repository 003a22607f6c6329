"""Pure decisions about times: what is typed, what a week means, and which slots it makes of real days."""

from app.scheduling.rules.checks import check_exception, check_extra, check_week
from app.scheduling.rules.cutting import WantedSlot, closed_range, wanted, working
from app.scheduling.rules.difference import Difference, StandingSlot, difference
from app.scheduling.rules.ranges import Range, joined, minus
from app.scheduling.rules.typed import (
    LONGEST,
    SHORTEST,
    check_day,
    check_duration,
    describe_overlap,
    parse_clock,
    place,
    read_times,
    times_between,
)
from app.scheduling.rules.week import EXTRA, HOLIDAY, KINDS, LEAVE, CalendarException, Session, cut

__all__ = [
    "EXTRA",
    "HOLIDAY",
    "KINDS",
    "LEAVE",
    "LONGEST",
    "SHORTEST",
    "CalendarException",
    "Difference",
    "Range",
    "Session",
    "StandingSlot",
    "WantedSlot",
    "check_day",
    "check_duration",
    "check_exception",
    "check_extra",
    "check_week",
    "closed_range",
    "cut",
    "describe_overlap",
    "difference",
    "joined",
    "minus",
    "parse_clock",
    "place",
    "read_times",
    "times_between",
    "wanted",
    "working",
]
