"""What must change so that the slots there are become the slots a week wants."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.scheduling.rules.cutting import WantedSlot


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
    wanted: Iterable[WantedSlot], standing: Iterable[StandingSlot], *, removed: Collection[datetime]
) -> Difference:
    """Compare; a slot that stays is not touched, and none is made at a start in `removed`."""
    left = {(slot.on_date, slot.starts_at, slot.ends_at): slot for slot in standing}
    make, adjust = [], []
    for slot in wanted:
        found = left.pop((slot.on_date, slot.starts_at, slot.ends_at), None)
        if found is None:
            if slot.starts_at not in removed:
                make.append(slot)
        elif (found.is_kept, found.covers_until) != (slot.is_kept, slot.covers_until):
            adjust.append((found.id, slot))
    return Difference(make, [slot.id for slot in left.values()], adjust)
