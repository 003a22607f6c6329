"""Time that has visits is closed: shown first, confirmed once, and all of it or nothing."""

from datetime import time, timedelta

import pytest

from app import clock
from app.booking import services as booking
from app.booking.errors import BadText
from app.booking.queries import get_appointment
from app.booking.queries.displaced import closings_of, open_moves
from app.checkout import services as checkout
from app.checkout.errors import AffectedChanged, TimeNotFree, TooManyAffected
from app.checkout.services import EndException, NewException, NewWeek, close_time, effect_of, preview_closing
from app.checkout.services import closing as closing_service
from app.db.engine import fetch, fetch_value
from app.directory.queries import get_practice
from app.events import names
from app.events.queries import events_of
from app.scheduling.queries import week_of
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import set_week
from tests.booking.visits import a_visit, acting
from tests.checkout.closings import (
    DAY,
    a_cancelled_visit_on_leave,
    close,
    free,
    given_back,
    leave,
    offered,
    outcomes,
    paid,
    proposed,
    starts,
)
from tests.checkout.stories import (
    Story,
    a_held_visit,
    after_the_hold,
    it_is,
    pay,
    waiting_jobs,
)
from tests.factories import (
    a_doctor,
    a_patient,
    clinic_day,
    run_jobs,
)


async def test_a_preview_shows_who_is_affected_and_changes_nothing() -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    times = await free(doctor, "09:00", "17:00")
    practice = await get_practice(doctor.practice_id)

    preview = await preview_closing(practice, leave(), now=clock.now())
    effect = await effect_of(practice, leave(), now=clock.now())

    assert (effect.affected, effect.withdrawn) == (preview.affected, preview.withdrawn)
    assert [visit.id for visit in preview.affected] == [story.visit_id for story in stories]
    proposals = [preview.proposals[story.visit_id] for story in stories]
    assert [slot.id if slot else None for slot in proposals] == times
    assert preview.withdrawn == 2
    assert await offered(doctor) == 2
    assert (await closings_of(doctor.practice_id)).items == []
    assert names.CALENDAR_CHANGED not in [event.name for event in await events_of(doctor.practice_id)]


async def test_where_nobody_is_affected_the_calendar_changes_at_once() -> None:
    doctor = await a_doctor()
    await free(doctor, "10:00", days_ahead=DAY)
    practice = await get_practice(doctor.practice_id)

    done = await close_time(practice, leave(), {}, by=acting(doctor))

    assert done.closing is None
    assert (done.change.added, done.change.withdrawn) == (0, 1)
    assert await offered(doctor) == 0


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
    closing = (await close_time(practice, change, plan, by=acting(doctor))).closing
    await run_jobs()

    assert closing is not None
    assert await outcomes(closing) == {visit.code: "moved"}
    assert (await get_appointment(visit.id)).starts_at == plan[visit.code]
    assert f"{plan[visit.code].astimezone(practice.zone_info):%H:%M}" == "14:00"


async def test_ending_an_extra_day_asks_for_its_visits_too() -> None:
    doctor = await a_doctor()
    practice = await get_practice(doctor.practice_id)
    extra = CalendarException("extra", clinic_day(DAY), clinic_day(DAY), time(9), time(10), slot_minutes=30)
    await close_time(practice, NewException(extra), {}, by=acting(doctor))
    row = (await fetch("SELECT id FROM calendar_exceptions"))[0]
    slot = await fetch_value(
        "SELECT id FROM slots WHERE practice_id = $1 ORDER BY starts_at LIMIT 1", practice.id
    )
    visit = await a_visit(await a_patient(), slot, doctor)

    with pytest.raises(AffectedChanged):
        await close_time(practice, EndException(row["id"]), {}, by=acting(doctor))
    done = await close_time(practice, EndException(row["id"]), {visit.code: None}, by=acting(doctor))

    assert done.closing is not None and done.closing.visits == 1


async def _pay_for_a_lapsed_hold_on_closed_time() -> Story:
    """The hold's time is over but nobody has swept it, the day is closed, and then the money comes."""
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)
    practice = await get_practice(doctor.practice_id)
    async with it_is(await after_the_hold(held)):
        assert (await close_time(practice, leave(), {}, by=acting(doctor))).closing is None
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


async def test_times_that_are_only_held_are_asked_about_too() -> None:
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)

    with pytest.raises(AffectedChanged) as refusal:
        await close(doctor, {})
    closing = await close(doctor, {held.code: None})

    assert refusal.value.codes == {held.code}
    assert closing.visits == 1


async def test_a_hold_that_comes_after_the_question_is_given_up_without_asking_again() -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    plan = await proposed(doctor)
    await a_held_visit(doctor=doctor, at="10:30", days_ahead=DAY)

    assert (await close(doctor, plan)).visits == 2


async def test_more_visits_than_can_be_asked_about_close_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    practice = await get_practice(doctor.practice_id)
    monkeypatch.setattr(closing_service, "MOST_AT_ONCE", 1)

    with pytest.raises(TooManyAffected) as asking:
        await preview_closing(practice, leave(), now=clock.now())
    with pytest.raises(TooManyAffected):
        await close(doctor, {story.code: None for story in stories})

    assert asking.value.params == {"visits": 2, "most": 1}
    assert await offered(doctor) == 2
    assert len((await effect_of(practice, leave(), now=clock.now())).affected) == 2


async def test_leave_taken_back_leaves_its_visits_where_they_are() -> None:
    doctor, practice, visit, done = await a_cancelled_visit_on_leave()
    assert done.change.exception_id

    await close_time(practice, EndException(done.change.exception_id), {}, by=acting(doctor))
    await run_jobs()

    assert (await get_appointment(visit.id)).status == "confirmed"
    assert (await closings_of(practice.id)).items[0].left == 1


async def test_a_change_that_opens_other_time_moves_and_cancels_all_the_same() -> None:
    doctor, practice, visit, _done = await a_cancelled_visit_on_leave()
    afternoon = CalendarException(
        "extra", clinic_day(DAY + 1), clinic_day(DAY + 1), time(14), time(15), slot_minutes=30
    )

    await close_time(practice, NewException(afternoon), {}, by=acting(doctor))
    await run_jobs()

    assert (await get_appointment(visit.id)).status == "cancelled"
