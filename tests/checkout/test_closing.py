"""Time that has visits is closed: shown first, confirmed once, and each visit moved or refunded once."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.booking import services as booking
from app.booking.errors import BadText
from app.booking.queries import Visit, get_appointment, visit_by_id
from app.booking.queries.displaced import closings_of, get_closing, open_moves
from app.checkout import services as checkout
from app.checkout.errors import AffectedChanged, TimeNotFree
from app.checkout.services import EndException, NewException, NewWeek, close_time, mover, preview_closing
from app.db.engine import execute, fetch, fetch_value
from app.directory.queries import get_practice
from app.events import names
from app.events.actor import SYSTEM
from app.events.queries import events_of
from app.scheduling.queries import get_slot, week_of
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import set_week
from tests.booking.visits import a_visit, acting, hold_for, live_overlaps
from tests.checkout.closings import DAY, clock_times, close, free, leave, outcomes, paid, proposed, seen
from tests.checkout.stories import (
    Story,
    a_held_visit,
    after_the_hold,
    gateway_refunds,
    it_is,
    pay,
    waiting_jobs,
)
from tests.factories import (
    CastDoctor,
    a_doctor,
    a_patient,
    a_person,
    a_service,
    clinic_day,
    run_jobs,
)
from tests.surroundings import PostOffice


async def starts(slot_id: UUID) -> datetime:
    return (await get_slot(slot_id)).starts_at


async def told(appointment_id: UUID) -> list[str]:
    """What a visit's patient was told of, in order: letters by kind."""
    rows = await fetch(
        "SELECT l.kind FROM letters l JOIN events e ON e.id = l.event_id "
        "WHERE e.subject_id = $1 AND l.kind IN ('rescheduled', 'cancelled') ORDER BY l.created_at",
        appointment_id,
    )
    return [row["kind"] for row in rows]


async def given_back(story: Story) -> list[int]:
    """The refunds of a visit, ours and the gateway's, which must be the same."""
    payment = await story.payment()
    ours = await fetch("SELECT amount_paise FROM refunds WHERE payment_id = $1", payment.id)
    theirs = await gateway_refunds(payment.razorpay_payment_id or "")
    assert sorted(row["amount_paise"] for row in ours) == sorted(one["amount"] for one in theirs)
    return [row["amount_paise"] for row in ours]


async def offered(doctor: CastDoctor) -> int:
    """How many times of the day are still on offer."""
    count: int = await fetch_value(
        "SELECT count(*) FROM slots WHERE practice_id = $1 AND on_date = $2 AND withdrawn_at IS NULL",
        doctor.practice_id,
        clinic_day(DAY),
    )
    return count


async def test_a_preview_shows_who_is_affected_and_changes_nothing() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    times = await free(doctor, "09:00", "17:00")
    practice = await get_practice(doctor.practice_id)

    preview = await preview_closing(practice, leave(), now=clock.now())

    assert [visit.id for visit in preview.affected] == [story.visit_id for story in stories]
    proposals = [preview.proposals[story.visit_id] for story in stories]
    assert [slot.id if slot else None for slot in proposals] == times
    assert preview.withdrawn == 2
    assert await offered(doctor) == 2
    assert await closings_of(doctor.practice_id) == []
    assert names.CALENDAR_CHANGED not in [event.name for event in await events_of(doctor.practice_id)]


async def test_where_nobody_is_affected_the_calendar_changes_at_once() -> None:
    doctor = await a_doctor()
    await free(doctor, "10:00", days_ahead=DAY)
    practice = await get_practice(doctor.practice_id)

    closing = await close_time(practice, leave(), {}, by=acting(doctor))

    assert closing is None
    assert await offered(doctor) == 0


async def test_each_visit_is_moved_or_refunded_and_its_patient_told_once_with_the_note(
    post_office: PostOffice,
) -> None:
    doctor = await a_doctor()
    moved, refunded = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    time_free = (await free(doctor, "12:00"))[0]
    plan = {moved.code: await starts(time_free), refunded.code: None}
    await run_jobs()
    post_office.letters.clear()

    closing = await close(doctor, plan, note="I am at a wedding.")
    await run_jobs()

    assert await outcomes(closing) == {moved.code: "moved", refunded.code: "cancelled"}
    one, other = await seen([moved, refunded])
    assert (one.status, one.slot_id) == ("confirmed", time_free)
    assert other.status == "cancelled"
    assert await given_back(refunded) == [50_000]
    assert await given_back(moved) == []
    assert await told(moved.visit_id) == ["rescheduled"]
    assert await told(refunded.visit_id) == ["cancelled"]
    letter = post_office.to(moved.patient.email)[0].get_body(("plain",))
    text = " ".join(letter.get_content().split())
    assert "> I am at a wedding." in text
    assert "₹500 goes back in full" in text
    assert "I am at a wedding." in post_office.to(refunded.patient.email)[0].as_string()
    assert post_office.to(doctor.email) == []


async def test_moving_again_what_is_done_changes_nothing() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    await free(doctor, "12:00")
    closing = await close(doctor, await proposed(doctor))
    await run_jobs()
    events = await story.events()

    await checkout.move_one(closing.id, story.visit_id)
    await checkout.move_what_is_open()
    await run_jobs()

    assert await story.events() == events
    assert await outcomes(closing) == {story.code: "moved"}


async def test_a_chosen_time_that_is_taken_meanwhile_gives_way_to_the_nearest_free_one() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    first, second = await free(doctor, "12:00", "12:30")
    closing = await close(doctor, {story.code: await starts(first)})
    await a_visit(await a_patient(), first, doctor)

    await run_jobs()

    assert await outcomes(closing) == {story.code: "moved"}
    assert (await story.visit()).slot_id == second


async def test_where_no_time_is_left_the_visit_is_refunded_in_full() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    first = (await free(doctor, "12:00"))[0]
    closing = await close(doctor, {story.code: await starts(first)})
    await a_visit(await a_patient(), first, doctor)

    await run_jobs()

    assert await outcomes(closing) == {story.code: "cancelled"}
    assert await given_back(story) == [50_000]
    assert await told(story.visit_id) == ["cancelled"]


async def test_a_time_that_passes_before_the_worker_comes_gives_way_to_a_later_one() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    soon, late = await free(doctor, "12:00"), await free(doctor, "12:00", days_ahead=DAY + 5)
    closing = await close(doctor, {story.code: await starts(soon[0])})

    async with it_is(clock.now() + timedelta(days=DAY + 2)):
        await run_jobs()

    assert await outcomes(closing) == {story.code: "moved"}
    assert (await story.visit()).slot_id == late[0]


async def test_a_visit_that_its_patient_cancels_meanwhile_is_left() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    await free(doctor, "12:00")
    closing = await close(doctor, await proposed(doctor))
    await checkout.cancel(story.visit_id, by=acting(story.patient))

    await run_jobs()

    assert await outcomes(closing) == {story.code: "left"}
    assert (await story.events())[names.APPOINTMENT_CANCELLED] == 1
    assert (await story.events())[names.REFUND_ASKED] == 1
    assert await told(story.visit_id) == ["cancelled"]


@pytest.mark.parametrize("what", ["moved", "completed", "arrived"])
async def test_a_visit_that_the_clinic_deals_with_meanwhile_is_left(what: str) -> None:
    doctor = await a_doctor()
    moved, to_cancel = await paid(doctor, at="10:00"), await paid(doctor, at="10:30")
    chosen, other = await free(doctor, "12:00", "16:00")
    closing = await close(doctor, {moved.code: await starts(chosen), to_cancel.code: None})
    for place, story in enumerate((moved, to_cancel)):
        if what == "moved":
            slot = other if place else (await free(doctor, "18:00"))[0]
            await booking.reschedule(story.visit_id, slot_id=slot, by=acting(doctor))
        elif what == "completed":
            await booking.complete(story.visit_id, by=acting(doctor))
        else:
            await execute("UPDATE appointments SET status = 'checked_in' WHERE id = $1", story.visit_id)
    before = await seen([moved, to_cancel])

    await run_jobs()

    assert await outcomes(closing) == {moved.code: "left", to_cancel.code: "left"}
    assert await seen([moved, to_cancel]) == before
    assert await fetch_value("SELECT count(*) FROM refunds") == 0


async def test_a_hold_is_given_up_and_money_that_comes_after_goes_back() -> None:
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)
    await free(doctor, "12:00")

    closing = await close(doctor, {})
    await run_jobs()
    proof = await pay(held)
    await checkout.take_return(
        proof["razorpay_order_id"], proof["razorpay_payment_id"], proof["razorpay_signature"]
    )
    await run_jobs()

    assert await outcomes(closing) == {held.code: "cancelled"}
    assert await given_back(held) == [50_000]
    assert await told(held.visit_id) == []


async def test_a_hold_that_is_paid_before_its_turn_is_refunded() -> None:
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)
    closing = await close(doctor, {})
    proof = await pay(held)
    await checkout.take_return(
        proof["razorpay_order_id"], proof["razorpay_payment_id"], proof["razorpay_signature"]
    )
    assert (await held.visit()).status == "confirmed"

    await run_jobs()

    assert await outcomes(closing) == {held.code: "cancelled"}
    assert await given_back(held) == [50_000]


async def test_a_hold_that_lapses_before_its_turn_is_left_and_never_seated_again() -> None:
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)
    closing = await close(doctor, {})

    async with it_is(await after_the_hold(held)):
        await booking.expire(held.visit_id, by=SYSTEM)
        await run_jobs()
        proof = await pay(held)
        await checkout.take_return(
            proof["razorpay_order_id"], proof["razorpay_payment_id"], proof["razorpay_signature"]
        )
        await run_jobs()

    assert await outcomes(closing) == {held.code: "left"}
    assert (await held.visit()).status == "expired"
    assert await given_back(held) == [50_000]


async def test_visits_that_wait_for_approval_are_moved_and_go_on_waiting() -> None:
    doctor = await a_doctor(approves_visits=True)
    story = await paid(doctor, at="10:00")
    slot = (await free(doctor, "12:00"))[0]

    closing = await close(doctor, await proposed(doctor))
    await run_jobs()

    visit = await story.visit()
    assert await outcomes(closing) == {story.code: "moved"}
    assert (visit.status, visit.slot_id, visit.token_number) == ("pending", slot, None)


async def test_several_visits_of_one_patient_and_free_ones_go_each_to_its_own_time() -> None:
    doctor = await a_doctor(fee_paise=0)
    asha = await a_patient()
    child = await a_person(asha.id)
    slots = await free(doctor, "10:00", "10:30", days_ahead=DAY)
    own = await checkout.start(slots[0], account=await asha.account())
    childs = await checkout.start(slots[1], person_id=child, account=await asha.account())
    await free(doctor, "12:00", "12:30")

    closing = await close(doctor, await proposed(doctor))
    await run_jobs()

    assert set((await outcomes(closing)).values()) == {"moved"}
    times = [(await get_appointment(visit.id)).slot_id for visit in (own, childs)]
    assert len(set(times)) == 2
    assert [await told(visit.id) for visit in (own, childs)] == [["rescheduled"], ["rescheduled"]]


async def test_a_free_visit_without_another_time_is_cancelled_without_a_refund() -> None:
    doctor = await a_doctor(fee_paise=0)
    visit = await checkout.start(
        (await free(doctor, "10:00", days_ahead=DAY))[0], account=await (await a_patient()).account()
    )

    closing = await close(doctor, await proposed(doctor))
    await run_jobs()

    assert await outcomes(closing) == {visit.code: "cancelled"}
    assert await fetch_value("SELECT count(*) FROM refunds") == 0


async def test_a_visit_longer_than_a_slot_is_moved_in_one_piece() -> None:
    doctor = await a_doctor()
    long = await a_service(doctor.practice_id, name="Long", minutes=60, position=1)
    slots = await free(doctor, "10:00", "10:30", days_ahead=DAY)
    held = await hold_for(await a_patient(), slots[0], doctor, service_id=long)
    await booking.confirm(held.id, by=acting(doctor))
    await free(doctor, "09:00", "12:00", "12:30")

    closing = await close(doctor, await proposed(doctor))
    await run_jobs()

    visit = await visit_by_id(held.id)
    assert await outcomes(closing) == {held.code: "moved"}
    assert visit.minutes == 60
    assert await live_overlaps() == []


async def test_a_visit_the_plan_does_not_name_stops_everything() -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    plan = await proposed(doctor)
    late = await paid(doctor, at="10:30")

    with pytest.raises(AffectedChanged) as refusal:
        await close(doctor, plan)

    assert refusal.value.codes == {late.code}
    assert await offered(doctor) == 2
    assert await open_moves() == []
    assert await waiting_jobs("checkout.move_visit") == 0


async def test_a_visit_that_goes_before_the_plan_is_confirmed_does_not_stand_in_its_way() -> None:
    doctor = await a_doctor()
    stays, goes = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    plan = await proposed(doctor)
    await checkout.cancel(goes.visit_id, by=acting(goes.patient))

    closing = await close(doctor, plan)
    await run_jobs()

    assert await outcomes(closing) == {stays.code: "cancelled"}


async def test_a_chosen_time_that_is_taken_or_chosen_twice_stops_everything() -> None:
    doctor = await a_doctor()
    one, other = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    first, second = await free(doctor, "12:00", "12:30")
    await a_visit(await a_patient(), second, doctor)

    with pytest.raises(TimeNotFree) as taken:
        await close(doctor, {one.code: await starts(first), other.code: await starts(second)})
    with pytest.raises(TimeNotFree) as twice:
        await close(doctor, {one.code: await starts(first), other.code: await starts(first)})
    with pytest.raises(TimeNotFree) as nowhere:
        await close(doctor, {one.code: clock.now() + timedelta(days=20), other.code: None})

    assert taken.value.codes == {other.code}
    assert len(twice.value.codes) == 1
    assert nowhere.value.codes == {one.code}
    assert await offered(doctor) == 2


async def test_a_note_that_is_too_long_closes_nothing() -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")

    with pytest.raises(BadText):
        await close(doctor, await proposed(doctor), note="x" * 501)

    assert await offered(doctor) == 1


async def test_a_new_week_moves_visits_into_times_that_it_makes_itself() -> None:
    doctor = await a_doctor()
    practice = await get_practice(doctor.practice_id)
    on = clinic_day(DAY)
    morning = Session(on.weekday(), time(9), time(11), 30)
    await set_week(practice, [morning], version=(await week_of(practice.id)).version, by=acting(doctor))
    slot = await fetch_value(
        "SELECT id FROM slots WHERE practice_id = $1 AND on_date = $2 ORDER BY starts_at LIMIT 1",
        practice.id,
        on,
    )
    visit = await a_visit(await a_patient(), slot, doctor)
    change = NewWeek(
        [Session(on.weekday(), time(14), time(16), 30)], version=(await week_of(practice.id)).version
    )

    preview = await preview_closing(practice, change, now=clock.now())
    plan = {visit.code: (preview.proposals[visit.id] or preview.others[visit.id][0]).starts_at}
    closing = await close_time(practice, change, plan, by=acting(doctor))
    await run_jobs()

    assert closing is not None
    assert await outcomes(closing) == {visit.code: "moved"}
    assert (await get_appointment(visit.id)).starts_at == plan[visit.code]
    assert f"{plan[visit.code].astimezone(practice.zone_info):%H:%M}" == "14:00"


async def test_ending_an_extra_day_asks_for_its_visits_too() -> None:
    doctor = await a_doctor()
    practice = await get_practice(doctor.practice_id)
    extra = CalendarException("extra", clinic_day(DAY), clinic_day(DAY), time(9), time(10), slot_minutes=30)
    assert await close_time(practice, NewException(extra), {}, by=acting(doctor)) is None
    row = (await fetch("SELECT id FROM calendar_exceptions"))[0]
    slot = await fetch_value(
        "SELECT id FROM slots WHERE practice_id = $1 ORDER BY starts_at LIMIT 1", practice.id
    )
    visit = await a_visit(await a_patient(), slot, doctor)

    with pytest.raises(AffectedChanged):
        await close_time(practice, EndException(row["id"]), {}, by=acting(doctor))
    closing = await close_time(practice, EndException(row["id"]), {visit.code: None}, by=acting(doctor))

    assert closing is not None and closing.visits == 1


async def test_two_doctors_presses_close_a_day_once() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    plan = await proposed(doctor)
    practice = await get_practice(doctor.practice_id)

    results = await asyncio.gather(
        *(close_time(practice, leave(), plan, by=acting(doctor)) for _press in range(4)),
        return_exceptions=True,
    )
    await run_jobs()

    assert len([one for one in results if one is not None]) == 1, results
    assert len(await closings_of(doctor.practice_id)) == 1
    assert (await story.events())[names.APPOINTMENT_CANCELLED] == 1


async def test_a_schedule_asks_again_for_what_was_set_aside() -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    closing = await close(doctor, await proposed(doctor))
    await execute("DELETE FROM pgqueuer WHERE entrypoint = 'checkout.move_visit'")
    await run_jobs()
    assert (await get_closing(closing.id, practice_id=doctor.practice_id)).open == 1

    await checkout.move_what_is_open()
    await checkout.move_what_is_open()
    assert await waiting_jobs("checkout.move_visit") == 1
    await run_jobs()

    assert await outcomes(closing) == {story.code: "cancelled"}


async def _move_twice_at_once(monkeypatch: pytest.MonkeyPatch, *, with_lock: bool) -> int:
    """Two workers at the same visit, whose chosen time somebody else has taken; gives how often it moved.

    Without the lock both look, then the one acts, then the other.
    """
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    chosen, *_others = await free(doctor, "12:00", "12:30", "13:00")
    closing = await close(doctor, {story.code: await starts(chosen)})
    await a_visit(await a_patient(), chosen, doctor)
    one_is_done = asyncio.Event()
    if not with_lock:
        looked, look = asyncio.Barrier(2), mover.visit_by_id

        async def look_and_wait(appointment_id: UUID) -> Visit:
            visit = await look(appointment_id)
            if await looked.wait():
                await one_is_done.wait()
            return visit

        async def no_lock(_appointment_id: UUID) -> None:
            return None

        monkeypatch.setattr(mover, "visit_by_id", look_and_wait)
        monkeypatch.setattr(mover.booking, "lock_doctor_of", no_lock)

    async def work() -> None:
        await checkout.move_one(closing.id, story.visit_id)
        one_is_done.set()

    await asyncio.gather(work(), work())
    return (await story.events())[names.APPOINTMENT_RESCHEDULED]


async def test_two_workers_at_one_visit_move_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _move_twice_at_once(monkeypatch, with_lock=True) == 1


async def test_without_the_lock_two_workers_move_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the guard of the test above is what keeps it to one."""
    assert await _move_twice_at_once(monkeypatch, with_lock=False) == 2


async def test_patients_cancel_while_the_mover_moves_and_each_gets_the_money_once() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in clock_times(8)]
    await free(doctor, *clock_times(4))
    closing = await close(doctor, await proposed(doctor))

    async def give_up(story: Any) -> None:
        await checkout.cancel(story.visit_id, by=acting(story.patient))

    await asyncio.gather(
        *(checkout.move_one(closing.id, story.visit_id) for story in stories),
        *(give_up(story) for story in stories),
        return_exceptions=True,
    )
    await checkout.move_what_is_open()
    await run_jobs()

    for story in stories:
        events = await story.events()
        assert events[names.APPOINTMENT_CANCELLED] == 1
        assert events[names.REFUND_ASKED] == 1
        assert events[names.APPOINTMENT_RESCHEDULED] <= 1
        assert await given_back(story) == [50_000]
    assert None not in (await outcomes(closing)).values()


async def test_patients_who_hold_the_chosen_times_while_visits_move_never_share_one() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in clock_times(6)]
    targets = await free(doctor, *clock_times(10))
    closing = await close(doctor, await proposed(doctor))
    rivals = [await a_patient() for _rival in range(6)]

    await asyncio.gather(
        *(checkout.move_one(closing.id, story.visit_id) for story in stories),
        *(hold_for(rival, slot, doctor) for rival, slot in zip(rivals, targets, strict=False)),
        return_exceptions=True,
    )
    await run_jobs()

    assert await live_overlaps() == []
    assert None not in (await outcomes(closing)).values()


async def test_somebody_who_holds_while_the_time_is_closed_is_seen_or_refused() -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    slot = (await free(doctor, "11:00", days_ahead=DAY))[0]
    plan = await proposed(doctor)
    practice = await get_practice(doctor.practice_id)

    held, closed = await asyncio.gather(
        hold_for(await a_patient(), slot, doctor),
        close_time(practice, leave(), plan, by=acting(doctor)),
        return_exceptions=True,
    )
    await run_jobs()

    stays_live = await fetch_value(
        "SELECT count(*) FROM appointments WHERE on_date = $1 AND status NOT IN ('cancelled', 'expired')",
        clinic_day(DAY),
    )
    assert not isinstance(closed, BaseException), closed
    assert stays_live == 0, held


async def _pay_for_a_lapsed_hold_on_closed_time() -> Story:
    """The hold's time is over but nobody has swept it, the day is closed, and then the money comes."""
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)
    practice = await get_practice(doctor.practice_id)
    async with it_is(await after_the_hold(held)):
        assert (await close_time(practice, leave(), {}, by=acting(doctor))) is None
        proof = await pay(held)
        await checkout.take_return(
            proof["razorpay_order_id"], proof["razorpay_payment_id"], proof["razorpay_signature"]
        )
        await run_jobs()
    return held


async def test_money_for_a_lapsed_hold_that_nobody_swept_goes_back_once_its_time_is_closed() -> None:
    held = await _pay_for_a_lapsed_hold_on_closed_time()

    assert (await held.visit()).status == "expired"
    assert await given_back(held) == [50_000]


async def test_without_sweeping_a_lapsed_hold_is_booked_on_closed_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control: the guard of the test above is what sends the money back."""

    async def no_sweep(*_args: object, **_kwargs: object) -> None:
        return None

    monkeypatch.setattr(booking, "sweep_all", no_sweep)

    assert (await (await _pay_for_a_lapsed_hold_on_closed_time()).visit()).status == "confirmed"
