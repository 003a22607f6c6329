"""Money and visit meet in one transition: whoever tells us, however often, in whatever order."""

import asyncio
from itertools import permutations

import asyncpg
import httpx
import pytest

from app.booking.services import cancel as cancel_visit
from app.booking.services import expire
from app.checkout.services import capture, handle_webhook, poll, settle, start, take_return
from app.events.actor import GATEWAY, Actor
from app.payments.errors import NotTheGateways, OrderUnknown
from app.payments.facts import GatewayPayment, GatewayRefund
from app.payments.services import record_refund, sync_refunds
from tests.checkout.stories import (
    Story,
    a_held_visit,
    after_the_hold,
    captured_message,
    deliver,
    deliveries,
    entity,
    gateway_refunds,
    it_is,
    message,
    pay,
)
from tests.factories import a_doctor, a_patient, run_jobs

CLEAN = {"visit": "confirmed", "payment": "captured", "sums": (50_000, 0, 0), "refunds": 0, "is_final": True}


def _money(story: Story, payment_id: str = "pay_Qa9Zx8Yw7Vu6Ts", **more: object) -> GatewayPayment:
    facts: dict[str, object] = {
        "id": payment_id,
        "order_id": story.order_id,
        "amount_paise": 50_000,
        "currency": "INR",
        "status": "captured",
        "was_captured": True,
    }
    return GatewayPayment(**{**facts, **more})  # type: ignore[arg-type]


async def _come_back(story: Story, fields: dict[str, str]) -> str:
    return await take_return(
        fields["razorpay_order_id"], fields["razorpay_payment_id"], fields["razorpay_signature"]
    )


def _is_clean(state: dict[str, object]) -> bool:
    return CLEAN.items() <= state.items()


async def test_the_browsers_return_confirms_the_visit() -> None:
    story = await a_held_visit()
    fields = await pay(story)

    code = await _come_back(story, fields)

    assert code == story.code
    state = await story.state()
    assert _is_clean(state) and state["token"] == 1 and state["paid_by"] == fields["razorpay_payment_id"]


async def test_a_webhook_alone_confirms_the_visit(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    fields = await pay(story)

    answer = await deliver(api, await captured_message(fields["razorpay_payment_id"]))
    await run_jobs()

    assert answer.status_code == 200
    assert _is_clean(await story.state())


@pytest.mark.parametrize("first", ["webhook", "return", "both at once"])
async def test_webhook_and_return_are_one_payment(api: httpx.AsyncClient, first: str) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    body = await captured_message(fields["razorpay_payment_id"])

    async def webhook() -> None:
        assert (await deliver(api, body)).status_code == 200
        await run_jobs()

    if first == "webhook":
        await webhook()
        await _come_back(story, fields)
    elif first == "return":
        await _come_back(story, fields)
        await webhook()
    else:
        await asyncio.gather(webhook(), _come_back(story, fields))

    state, events = await story.state(), await story.events()
    assert _is_clean(state) and state["token"] == 1
    assert events["PAYMENT_SUCCEEDED"] == events["APPOINTMENT_BOOKED"] == 1


async def test_settling_twenty_times_at_once_is_settling_once() -> None:
    story = await a_held_visit()
    facts = _money(story)

    await asyncio.gather(*(settle(story.order_id, facts, by=GATEWAY) for _time in range(20)))

    assert _is_clean(await story.state())
    assert (await story.events())["PAYMENT_SUCCEEDED"] == 1


async def test_without_the_key_of_captures_the_same_money_counts_twice(owner: asyncpg.Connection) -> None:
    """The negative control of the test above."""
    story = await a_held_visit()
    await owner.execute("ALTER TABLE captures DROP CONSTRAINT captures_pkey CASCADE")
    try:
        for _time in range(2):
            await settle(story.order_id, _money(story), by=GATEWAY)

        assert (await story.payment()).captured_paise == 100_000
        assert (await story.events())["PAYMENT_UNEXPECTED"] == 1
    finally:
        await owner.execute("DELETE FROM pgqueuer")
        await owner.execute(
            """
            SET session_replication_role = replica; DELETE FROM refunds; DELETE FROM captures;
            SET session_replication_role = origin;
            ALTER TABLE captures ADD CONSTRAINT captures_pkey PRIMARY KEY (razorpay_payment_id);
            ALTER TABLE refunds ADD CONSTRAINT refunds_razorpay_payment_id_fkey
                FOREIGN KEY (razorpay_payment_id) REFERENCES captures (razorpay_payment_id);
            UPDATE payments SET captured_paise = 50000, refunding_paise = 0;
            SET session_replication_role = replica;
            """
        )


async def test_the_same_message_a_hundred_times_is_kept_and_done_once(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    body = await captured_message(fields["razorpay_payment_id"])

    answers = [await deliver(api, body, event_id="Qa1Bc2De3Fg4Hi") for _time in range(100)]
    await run_jobs()

    assert {answer.status_code for answer in answers} == {200}
    assert await deliveries() == 1
    assert _is_clean(await story.state())


async def test_every_order_of_the_four_messages_ends_alike(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    model = await a_held_visit(doctor=doctor, at="07:00")
    told, paid_by = await _failed_authorized_captured_paid(model)
    for number, order in enumerate(permutations(range(4))):
        story = await a_held_visit(doctor=doctor, at=f"{8 + number // 2:02}:{number % 2 * 30:02}")
        for place in order:
            body = told[place].replace(model.order_id, story.order_id).replace(paid_by, f"pay_{story.code}")
            event_id = f"{story.code}-{place}"
            assert (await deliver(api, body.encode(), event_id=event_id)).status_code == 200
            await handle_webhook(event_id)

        events = await story.events()
        assert _is_clean(await story.state()), order
        assert events["PAYMENT_SUCCEEDED"] == events["APPOINTMENT_BOOKED"] == 1, order


async def _failed_authorized_captured_paid(story: Story) -> tuple[list[str], str]:
    """One payment that failed, was granted late by the bank, then captured: the message after each step."""
    told = []
    payment_id = (await pay(story, "failed"))["razorpay_payment_id"]
    for event in ("payment.failed", "payment.authorized", "payment.captured"):
        if event != "payment.failed":
            await pay(story, event.removeprefix("payment."), payment_id=payment_id)
        told.append(message(event, payment=await entity("payments", payment_id)))
    paid = await entity("orders", story.order_id)
    told.append(message("order.paid", payment=await entity("payments", payment_id), order=paid))
    return [body.decode() for body in told], payment_id


async def test_a_failed_try_leaves_the_hold_and_a_second_try_pays() -> None:
    story = await a_held_visit()
    failed = await pay(story, "failed", reason="payment_cancelled")
    await settle(
        story.order_id,
        _money(story, failed["razorpay_payment_id"], status="failed", was_captured=False, error_reason="x"),
        by=GATEWAY,
    )
    assert (await story.state())["payment"] == "failed" and (await story.visit()).status == "held"

    fields = await pay(story)
    await _come_back(story, fields)

    assert _is_clean(await story.state())
    assert (await story.payment()).failure_reason is None


async def test_an_authorized_payment_is_captured_by_a_job() -> None:
    story = await a_held_visit()
    fields = await pay(story, "authorized")

    await _come_back(story, fields)
    assert (await story.state())["payment"] == "authorized" and (await story.visit()).status == "held"
    await run_jobs()

    assert _is_clean(await story.state())
    assert (await entity("payments", fields["razorpay_payment_id"]))["captured"] is True


async def test_capturing_what_was_captured_already_looks_again() -> None:
    story = await a_held_visit()
    fields = await pay(story, "authorized")
    await _come_back(story, fields)
    await pay(story, "captured", payment_id=fields["razorpay_payment_id"])

    await capture(story.order_id, fields["razorpay_payment_id"])
    await run_jobs()

    assert _is_clean(await story.state())


async def test_a_forged_return_changes_nothing() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    other = await a_held_visit(at="11:00")

    for wrong in ("0" * 64, "", "ü", fields["razorpay_signature"].upper()):
        with pytest.raises(NotTheGateways):
            await take_return(story.order_id, fields["razorpay_payment_id"], wrong)
    with pytest.raises(NotTheGateways):
        await take_return(other.order_id, fields["razorpay_payment_id"], fields["razorpay_signature"])
    with pytest.raises(OrderUnknown):
        await take_return("order_" + "x" * 14, fields["razorpay_payment_id"], fields["razorpay_signature"])

    assert (await story.visit()).status == (await other.visit()).status == "held"
    assert (await story.payment()).status == "created"


async def test_a_return_with_somebody_elses_order_is_unknown() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    vikram = await a_patient("Vikram")

    with pytest.raises(OrderUnknown):
        await take_return(
            story.order_id,
            fields["razorpay_payment_id"],
            fields["razorpay_signature"],
            payer_id=vikram.id,
        )

    assert (await story.visit()).status == "held"


async def test_a_return_while_the_gateway_is_down_leaves_it_to_the_poller(gateway: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": 502, "path": "/v1/payments"}})

    assert await _come_back(story, fields) == story.code
    assert (await story.visit()).status == "held"
    await poll()

    assert _is_clean(await story.state())


async def test_money_after_the_hold_seats_again_where_the_time_is_free() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    async with it_is(await after_the_hold(story)):
        await expire(story.visit_id, by=GATEWAY)
        await _come_back(story, fields)

    assert _is_clean(await story.state())


async def test_money_for_a_lapsed_hold_nobody_took_confirms_it() -> None:
    story = await a_held_visit()
    fields = await pay(story)

    async with it_is(await after_the_hold(story)):
        await _come_back(story, fields)

    assert _is_clean(await story.state())
    assert (await story.events())["APPOINTMENT_EXPIRED"] == 0


async def test_money_for_a_time_that_was_taken_meanwhile_goes_back_in_full() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    async with it_is(await after_the_hold(story)):
        rival = await start(story.slot_id, account=await (await a_patient("Vikram")).account())

        await _come_back(story, fields)
        await run_jobs()
        await asyncio.sleep(1.2)
        await sync_refunds(fields["razorpay_payment_id"])

    state, events = await story.state(), await story.events()
    assert rival.status == "held"
    assert (state["visit"], state["payment"], state["sums"]) == ("expired", "refunded", (50_000, 0, 50_000))
    assert events["REFUND_ASKED"] == events["REFUND_PROCESSED"] == 1
    assert [one["amount"] for one in await gateway_refunds(fields["razorpay_payment_id"])] == [50_000]


async def test_money_that_comes_after_the_visits_time_goes_back() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    visit = await story.visit()
    assert visit.starts_at is not None

    async with it_is(visit.starts_at):
        await _come_back(story, fields)

    state = await story.state()
    assert (state["visit"], state["sums"], state["refunds"]) == ("expired", (50_000, 50_000, 0), 1)


async def test_money_for_a_cancelled_visit_goes_back() -> None:
    story = await a_held_visit()
    fields = await pay(story)
    await cancel_visit(story.visit_id, by=Actor(story.patient.id, "patient"))

    await _come_back(story, fields)

    state = await story.state()
    assert (state["visit"], state["sums"], state["refunds"]) == ("cancelled", (50_000, 50_000, 0), 1)


@pytest.mark.parametrize(
    "wrong",
    [{"amount_paise": 49_900}, {"amount_paise": 50_001}, {"currency": "USD"}, {"refunded_paise": 10_000}],
)
async def test_money_that_is_not_what_was_asked_for_never_seats_and_goes_back(
    wrong: dict[str, object],
) -> None:
    story = await a_held_visit()
    facts = _money(story, **wrong)

    for _time in range(3):
        await settle(story.order_id, facts, by=GATEWAY)

    payment, events = await story.payment(), await story.events()
    assert (await story.visit()).status == "expired"
    assert payment.captured_paise == facts.amount_paise
    assert payment.refunding_paise == facts.amount_paise - facts.refunded_paise
    assert events["PAYMENT_UNEXPECTED"] == events["REFUND_ASKED"] == 1
    assert "PAYMENT_SUCCEEDED" not in events
    if facts.refunded_paise:
        made_by_hand = GatewayRefund("rfnd_Qb1Cd2Ef3Gh4Ij", facts.id, 10_000, "processed")
        await record_refund(made_by_hand, by=GATEWAY)
        assert (await story.payment()).left_paise == 0


async def test_a_second_payment_of_a_settled_order_goes_back_and_the_visit_stays() -> None:
    story = await a_held_visit()
    await settle(story.order_id, _money(story), by=GATEWAY)

    await settle(story.order_id, _money(story, "pay_Second00000000"), by=GATEWAY)

    state = await story.state()
    assert (state["visit"], state["sums"]) == ("confirmed", (100_000, 50_000, 0))
    assert state["paid_by"] == "pay_Qa9Zx8Yw7Vu6Ts"


async def test_a_promise_the_gateway_took_back_itself_is_no_payment() -> None:
    story = await a_held_visit()
    promised = _money(story, status="authorized", was_captured=False)
    await settle(story.order_id, promised, by=GATEWAY)

    await settle(story.order_id, _money(story, status="refunded", was_captured=False), by=GATEWAY)

    payment = await story.payment()
    assert (payment.status, payment.failure_reason, payment.captured_paise) == (
        "failed",
        "returned_uncaptured",
        0,
    )
    assert (await story.visit()).status == "held"
    assert (await story.events())["PAYMENT_FAILED"] == 1


async def test_a_payment_of_another_order_is_refused() -> None:
    story, other = await a_held_visit(), await a_held_visit(at="11:00")

    with pytest.raises(NotTheGateways):
        await settle(story.order_id, _money(other), by=GATEWAY)

    assert (await story.payment()).status == "created"
