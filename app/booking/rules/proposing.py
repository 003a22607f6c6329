"""Which free time each of several visits could have, near its own and never the same time twice."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from app.booking.rows import OpenSlot
from app.scheduling.rules import Range


@dataclass(frozen=True)
class Homeless:
    """A visit that needs another time: close to `near`, outside what its patient has at that hour already."""

    id: UUID
    near: datetime
    length: timedelta
    engaged: tuple[Range, ...] = ()

    def span(self, start: datetime) -> Range:
        """What the visit takes when it begins then."""
        return start, start + self.length

    def could_come(self, slot: OpenSlot) -> bool:
        """Whether its patient has nothing else in that time."""
        begins, ends = self.span(slot.starts_at)
        return not any(begins < end and start < ends for start, end in self.engaged)


class Times:
    """The times with which a visit of one length can begin, of which some are given away one by one.

    A time given away points past itself, and pointers are shortened whenever they are followed; so however
    many are gone, the nearest left is a few steps away.
    """

    def __init__(self, length: timedelta, slots: Sequence[OpenSlot]) -> None:
        """`slots` in the order of their beginnings."""
        self.length = length
        self.slots = slots
        self._starts = [slot.starts_at for slot in slots]
        self._later = list(range(len(slots) + 1))
        self._sooner = list(range(len(slots) + 1))

    def give_away(self, taken: Range) -> None:
        """Leave out every time whose visit would run into this."""
        last = bisect_left(self._starts, taken[1])
        place = _follow(self._later, bisect_right(self._starts, taken[0] - self.length))
        while place < last:
            self._later[place], self._sooner[place + 1] = place + 1, place
            place = _follow(self._later, place)

    def outward(self, near: datetime) -> Iterator[OpenSlot]:
        """What is left, the nearest first.

        Of two equally near the later one: people can wait more easily than come sooner than they planned.
        """
        slots, middle = self.slots, bisect_left(self._starts, near)
        later, sooner = _follow(self._later, middle), _follow(self._sooner, middle)
        while sooner > 0 or later < len(slots):
            if sooner == 0 or (
                later < len(slots) and slots[later].starts_at - near <= near - slots[sooner - 1].starts_at
            ):
                yield slots[later]
                later = _follow(self._later, later + 1)
            else:
                yield slots[sooner - 1]
                sooner = _follow(self._sooner, sooner - 1)

    def by_day(self, zone: ZoneInfo) -> list[Self]:
        """What is left, of each day by itself."""
        left = (slot for place, slot in enumerate(self.slots) if self._later[place] == place)
        days = groupby(left, key=lambda slot: slot.starts_at.astimezone(zone).date())
        return [type(self)(self.length, list(slots)) for _on, slots in days]


def _follow(pointers: list[int], place: int) -> int:
    """Where the pointers lead from a place, each one on the way shortened by half."""
    while pointers[place] != place:
        pointers[place] = pointers[pointers[place]]
        place = pointers[place]
    return place


def times_left(free: Mapping[timedelta, Sequence[OpenSlot]], taken: Iterable[Range]) -> list[Times]:
    """The free times for visits of each length, without those that would run into what is taken."""
    times = [Times(length, slots) for length, slots in free.items()]
    for away in taken:
        for one in times:
            one.give_away(away)
    return times


def propose(visits: Sequence[Homeless], times: Sequence[Times]) -> dict[UUID, OpenSlot | None]:
    """A time for each visit, the nearest that those before it have left; None where nothing is left.

    What is proposed is given away.
    """
    by_length = {one.length: one for one in times}
    found: dict[UUID, OpenSlot | None] = {}
    for visit in visits:
        slot = _nearest(visit, by_length.get(visit.length))
        if slot is not None:
            for one in times:
                one.give_away(visit.span(slot.starts_at))
        found[visit.id] = slot
    return found


def others(
    visits: Sequence[Homeless], times: Sequence[Times], *, zone: ZoneInfo, days: int
) -> dict[UUID, list[OpenSlot]]:
    """Further times to choose from: of each of so many days the nearest that is left, by time."""
    by_length = {one.length: one.by_day(zone) for one in times}
    return {visit.id: _others(visit, by_length.get(visit.length, []), days) for visit in visits}


def _others(visit: Homeless, left: Sequence[Times], days: int) -> list[OpenSlot]:
    middle = bisect_left(left, visit.near, key=lambda day: day.slots[-1].starts_at)
    found: list[OpenSlot] = []
    for places in (range(middle, len(left)), range(middle - 1, -1, -1)):
        nearest = (_nearest(visit, left[place]) for place in places)
        found += islice((slot for slot in nearest if slot), days)
    by_nearness = sorted(
        found, key=lambda slot: (abs(slot.starts_at - visit.near), slot.starts_at < visit.near)
    )
    return sorted(by_nearness[:days], key=lambda slot: slot.starts_at)


def _nearest(visit: Homeless, times: Times | None) -> OpenSlot | None:
    return next(filter(visit.could_come, times.outward(visit.near)), None) if times else None
