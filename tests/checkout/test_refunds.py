"""Money on its way back: once, in full, followed to its end."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from app import clock
from app.booking.errors import AlreadyCancelled
from app.checkout.services import cancel, refund, take_return
from app.db.engine import execute, fetch_value
from app.errors import Invalid
from app.events.actor import GATEWAY, Actor
from app.payments.errors import GatewayDown, GatewayRefused, NothingToRefund, RefundDoesNotFit
from app.payments.facts import GatewayRefund
from app.payments.queries import Refund, get_refund
from app.payments.services import open_refund, poll_refunds, record_refund, send_refund, sync_refunds
from tests.checkout.stories import Story, a_held_visit, deliver, gateway_refunds, it_is, message, pay
from tests.factories import run_jobs

ADMIN = Actor(None, "admin")


async def _a_paid_visit() -> Story:
    story = await a_held_visit()
    fields = await pay(story)
    await take_return(story.order_id, fields["razorpay_payment_id"], fields["razorpay_signature"])
    return story


async def _paid_by(story: Story) -> str:
    payment = await story.payment()
    assert payment.razorpay_payment_id is not None
    return payment.razorpay_payment_id


async def _only_refund() -> Refund:
    refund_id: UUID = await fetch_value("SELECT id FROM refunds")
    return await get_refund(refund_id)


def _patient(story: Story) -> Actor:
    return Actor(story.patient.id, "patient")


async def _quiet(gateway: httpx.AsyncClient) -> None:
    """The gateway sends no messages of its own, so that a test says when each comes."""
    await gateway.post("/sandbox/faults", json={"webhooks": {"next": 100, "drop": True}})


async def test_cancelling_a_paid_visit_gives_everything_back(gateway: httpx.AsyncClient) -> None:
    await _quiet(gateway)
    story = await _a_paid_visit()

    done = await cancel(story.visit_id, reason="Feeling better", by=_patient(story))
    assert done.appointment.status == "cancelled"
    assert done.refund is not None and (done.refund.amount_paise, done.refund.status) == (50_000, "pending")
    await run_jobs()
    await asyncio.sleep(1.2)
    await sync_refunds(await _paid_by(story))

    state, events = await story.state(), await story.events()
    assert (state["payment"], state["sums"]) == ("refunded", (50_000, 0, 50_000))
    assert events["REFUND_ASKED"] == events["REFUND_PROCESSED"] == 1
    assert [one["amount"] for one in await gateway_refunds(await _paid_by(story))] == [50_000]


async def test_cancelling_twice_at_once_makes_one_refund() -> None:
    story = await _a_paid_visit()

    answers = await asyncio.gather(
        *(cancel(story.visit_id, by=_patient(story)) for _time in range(4)), return_exceptions=True
    )
    await run_jobs()

    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyCancelled"] * 3 + ["Cancelled"]
    assert len(await gateway_refunds(await _paid_by(story))) == 1
    with pytest.raises(AlreadyCancelled):
        await cancel(story.visit_id, by=ADMIN)


async def test_cancelling_what_is_only_held_gives_nothing_back() -> None:
    story = await a_held_visit()

    done = await cancel(story.visit_id, by=_patient(story))

    assert (done.appointment.status, done.refund) == ("cancelled", None)


async def test_a_refund_whose_answer_was_lost_is_asked_again_and_is_one(gateway: httpx.AsyncClient) -> None:
    await _quiet(gateway)
    story = await _a_paid_visit()
    await cancel(story.visit_id, by=_patient(story))
    lost = {"next": 1, "status": 504, "path": "/v1/payments", "method": "POST", "after": True}
    await gateway.post("/sandbox/faults", json={"api": lost})

    asked = await _only_refund()
    with pytest.raises(GatewayDown):
        await send_refund(asked.id)
    await asyncio.gather(*(send_refund(asked.id) for _time in range(3)))

    refunds = await gateway_refunds(await _paid_by(story))
    assert [one["receipt"] for one in refunds] == [asked.idempotency_key]
    assert (await _only_refund()).razorpay_refund_id == refunds[0]["id"]


async def test_a_low_balance_is_tried_again_and_in_the_end_a_person_must_look(
    gateway: httpx.AsyncClient,
) -> None:
    story = await _a_paid_visit()
    await cancel(story.visit_id, by=_patient(story))
    await gateway.post("/sandbox/faults", json={"refunds": {"next": 2, "end": "low_balance"}})
    asked = await _only_refund()

    with pytest.raises(GatewayRefused):
        await send_refund(asked.id)
    assert (await _only_refund()).status == "pending"
    async with it_is(clock.now() + timedelta(days=4)):
        await send_refund(asked.id)

    payment, failed = await story.payment(), await _only_refund()
    assert failed.status == "failed" and "balance" in (failed.failure_reason or "")
    assert (payment.refunding_paise, payment.left_paise) == (0, 50_000)
    assert (await story.events())["REFUND_FAILED"] == 1
    again = await refund(story.visit_id, by=ADMIN)
    assert again.amount_paise == 50_000


async def test_a_refund_that_fails_at_the_bank_can_be_tried_anew(gateway: httpx.AsyncClient) -> None:
    await _quiet(gateway)
    await gateway.post("/sandbox/faults", json={"refunds": {"next": 1, "end": "failed"}})
    story = await _a_paid_visit()
    await cancel(story.visit_id, by=_patient(story))
    await run_jobs()
    await asyncio.sleep(1.2)

    async with it_is(clock.now() + timedelta(minutes=1)):
        await poll_refunds()
    assert (await _only_refund()).status == "failed"
    again = await refund(story.visit_id, by=ADMIN)
    await send_refund(again.id)

    assert len(await gateway_refunds(await _paid_by(story))) == 2
    assert (await story.payment()).refunding_paise == 50_000


async def test_the_poller_sends_what_never_went_out_and_finishes_what_is_pending(
    gateway: httpx.AsyncClient,
) -> None:
    await _quiet(gateway)
    story = await _a_paid_visit()
    await cancel(story.visit_id, by=_patient(story))
    await execute("DELETE FROM pgqueuer")

    async with it_is(clock.now() + timedelta(minutes=1)):
        await asyncio.gather(poll_refunds(), poll_refunds())
    await asyncio.sleep(1.2)
    async with it_is(clock.now() + timedelta(minutes=5)):
        await poll_refunds()

    assert (await story.payment()).status == "refunded"
    assert len(await gateway_refunds(await _paid_by(story))) == 1


async def test_refund_messages_in_any_order_and_number_count_once(
    api: httpx.AsyncClient, gateway: httpx.AsyncClient
) -> None:
    await _quiet(gateway)
    story = await _a_paid_visit()
    await cancel(story.visit_id, by=_patient(story))
    await run_jobs()
    await asyncio.sleep(1.2)
    one = (await gateway_refunds(await _paid_by(story)))[0]
    payment = {**_payment_entity(story, await _paid_by(story)), "amount_refunded": 50_000}

    for name, status in [("processed", "processed"), ("created", "pending"), ("processed", "processed")]:
        body = message(f"refund.{name}", refund={**one, "status": status}, payment=payment)
        assert (await deliver(api, body)).status_code == 200
    await run_jobs()

    assert (await story.state())["sums"] == (50_000, 0, 50_000)
    assert (await story.events())["REFUND_PROCESSED"] == 1


def _payment_entity(story: Story, payment_id: str, **more: object) -> dict[str, object]:
    return {
        "id": payment_id,
        "order_id": story.order_id,
        "amount": 50_000,
        "currency": "INR",
        "status": "refunded",
        "captured": True,
        **more,
    }


async def test_a_refund_of_a_promise_the_gateway_gave_back_itself_is_not_ours(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    payment = _payment_entity(story, "pay_Qa9Zx8Yw7Vu6Ts", status="authorized", captured=False)
    returned = {
        "id": "rfnd_Qb1Cd2Ef3Gh4Ij",
        "payment_id": payment["id"],
        "amount": 50_000,
        "status": "processed",
    }

    await deliver(api, message("refund.processed", refund=returned, payment=payment))
    await run_jobs()

    assert (await story.state())["sums"] == (0, 0, 0)
    assert (await story.visit()).status == "held"
    assert await fetch_value("SELECT count(*) FROM webhook_deliveries WHERE handled_at IS NULL") == 0


async def test_a_refund_made_by_hand_at_the_gateway_enters_the_book(gateway: httpx.AsyncClient) -> None:
    story = await _a_paid_visit()
    paid_by = await _paid_by(story)

    await record_refund(GatewayRefund("rfnd_Qb1Cd2Ef3Gh4Ij", paid_by, 20_000, "processed"), by=GATEWAY)
    with pytest.raises(RefundDoesNotFit):
        await record_refund(GatewayRefund("rfnd_Other00000000", paid_by, 40_000, "processed"), by=GATEWAY)

    assert (await story.payment()).status == "partially_refunded"
    assert (await story.visit()).status == "confirmed"
    done = await cancel(story.visit_id, by=_patient(story))
    assert done.refund is not None and done.refund.amount_paise == 30_000


async def test_an_admin_gives_back_parts_but_never_more_than_was_taken() -> None:
    story = await _a_paid_visit()

    await refund(story.visit_id, amount_paise=20_000, by=ADMIN)
    for amount in (30_001, 99, 0, -5):
        with pytest.raises(Invalid) as refused:
            await refund(story.visit_id, amount_paise=amount, by=ADMIN)
        assert list(refused.value.fields) == ["amount"]
    await refund(story.visit_id, by=ADMIN)
    with pytest.raises(NothingToRefund):
        await refund(story.visit_id, by=ADMIN)

    assert (await story.visit()).status == "confirmed"
    assert (await story.payment()).refunding_paise == 50_000


async def test_many_refunds_at_once_never_pass_what_was_taken() -> None:
    story = await _a_paid_visit()

    answers = await asyncio.gather(
        *(refund(story.visit_id, amount_paise=20_000, by=ADMIN) for _time in range(5)), return_exceptions=True
    )

    assert sum(isinstance(answer, Refund) for answer in answers) == 2
    assert sum(isinstance(answer, Invalid) for answer in answers) == 3
    assert (await story.payment()).refunding_paise == 40_000


async def test_one_refund_told_by_many_at_once_is_processed_once() -> None:
    story = await _a_paid_visit()
    promised = await refund(story.visit_id, by=ADMIN)
    facts = GatewayRefund(
        "rfnd_ToldByMany0001", promised.razorpay_payment_id, 50_000, "processed", promised.idempotency_key
    )

    await asyncio.gather(*(record_refund(facts, by=GATEWAY) for _time in range(10)))

    payment = await story.payment()
    assert (payment.status, payment.refunding_paise, payment.refunded_paise) == ("refunded", 0, 50_000)
    assert (await story.events())["REFUND_PROCESSED"] == 1


async def test_the_database_itself_refuses_to_promise_more_than_was_taken() -> None:
    """The negative control: without our own check the constraint still holds."""
    story = await _a_paid_visit()
    await refund(story.visit_id, by=ADMIN)

    with pytest.raises(asyncpg.CheckViolationError):
        await execute("UPDATE payments SET refunding_paise = refunding_paise + 100")


async def test_nothing_is_given_back_where_nothing_was_paid() -> None:
    story = await a_held_visit()

    with pytest.raises(NothingToRefund):
        await open_refund((await story.payment()).id, why="admin", by=ADMIN)
