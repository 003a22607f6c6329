"""Each visit that lost its time is moved or refunded once, and its patient told once."""

from datetime import timedelta

import pytest

from app import clock
from app.booking import services as booking
from app.booking.queries import get_appointment, visit_by_id
from app.booking.queries.displaced import get_closing
from app.checkout import services as checkout
from app.db.engine import execute, fetch_value
from app.events import names
from app.events.actor import SYSTEM
from tests.booking.visits import a_visit, acting, hold_for, live_overlaps
from tests.checkout.closings import DAY, close, free, given_back, outcomes, paid, proposed, seen, starts, told
from tests.checkout.stories import (
    a_held_visit,
    after_the_hold,
    it_is,
    pay,
    waiting_jobs,
)
from tests.factories import (
    a_doctor,
    a_patient,
    a_person,
    a_service,
    run_jobs,
)
from tests.surroundings import PostOffice


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

    closing = await close(doctor, {held.code: None})
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
    closing = await close(doctor, {held.code: None})
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
    closing = await close(doctor, {held.code: None})

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
