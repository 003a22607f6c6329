"""What is shown as free and what may be held is one rule, said in SQL and in Python: here compared."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app import clock
from app.booking import queries
from app.booking.errors import NoLongerFree, SlotGone
from app.booking.services.times import find_time, lock_slots
from app.db.engine import execute, transaction
from tests.booking.visits import hold_for
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot, clinic_day

few = settings(max_examples=max(8, settings().max_examples // 10))


@dataclass(frozen=True)
class Piece:
    """A slot, and the pause after it: a gap that a longer visit may cross, or a break."""

    minutes: int
    pause: int
    is_gap: bool
    is_kept: bool


days = some.lists(
    some.builds(
        Piece, some.sampled_from((10, 20)), some.sampled_from((0, 5, 10)), some.booleans(), some.booleans()
    ),
    min_size=2,
    max_size=8,
)


async def _offer(doctor: CastDoctor, pieces: list[Piece]) -> list[UUID]:
    slots, minute = [], 9 * 60
    for piece in pieces:
        slot = await a_slot(doctor, at=f"{minute // 60:02}:{minute % 60:02}", minutes=piece.minutes)
        gap = timedelta(minutes=piece.pause)
        await execute(
            "UPDATE slots SET is_kept = $2, covers_until = CASE WHEN $3 THEN ends_at + $4::interval END "
            "WHERE id = $1",
            slot,
            piece.is_kept,
            piece.is_gap and piece.pause > 0,
            gap,
        )
        minute += piece.minutes + piece.pause
        slots.append(slot)
    return slots


async def _can_be_held(slot_id: UUID, doctor: CastDoctor, *, minutes: int, is_online: bool) -> bool:
    now = clock.now()
    time = await find_time(
        slot_id, practice_id=doctor.practice_id, minutes=minutes, now=now, is_online=is_online
    )
    try:
        async with transaction():
            await lock_slots(time, now=now)
    except NoLongerFree:
        return False
    return True


@few
@given(pieces=days, is_online=some.booleans())
async def test_what_is_shown_as_free_can_be_held_and_nothing_else(
    pieces: list[Piece], is_online: bool
) -> None:
    doctor = await a_doctor()
    slots = await _offer(doctor, pieces)

    for minutes in range(5, 65, 5):
        shown = await queries.open_slots(
            doctor.practice_id, clinic_day(), minutes=minutes, now=clock.now(), for_clinic=not is_online
        )

        held = [
            slot for slot in slots if await _can_be_held(slot, doctor, minutes=minutes, is_online=is_online)
        ]
        assert [slot.id for slot in shown] == held, minutes


async def test_a_visit_may_run_through_a_pause_and_never_end_in_one() -> None:
    doctor = await a_doctor()
    first, second = await _offer(doctor, [Piece(20, 10, is_gap=True, is_kept=False)] * 2)

    async def free(minutes: int) -> list[UUID]:
        now = clock.now()
        shown = await queries.open_slots(doctor.practice_id, clinic_day(), minutes=minutes, now=now)
        return [slot.id for slot in shown]

    answers = {minutes: await free(minutes) for minutes in (20, 21, 30, 31, 50, 51)}

    both, none = [first, second], list[UUID]()
    assert answers == {20: both, 21: none, 30: none, 31: [first], 50: [first], 51: none}
    half_an_hour = await a_service(doctor.practice_id, minutes=30)
    with pytest.raises(SlotGone):
        await hold_for(await a_patient(), first, doctor, service_id=half_an_hour)
