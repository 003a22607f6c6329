"""The gateway's signed messages: forged ones leave no trace, honest ones are never lost."""

import asyncio
import json

import httpx
import pytest

from app.db.engine import fetch, fetch_value
from tests.checkout.stories import (
    WEBHOOK,
    a_held_visit,
    captured_message,
    deliver,
    deliveries,
    message,
    pay,
    signature_of,
    waiting_jobs,
)
from tests.factories import run_jobs, sandbox_ledger


async def test_a_message_without_a_good_signature_writes_nothing(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    body = await captured_message((await pay(story))["razorpay_payment_id"])
    good = signature_of(body)
    wrong = [
        "",
        "0" * 64,
        good[:-1],
        good.upper(),
        signature_of(body + b" "),
        signature_of(body, secret="tests-gateway-secret-0001"),
        signature_of(json.dumps(json.loads(body)).encode()),
    ]

    answers = [await deliver(api, body, signature=one) for one in wrong]
    answers.append(await api.post(WEBHOOK, content=body))
    answers.append(await api.post(WEBHOOK, content=body, headers={"X-Razorpay-Signature": b"\xfc\xff" * 32}))

    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].headers["content-type"].startswith("application/problem+json")
    assert await deliveries() == 0 and await waiting_jobs("checkout.handle_webhook") == 0
    assert (await story.visit()).status == "held"


async def test_a_body_that_is_no_text_is_refused_however_it_is_signed(api: httpx.AsyncClient) -> None:
    body = b"\xff\xfe{}"

    answer = await deliver(api, body)

    assert answer.status_code == 401 and await deliveries() == 0


async def test_an_event_id_is_remembered_only_after_its_signature_held(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    body = await captured_message((await pay(story))["razorpay_payment_id"])

    forged = await deliver(api, body, event_id="one", signature="0" * 64)
    honest = await deliver(api, body, event_id="one")
    await run_jobs()

    assert (forged.status_code, honest.status_code) == (401, 200)
    assert (await story.visit()).status == "confirmed"


async def test_without_an_event_id_the_body_itself_is_remembered(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    body = await captured_message((await pay(story))["razorpay_payment_id"])
    headers = {"X-Razorpay-Signature": signature_of(body)}

    for _time in range(2):
        assert (await api.post(WEBHOOK, content=body, headers=headers)).status_code == 200
    assert (await deliver(api, body, event_id="x" * 200)).status_code == 200

    assert await deliveries() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not json",
        b'{"event": 5}',
        b'{"event": "payment.captured"}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"order_id": null}}}}',
        b'{"event": "refund.processed", "payload": []}',
        b'{"event": "payment.dispute.created", "payload": {"payment": {"entity": {"order_id": "order_x"}}}}',
        b'{"event": "payment.downtime.started", "note": "\\u0000 \\ud800"}',
        b"[" * 60_000,
    ],
)
async def test_a_signed_message_without_meaning_for_us_is_kept_and_done_with(
    api: httpx.AsyncClient, body: bytes
) -> None:
    answer = await deliver(api, body)
    await run_jobs()

    assert answer.status_code == 200
    assert await fetch_value("SELECT count(*) FROM webhook_deliveries WHERE handled_at IS NOT NULL") == 1


async def test_a_message_about_a_foreign_order_stays_kept(api: httpx.AsyncClient) -> None:
    foreign = {
        "id": "pay_Foreign0000000",
        "order_id": "order_Foreign000000",
        "amount": 100,
        "currency": "INR",
        "status": "captured",
    }

    answer = await deliver(api, message("order.paid", payment=foreign))
    await run_jobs()

    rows = await fetch("SELECT razorpay_order_id, handled_at FROM webhook_deliveries")
    assert answer.status_code == 200
    assert [tuple(row) for row in rows] == [("order_Foreign000000", None)]


async def test_the_gateways_own_webhook_confirms_the_visit(gateway: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    answer = await gateway.post("/sandbox/pay", json={"order_id": story.order_id, "outcome": "captured"})
    payment_id = answer.json()["razorpay_payment_id"]

    for _look in range(100):
        if await deliveries() >= 3:
            break
        await asyncio.sleep(0.05)
    await run_jobs()

    assert (await story.visit()).status == "confirmed"
    sent = [hook for hook in (await sandbox_ledger())["webhooks"] if payment_id in str(hook["body"])]
    assert {hook["state"] for hook in sent} == {"delivered"}
