"""Pure: which free time each of several visits could have, near its own and never the same time twice."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.booking.rows import OpenSlot

Range = tuple[datetime, datetime]
Free = Mapping[timedelta, Sequence[OpenSlot]]
"""The times with which a visit of each length can begin, earliest first."""


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

    def could_come(self, start: datetime) -> bool:
        """Whether its patient has nothing else in that time."""
        begins, ends = self.span(start)
        return not any(begins < end and start < ends for start, end in self.engaged)


@dataclass
class Claims:
    """Ranges given away; they never overlap, so that the two neighbours of a range decide about it."""

    ranges: list[Range] = field(default_factory=list)

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> "Claims":
        """From ranges that may overlap: those that do become one."""
        merged: list[Range] = []
        for start, end in sorted(ranges):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return cls(merged)

    def leave_room(self, wanted: Range) -> bool:
        """Whether nothing of it is given away."""
        place = bisect_left(self.ranges, wanted)
        before, after = self.ranges[max(place - 1, 0) : place], self.ranges[place : place + 1]
        return not any(wanted[0] < end and start < wanted[1] for start, end in (*before, *after))

    def add(self, given: Range) -> None:
        """Give a range away that `leave_room` found open."""
        insort(self.ranges, given)


def propose(visits: Sequence[Homeless], free: Free, claims: Claims) -> dict[UUID, OpenSlot | None]:
    """A time for each visit, the nearest that those before it have left; None where nothing is left.

    The times given are added to `claims`. Of two equally near the later one is taken: people can wait more
    easily than come sooner than they planned.
    """
    found: dict[UUID, OpenSlot | None] = {}
    for visit in visits:
        slot = next(_open_to(visit, free, claims), None)
        if slot is not None:
            claims.add(visit.span(slot.starts_at))
        found[visit.id] = slot
    return found


def others_for(visit: Homeless, free: Free, claims: Claims, *, zone: ZoneInfo, days: int) -> list[OpenSlot]:
    """Further times to choose from: the nearest of each of so many days that nobody was given, by time."""
    nearest: dict[object, OpenSlot] = {}
    for slot in _open_to(visit, free, claims):
        if len(nearest) == days:
            break
        nearest.setdefault(slot.starts_at.astimezone(zone).date(), slot)
    return sorted(nearest.values(), key=lambda slot: slot.starts_at)


def _open_to(visit: Homeless, free: Free, claims: Claims) -> Iterator[OpenSlot]:
    for slot in _by_nearness(free.get(visit.length, ()), visit.near):
        if visit.could_come(slot.starts_at) and claims.leave_room(visit.span(slot.starts_at)):
            yield slot


def _by_nearness(slots: Sequence[OpenSlot], near: datetime) -> Iterator[OpenSlot]:
    """Outward from a moment, in both directions at once; `slots` are in order of their beginnings."""
    later = bisect_left(slots, near, key=lambda slot: slot.starts_at)
    sooner = later - 1
    while sooner >= 0 or later < len(slots):
        if sooner < 0 or (
            later < len(slots) and slots[later].starts_at - near <= near - slots[sooner].starts_at
        ):
            yield slots[later]
            later += 1
        else:
            yield slots[sooner]
            sooner -= 1
