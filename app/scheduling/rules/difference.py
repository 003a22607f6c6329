"""What must change so that the slots there are become the slots a week wants."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from uuid import UUID

from app.scheduling.rules.cutting import WantedSlot
from app.scheduling.rules.ranges import Range, joined


@dataclass(frozen=True)
class StandingSlot:
    """A slot that was made from the week and is offered."""

    id: UUID
    on_date: date
    starts_at: datetime
    ends_at: datetime
    covers_until: datetime | None
    is_kept: bool


@dataclass(frozen=True)
class Difference:
    """Slots to make, to withdraw, and those that stay but are kept back, or cover their gap, differently."""

    make: list[WantedSlot]
    withdraw: list[UUID]
    adjust: list[tuple[UUID, WantedSlot]]


def difference(
    wanted: Iterable[WantedSlot],
    standing: Iterable[StandingSlot],
    *,
    taken: Iterable[Range] = (),
    removed: Iterable[Range] = (),
) -> Difference:
    """Compare; a slot that stays is not touched.

    `taken` is what the doctor offers otherwise, by hand or at another practice, `removed` what was removed by
    hand: no slot is made over either.
    """
    left = {(slot.on_date, slot.starts_at, slot.ends_at): slot for slot in standing}
    away = joined([*taken, *removed])
    make, adjust = [], []
    for slot in wanted:
        found = left.pop((slot.on_date, slot.starts_at, slot.ends_at), None)
        if found is None:
            if not _meets(away, slot):
                make.append(slot)
        elif (found.is_kept, found.covers_until) != (slot.is_kept, slot.covers_until):
            adjust.append((found.id, slot))
    return Difference(make, [slot.id for slot in left.values()], adjust)


def _meets(away: Sequence[Range], slot: WantedSlot) -> bool:
    """Whether the last range that begins before the slot ends reaches into it; ranges are disjoint."""
    place = bisect_left(away, slot.ends_at, key=itemgetter(0))
    return place > 0 and away[place - 1][1] > slot.starts_at
