"""What time alone brings: lapsed holds, orders nobody told us of, approvals nobody gave."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from app import clock
from app.booking.queries import get_appointment
from app.booking.services import approve, extend_hold
from app.checkout.services import close_hold, poll, start, sweep, take_return
from app.db.engine import fetch_value
from app.events.actor import Actor
from app.payments.errors import GatewayDown
from app.payments.services import due_orders
from tests.checkout.stories import Story, a_held_visit, after_the_hold, it_is, pay, waiting_jobs
from tests.factories import a_doctor, a_patient, a_slot, run_jobs

ORDERS = "/v1/orders"


async def _fault(gateway: httpx.AsyncClient, times: int = 1) -> None:
    await gateway.post("/sandbox/faults", json={"api": {"next": times, "status": 503, "path": ORDERS}})


async def test_a_lapsed_hold_without_money_is_closed() -> None:
    story = await a_held_visit()

    async with it_is(await after_the_hold(story)):
        await sweep()
        await run_jobs()

    assert (await story.visit()).status == "expired"
    assert (await story.events())["APPOINTMENT_EXPIRED"] == 1


async def test_a_running_hold_is_left_alone() -> None:
    story = await a_held_visit()

    await sweep()
    await run_jobs()

    assert (await story.visit()).status == "held"


async def test_a_lapsed_hold_without_an_order_is_closed_without_asking(gateway: httpx.AsyncClient) -> None:
    held = await start(await a_slot(await a_doctor()), account=await (await a_patient()).account())
    await _fault(gateway)

    assert held.hold_expires_at is not None
    async with it_is(held.hold_expires_at):
        await sweep()

    assert (await get_appointment(held.id)).status == "expired"


async def test_the_sweeper_asks_before_it_closes() -> None:
    story = await a_held_visit()
    await pay(story)

    async with it_is(await after_the_hold(story)):
        await sweep()
        await run_jobs()

    assert (await story.visit()).status == "confirmed"


async def test_the_sweeper_takes_what_the_bank_only_promised() -> None:
    story = await a_held_visit()
    await pay(story, "authorized")

    async with it_is(await after_the_hold(story)):
        await sweep()
        await run_jobs()

    assert (await story.visit()).status == "confirmed"


async def test_while_the_gateway_is_down_the_hold_stays_but_a_rival_may_take_its_time(
    gateway: httpx.AsyncClient,
) -> None:
    story = await a_held_visit()
    await pay(story)
    async with it_is(await after_the_hold(story)):
        await sweep()
        assert await waiting_jobs("checkout.close_hold") == 1
        await _fault(gateway)
        with pytest.raises(GatewayDown):
            await close_hold(story.visit_id)
        assert (await story.visit()).status == "held"

        rival = await start(story.slot_id, account=await (await a_patient("Vikram")).account())

    assert rival.status == "held"
    assert (await story.visit()).status == "expired"


async def test_two_sweepers_at_once_close_once() -> None:
    story = await a_held_visit()

    async with it_is(await after_the_hold(story)):
        await asyncio.gather(sweep(), sweep(), sweep())
        assert await waiting_jobs("checkout.close_hold") == 1
        await asyncio.gather(close_hold(story.visit_id), close_hold(story.visit_id))

    assert (await story.events())["APPOINTMENT_EXPIRED"] == 1


async def test_a_hold_extended_meanwhile_is_not_closed() -> None:
    story = await a_held_visit()
    lapses = await after_the_hold(story)
    async with it_is(lapses - timedelta(minutes=1)):
        await extend_hold(story.visit_id, by=Actor(story.patient.id, "patient"))

    async with it_is(lapses):
        await close_hold(story.visit_id)

    assert (await story.visit()).status == "held"


async def test_the_poller_finds_a_payment_nobody_told_us_of() -> None:
    story = await a_held_visit()
    await pay(story)
    await poll()
    assert (await story.visit()).status == "held", "asked before it was due"

    async with it_is(clock.now() + timedelta(seconds=61)):
        await poll()

    assert (await story.visit()).status == "confirmed"
    assert (await story.payment()).final_at is not None


async def test_the_poller_brings_the_money_of_an_expired_hold_home() -> None:
    story = await a_held_visit(days_ahead=3)
    async with it_is(await after_the_hold(story)):
        await sweep()
        await run_jobs()
        assert (await story.visit()).status == "expired"
    await pay(story)

    async with it_is(await after_the_hold(story) + timedelta(hours=30)):
        await poll()

    assert (await story.visit()).status == "confirmed"


async def test_questions_come_in_growing_gaps_and_end_after_96_hours() -> None:
    story = await a_held_visit()
    ended = (await after_the_hold(story)) - timedelta(seconds=1)
    gaps = [await _gap_after(story, ended + timedelta(hours=hours)) for hours in (0.1, 1, 4, 48)]

    async with it_is(ended + timedelta(hours=96)):
        await poll()

    payment = await story.payment()
    assert gaps == sorted(gaps) and gaps[0] < timedelta(minutes=5) and gaps[-1] == timedelta(hours=6)
    assert payment.final_at is not None and payment.next_ask_at is None


async def _gap_after(story: Story, moment: datetime) -> timedelta:
    async with it_is(moment):
        await poll()
        payment = await story.payment()
        assert payment.next_ask_at is not None
        return timedelta(seconds=round((payment.next_ask_at - clock.now()).total_seconds()))


async def test_an_order_is_not_final_while_the_gateway_does_not_answer(gateway: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    async with it_is(await after_the_hold(story) + timedelta(hours=97)):
        await _fault(gateway)
        await poll()
        assert (await story.payment()).final_at is None

        payment = await story.payment()
        assert payment.next_ask_at is not None
        async with it_is(payment.next_ask_at):
            await poll()

    assert (await story.payment()).final_at is not None


async def test_two_pollers_never_ask_about_the_same_order() -> None:
    for minute in range(4):
        await a_held_visit(at=f"1{minute}:00")
    async with it_is(clock.now() + timedelta(minutes=2)):
        first, second = await asyncio.gather(due_orders(), due_orders())

    assert len(first) + len(second) == 4


async def _a_pending_visit() -> Story:
    story = await a_held_visit(doctor=await a_doctor(approves_visits=True), days_ahead=5)
    fields = await pay(story)
    await take_return(story.order_id, fields["razorpay_payment_id"], fields["razorpay_signature"])
    assert (await story.visit()).status == "pending"
    return story


async def test_an_approval_nobody_gave_is_declined_with_all_its_money() -> None:
    story = await _a_pending_visit()
    async with it_is(clock.now() + timedelta(hours=23)):
        await sweep()
        assert (await story.visit()).status == "pending"

    async with it_is(clock.now() + timedelta(hours=25)):
        await asyncio.gather(sweep(), sweep())

    state, events = await story.state(), await story.events()
    assert (state["visit"], state["sums"], state["refunds"]) == ("cancelled", (50_000, 50_000, 0), 1)
    assert events["APPOINTMENT_DECLINED"] == events["REFUND_ASKED"] == 1
    assert await fetch_value("SELECT by_role FROM events WHERE name = 'APPOINTMENT_DECLINED'") == "system"


async def test_an_approval_that_was_given_stays() -> None:
    story = await _a_pending_visit()
    await approve(story.visit_id, by=Actor(story.doctor.id, "doctor"))

    async with it_is(clock.now() + timedelta(hours=25)):
        await sweep()

    assert (await story.visit()).status == "confirmed"
