"""A working week and its exceptions, and the slots of a session by the clock on the wall."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

LEAVE, HOLIDAY, EXTRA = KINDS = ("leave", "holiday", "extra")

Span = tuple[int, int]
"""Minutes of a day on the clinic's clock, the end excluded."""


@dataclass(frozen=True)
class Session:
    """Working time on one weekday (0 is Monday), by the clinic's clock.

    Slots of `slot_minutes` follow each other with `gap_minutes` between them; after a break they begin
    anew. `id` is the row's, where there is one.
    """

    weekday: int
    starts: time
    ends: time
    slot_minutes: int
    gap_minutes: int = 0
    breaks: tuple[tuple[time, time], ...] = ()
    id: UUID | None = None


@dataclass(frozen=True)
class CalendarException:
    """Days on which the week does not hold, both ends included.

    `leave` closes whole days, or a part of one day when `starts` and `ends` are given; `holiday` closes
    whole days and has a title; `extra` opens one day from `starts` to `ends`, on top of the week.
    """

    kind: str
    first_on: date
    last_on: date
    starts: time | None = None
    ends: time | None = None
    slot_minutes: int | None = None
    gap_minutes: int = 0
    title: str = ""
    id: UUID | None = None

    @property
    def session(self) -> Session | None:
        """An extra day as the session it opens; None for time that is closed."""
        if self.kind != EXTRA or self.starts is None or self.ends is None or self.slot_minutes is None:
            return None
        return Session(
            self.first_on.weekday(), self.starts, self.ends, self.slot_minutes, self.gap_minutes, id=self.id
        )


def minute_of(clock_time: time) -> int:
    """Minutes since midnight."""
    return clock_time.hour * 60 + clock_time.minute


def span_of(starts: time, ends: time) -> Span:
    """Two times of a day as minutes."""
    return minute_of(starts), minute_of(ends)


def open_spans(session: Session) -> list[Span]:
    """The stretches of a session between its breaks, in minutes of the day."""
    start, end = span_of(session.starts, session.ends)
    found = []
    for begins, ends in sorted(span_of(*pause) for pause in session.breaks):
        found.append((start, begins))
        start = ends
    return [span for span in (*found, (start, end)) if span[0] < span[1]]


def cut(session: Session) -> list[Span]:
    """The slots of a session in minutes of the day, earliest first."""
    return [slot for span in open_spans(session) for slot in cut_span(span, session)]


def cut_span(span: Span, session: Session) -> list[Span]:
    """The slots of one open stretch of a session, in minutes of the day."""
    step = session.slot_minutes + session.gap_minutes
    last = span[1] - session.slot_minutes
    return [(minute, minute + session.slot_minutes) for minute in range(span[0], last + 1, step)]
