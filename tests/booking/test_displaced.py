"""Visits that lose their time: where they could go, and how their moving is written down."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app import clock
from app.booking import services
from app.booking.errors import BadText
from app.booking.queries import visit_by_id
from app.booking.queries.displaced import (
    closing_progress,
    closings_of,
    find_move,
    get_closing,
    open_moves,
)
from app.booking.queries.places import NOTICE, affected, places_for, proposals
from app.booking.rows import Visit
from app.booking.services import Wish
from app.db.engine import execute
from app.directory.queries import get_practice
from app.errors import NotFound
from app.scheduling.queries import get_slot
from tests.booking.visits import a_visit, acting, events, hold_for, later
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot


async def seen(appointment_id: UUID) -> Visit:
    return await visit_by_id(appointment_id)


async def day_of_visits(doctor: CastDoctor, *, of: Sequence[str], days_ahead: int = 3) -> list[Visit]:
    """Confirmed visits of several patients, each at its time."""
    return [
        await seen(
            (await a_visit(await a_patient(), await a_slot(doctor, at=at, days_ahead=days_ahead), doctor)).id
        )
        for at in of
    ]


def span_of(visits: Sequence[Visit]) -> list[tuple[datetime, datetime]]:
    """One range over all the visits."""
    return [(min(v.starts_at for v in visits if v.starts_at), max(v.ends_at for v in visits if v.ends_at))]


async def withdraw_under(visits: Sequence[Visit]) -> None:
    """Close the time under visits, as a change of the calendar does."""
    await execute(
        "UPDATE slots SET withdrawn_at = $2, withdrawn_by = 'rule' WHERE id = ANY($1)",
        [visit.slot_id for visit in visits],
        clock.now(),
    )


async def test_affected_are_visits_and_running_holds_that_touch_the_lost_time() -> None:
    doctor = await a_doctor()
    visits = await day_of_visits(doctor, of=("10:00", "10:30", "11:00"))
    held = await hold_for(await a_patient(), await a_slot(doctor, at="11:30", days_ahead=3), doctor)
    arrived = (await day_of_visits(doctor, of=("12:00",)))[0]
    gone = (await day_of_visits(doctor, of=("12:30",)))[0]
    await execute("UPDATE appointments SET status = 'checked_in' WHERE id = $1", arrived.id)
    await services.cancel(gone.id, by=acting(doctor))
    elsewhere = await a_doctor()
    await day_of_visits(elsewhere, of=("10:00",))
    lost = [(visits[0].starts_at + timedelta(minutes=29), gone.ends_at)]

    found = await affected(doctor.practice_id, lost, now=clock.now())
    an_hour_later = await affected(doctor.practice_id, lost, now=clock.now() + timedelta(hours=1))

    assert [visit.id for visit in found] == [*(visit.id for visit in visits), held.id]
    assert [visit.id for visit in an_hour_later] == [visit.id for visit in visits]
    assert await affected(doctor.practice_id, [], now=clock.now()) == []


async def test_proposals_are_free_times_of_the_practice_outside_what_is_closed() -> None:
    doctor = await a_doctor()
    visits = await day_of_visits(doctor, of=("10:00", "10:30"))
    await withdraw_under(visits)
    await day_of_visits(doctor, of=("11:00",))
    free = [await a_slot(doctor, at=at, days_ahead=3) for at in ("11:30", "16:00")]
    practice = await get_practice(doctor.practice_id)

    found = await proposals(visits, practice=practice, now=clock.now())

    assert [slot.id for visit in visits if (slot := found[visit.id])] == free


async def test_nobody_is_proposed_a_time_that_comes_before_the_letter_is_read() -> None:
    doctor = await a_doctor()
    visit = (await day_of_visits(doctor, of=("10:00",)))[0]
    await withdraw_under([visit])
    now = clock.now()
    soon = await a_slot(doctor, starts_at=now + NOTICE - timedelta(minutes=31))
    later_on = await a_slot(doctor, starts_at=now + NOTICE + timedelta(minutes=5))
    practice = await get_practice(doctor.practice_id)

    found = await proposals([visit], practice=practice, now=now)

    assert (slot := found[visit.id]) and slot.id == later_on != soon


async def test_a_time_another_displaced_visit_is_on_its_way_to_is_proposed_to_nobody() -> None:
    doctor = await a_doctor()
    first, second = await day_of_visits(doctor, of=("10:00", "10:30"))
    await withdraw_under([first, second])
    wanted = await a_slot(doctor, at="11:00", days_ahead=3)
    other = await a_slot(doctor, at="18:00", days_ahead=3)
    await services.displace(doctor.practice_id, [Wish(first.id, first.starts_at, wanted)], by=acting(doctor))
    practice = await get_practice(doctor.practice_id)

    found = await proposals([second], practice=practice, now=clock.now())
    own = await proposals([first], practice=practice, now=clock.now())

    assert (slot := found[second.id]) and slot.id == other
    assert (slot := own[first.id]) and slot.id == wanted


async def test_a_chosen_time_is_proposed_again_and_nobody_else_gets_it() -> None:
    doctor = await a_doctor()
    first, second = await day_of_visits(doctor, of=("10:00", "10:30"))
    await withdraw_under([first, second])
    near, far = [await a_slot(doctor, at=at, days_ahead=3) for at in ("11:00", "18:00")]
    practice = await get_practice(doctor.practice_id)
    chosen = {second.id: (await get_slot(near)).starts_at}

    places = await places_for([first, second], practice=practice, near=chosen, now=clock.now())

    assert (slot := places.proposals[second.id]) and slot.id == near
    assert (slot := places.proposals[first.id]) and slot.id == far


async def test_a_visit_longer_than_a_slot_is_proposed_a_time_that_holds_it() -> None:
    doctor = await a_doctor()
    long = await a_service(doctor.practice_id, name="Long", minutes=60, position=1)
    slots = [await a_slot(doctor, at=at, days_ahead=3) for at in ("10:00", "10:30")]
    held = await hold_for(await a_patient(), slots[0], doctor, service_id=long)
    visit = await seen((await services.confirm(held.id, by=acting(doctor))).id)
    await execute("UPDATE slots SET withdrawn_at = $1, withdrawn_by = 'rule'", clock.now())
    await a_slot(doctor, at="11:00", days_ahead=3)
    fits = await a_slot(doctor, at="14:00", days_ahead=3)
    await a_slot(doctor, at="14:30", days_ahead=3)

    found = await proposals([visit], practice=await get_practice(doctor.practice_id), now=clock.now())

    assert (slot := found[visit.id]) and slot.id == fits


@pytest.mark.parametrize(
    "shut", ["UPDATE practices SET is_active = false", "UPDATE doctors SET approved_at = NULL"]
)
async def test_nobody_is_proposed_a_time_where_nobody_can_be_booked(shut: str) -> None:
    doctor = await a_doctor()
    visit = (await day_of_visits(doctor, of=("10:00",)))[0]
    await withdraw_under([visit])
    await a_slot(doctor, at="12:00", days_ahead=3)
    practice = await get_practice(doctor.practice_id)

    before = await proposals([visit], practice=practice, now=clock.now())
    await execute(shut)
    found = await proposals([visit], practice=practice, now=clock.now())

    assert before[visit.id] is not None
    assert found == {visit.id: None}


async def test_a_held_time_is_proposed_nothing() -> None:
    doctor = await a_doctor()
    held = await hold_for(await a_patient(), await a_slot(doctor, days_ahead=3), doctor)
    await a_slot(doctor, at="12:00", days_ahead=3)

    found = await proposals(
        [await seen(held.id)], practice=await get_practice(doctor.practice_id), now=clock.now()
    )

    assert found == {}


async def test_a_closing_counts_what_became_of_its_visits() -> None:
    doctor = await a_doctor()
    moved, cancelled, left, waiting = visits = await day_of_visits(
        doctor, of=("10:00", "10:30", "11:00", "11:30")
    )
    target = await a_slot(doctor, at="15:00", days_ahead=3)
    wishes = [Wish(v.id, v.starts_at, target if v is moved else None) for v in visits]

    closing_id = await services.displace(doctor.practice_id, wishes, note="I am ill.", by=acting(doctor))
    await services.tick_off(closing_id, moved.id, "moved", slot_id=target)
    await services.tick_off(closing_id, cancelled.id, "cancelled")
    await services.tick_off(closing_id, left.id, "left")
    await services.tick_off(closing_id, left.id, "cancelled")

    closing = await get_closing(closing_id, practice_id=doctor.practice_id)
    assert (closing.moved, closing.cancelled, closing.left, closing.open, closing.visits) == (1, 1, 1, 1, 4)
    assert (closing.note, closing.by_id) == ("I am ill.", doctor.id)
    assert [row.outcome for row in await closing_progress(closing_id)] == ["moved", "cancelled", "left", None]
    assert (await closings_of(doctor.practice_id)).items == [closing]
    assert await open_moves() == [(closing_id, waiting.id)]
    assert [event.name for event in await events(doctor.practice_id)] == ["TIME_CLOSED"]


async def test_a_closing_of_another_practice_is_not_there() -> None:
    doctor, other = await a_doctor(), await a_doctor()
    visit = (await day_of_visits(doctor, of=("10:00",)))[0]
    closing_id = await services.displace(
        doctor.practice_id, [Wish(visit.id, visit.starts_at, None)], by=acting(doctor)
    )

    with pytest.raises(NotFound):
        await get_closing(closing_id, practice_id=other.practice_id)
    assert (await closings_of(other.practice_id)).items == []


async def test_a_visit_that_waits_for_an_earlier_closing_is_left_to_the_later_one() -> None:
    doctor = await a_doctor()
    visit = (await day_of_visits(doctor, of=("10:00",)))[0]
    wish = [Wish(visit.id, visit.starts_at, None)]

    first = await services.displace(doctor.practice_id, wish, by=acting(doctor))
    with later(minutes=1):
        second = await services.displace(doctor.practice_id, wish, by=acting(doctor))

    assert await find_move(first, visit.id) is None
    assert await find_move(second, visit.id) is not None
    assert (await get_closing(first, practice_id=doctor.practice_id)).left == 1


async def test_a_note_too_long_for_a_letter_is_refused_at_its_field() -> None:
    doctor = await a_doctor()

    with pytest.raises(BadText) as refusal:
        await services.displace(doctor.practice_id, [], note="x" * 501, by=acting(doctor))

    assert refusal.value.fields.keys() == {"note"}
