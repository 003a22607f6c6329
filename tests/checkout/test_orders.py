"""The order at the gateway: one for each payment, whatever gets lost, and never at the price of the hold."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from app import clock
from app.booking.errors import AlreadyBooked, HoldOver, OwnLimit, SlotTaken
from app.booking.queries import get_appointment
from app.checkout.errors import NothingToPay, WayOfPayingNotOffered
from app.checkout.services import ensure_order, handle_webhook, make_order_late, start, try_order
from app.db.engine import execute, fetch_value
from app.errors import NotFound
from app.payments.errors import GatewayDown
from app.payments.queries import payment_of
from tests.checkout.stories import (
    a_held_visit,
    after_the_hold,
    deliver,
    it_is,
    message,
    waiting_jobs,
)
from tests.factories import a_doctor, a_patient, a_person, a_service, a_slot, run_jobs, sandbox_ledger

ORDERS = "/v1/orders"


async def _orders_of(receipt: str) -> list[dict[str, object]]:
    return [order for order in (await sandbox_ledger())["orders"] if order["receipt"] == receipt]


async def test_starting_holds_the_time_and_opens_the_payment_together() -> None:
    doctor, asha = await a_doctor(fee_paise=75_000), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    longer = await a_service(doctor.practice_id, name="Long", fee_paise=120_000, position=1)
    slot = await a_slot(doctor)

    held = await start(
        slot, service_id=longer, person_id=ravi, reason="  Fever ", account=await asha.account()
    )

    payment = await payment_of(held.id)
    assert payment is not None
    assert (held.status, held.person_id, held.reason, held.amount_paise) == ("held", ravi, "Fever", 120_000)
    assert (payment.status, payment.amount_paise, payment.payer_id) == ("due", 120_000, asha.id)
    assert payment.receipt.startswith(held.code) and len(payment.receipt) <= 40


async def test_a_free_visit_is_confirmed_at_once() -> None:
    doctor, asha = await a_doctor(fee_paise=0), await a_patient()

    visit = await start(await a_slot(doctor), account=await asha.account())

    assert (visit.status, visit.token_number) == ("confirmed", 1)
    assert await payment_of(visit.id) is None
    with pytest.raises(AlreadyBooked):
        await ensure_order(visit.id)


async def test_what_cannot_start_leaves_nothing_behind() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot, account = await a_slot(doctor), await asha.account()
    foreign = await a_person(vikram.id)

    with pytest.raises(WayOfPayingNotOffered) as refused:
        await start(slot, pay_with="wallet", account=account)
    with pytest.raises(NotFound):
        await start(slot, person_id=foreign, account=account)
    with pytest.raises(NotFound):
        await start(slot, service_id=(await a_doctor("Dr Arjun")).service_id, account=account)

    assert list(refused.value.fields) == ["pay_with"]
    assert await fetch_value("SELECT count(*) FROM appointments") == 0


async def test_a_taken_time_is_refused_and_opens_no_payment() -> None:
    story = await a_held_visit()

    with pytest.raises(SlotTaken):
        await start(story.slot_id, account=await (await a_patient("Vikram")).account())
    with pytest.raises(OwnLimit):
        await start(story.slot_id, account=await story.patient.account())

    assert await fetch_value("SELECT count(*) FROM payments") == 1


async def test_the_order_is_made_from_our_own_row() -> None:
    story = await a_held_visit()

    orders = await _orders_of((await story.payment()).receipt)

    assert [(o["id"], o["amount"], o["currency"]) for o in orders] == [(story.order_id, 50_000, "INR")]
    assert orders[0]["notes"] == {"visit": story.code}
    assert (await story.payment()).status == "created"


async def test_asking_again_gives_the_same_order() -> None:
    story = await a_held_visit()

    again = await ensure_order(story.visit_id)

    assert again.razorpay_order_id == story.order_id


async def test_five_at_once_make_one_order() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())

    payments = await asyncio.gather(*(ensure_order(held.id) for _tap in range(5)))

    assert len({payment.razorpay_order_id for payment in payments}) == 1
    assert len(await _orders_of(payments[0].receipt)) == 1


@pytest.mark.parametrize("status", [500, 502, 429])
async def test_a_gateway_that_is_down_leaves_the_hold_and_the_next_try_works(
    gateway: httpx.AsyncClient, status: int
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": status, "path": ORDERS}})

    with pytest.raises(GatewayDown):
        await ensure_order(held.id)
    assert (await get_appointment(held.id)).status == "held"

    payment = await try_order(held.id)
    assert payment is not None and len(await _orders_of(payment.receipt)) == 1


async def test_an_order_whose_answer_was_lost_is_found_not_made_again(gateway: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())
    lost = {"next": 1, "status": 504, "path": ORDERS, "method": "POST", "after": True}
    await gateway.post("/sandbox/faults", json={"api": lost})
    assert await try_order(held.id) is None

    payment = await ensure_order(held.id)

    assert [o["id"] for o in await _orders_of(payment.receipt)] == [payment.razorpay_order_id]
    assert payment.order_tries == 2


async def test_a_job_makes_the_order_once_the_gateway_is_back(gateway: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())
    await gateway.post("/sandbox/faults", json={"api": {"next": 2, "status": 503, "path": ORDERS}})
    assert await try_order(held.id) is None
    assert await try_order(held.id) is None
    assert await waiting_jobs("checkout.make_order") == 1

    await run_jobs()

    payment = await payment_of(held.id)
    assert payment is not None and payment.razorpay_order_id is not None
    assert len(await _orders_of(payment.receipt)) == 1


async def test_the_job_ends_with_the_hold(gateway: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": 503, "path": ORDERS}})
    assert await try_order(held.id) is None
    assert held.hold_expires_at is not None

    async with it_is(held.hold_expires_at):
        await make_order_late(held.id)

    payment = await payment_of(held.id)
    assert payment is not None and payment.razorpay_order_id is None
    assert await _orders_of(payment.receipt) == []


async def test_a_claim_of_a_dead_process_is_taken_over() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await start(await a_slot(doctor), account=await asha.account())
    long_ago = clock.now() - timedelta(seconds=31)
    await execute("UPDATE payments SET order_claimed_at = $1, order_tries = 1", long_ago)

    assert (await ensure_order(held.id)).razorpay_order_id is not None


async def test_no_order_is_made_once_the_hold_is_over() -> None:
    story = await a_held_visit()

    async with it_is(await after_the_hold(story)):
        with pytest.raises(HoldOver):
            await ensure_order(story.visit_id)


async def test_a_hold_without_a_payment_has_no_order() -> None:
    story = await a_held_visit()
    await execute("UPDATE payments SET appointment_id = $1", (await _another_visit()))

    with pytest.raises(NothingToPay):
        await ensure_order(story.visit_id)


async def _another_visit() -> object:
    other = await start(
        await a_slot(await a_doctor("Dr Arjun", fee_paise=0)),
        account=await (await a_patient("Vikram")).account(),
    )
    return other.id


async def test_a_message_about_an_order_not_known_yet_waits_for_it(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    payment = {
        "id": "pay_Qa9Zx8Yw7Vu6Ts",
        "order_id": story.order_id,
        "amount": 50_000,
        "currency": "INR",
        "status": "captured",
        "captured": True,
    }
    await execute("UPDATE payments SET razorpay_order_id = NULL, status = 'due'")
    assert (
        await deliver(api, message("payment.captured", payment=payment), event_id="early")
    ).status_code == 200
    await handle_webhook("early")
    assert await fetch_value("SELECT handled_at FROM webhook_deliveries") is None
    assert (await story.visit()).status == "held"

    assert (await ensure_order(story.visit_id)).razorpay_order_id == story.order_id
    await run_jobs()

    assert (await story.visit()).status == "confirmed"
    assert await fetch_value("SELECT handled_at FROM webhook_deliveries") is not None
