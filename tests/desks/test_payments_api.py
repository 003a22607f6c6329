"""Booking and paying as another program does it: statuses, owners, and one answer for one key."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.checkout.services import take_return
from app.db.engine import execute, fetch_value
from tests.checkout.stories import Story, a_held_visit, pay
from tests.factories import (
    Cast,
    a_doctor,
    a_patient,
    a_receptionist,
    a_slot,
    an_admin,
    paid_at_gateway,
    sandbox_ledger,
    token_of,
)

BOOK = "/api/appointments/book"


async def _call(
    api: httpx.AsyncClient, who: Cast | None, path: str, body: object, *, key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    if who is not None:
        headers["Authorization"] = f"Bearer {await token_of(who)}"
    return await api.post(path, json=body, headers=headers)


async def _book(api: httpx.AsyncClient, who: Cast | None, slot: UUID, **more: object) -> httpx.Response:
    key = more.pop("key", None)
    return await _call(api, who, BOOK, {"slot_id": str(slot), **more}, key=key)  # type: ignore[arg-type]


def _problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["type"]


async def _a_paid_story() -> Story:
    story = await a_held_visit()
    fields = await pay(story)
    await take_return(story.order_id, fields["razorpay_payment_id"], fields["razorpay_signature"])
    return story


async def test_booking_holds_the_time_and_answers_with_the_order(api: httpx.AsyncClient) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())

    answer = await _book(api, asha, slot, pay_with="razorpay", reason="Fever")

    body = answer.json()
    assert answer.status_code == 201, answer.text
    assert body["appointment"]["status"] == "held"
    assert body["appointment"]["starts_at"].endswith("10:00:00+05:30")
    assert body["order"]["amount"] == 50_000 and body["order"]["currency"] == "INR"
    assert body["order"]["id"] == body["appointment"]["payment"]["razorpay_order_id"]
    assert body["order"]["key_id"].startswith("rzp_test_")


async def test_the_whole_way_over_the_api(api: httpx.AsyncClient) -> None:
    asha = await a_patient()
    booked = (await _book(api, asha, await a_slot(await a_doctor()))).json()
    fields = await paid_at_gateway(booked["order"]["id"])
    returned = {name: value for name, value in fields.items() if name.startswith("razorpay_")}

    answer = await _call(api, asha, "/api/payment/verify", returned)

    visit = answer.json()["appointment"]
    assert answer.status_code == 200
    assert (visit["status"], visit["token_number"], visit["payment"]["status"]) == (
        "confirmed",
        1,
        "captured",
    )


async def test_booking_while_the_gateway_is_down_keeps_the_hold(
    api: httpx.AsyncClient, gateway: httpx.AsyncClient
) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": 503, "path": "/v1/orders"}})

    booked = await _book(api, asha, slot)
    made = await _call(
        api, asha, "/api/payment/create-order", {"appointment_id": booked.json()["appointment"]["id"]}
    )

    assert booked.status_code == 201 and "order" not in booked.json()
    assert made.status_code == 200 and made.json()["order"]["id"].startswith("order_")


async def test_a_taken_time_answers_with_three_others(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    for at in ("10:30", "11:00", "11:30", "12:00"):
        await a_slot(story.doctor, at=at)

    answer = await _book(api, await a_patient("Vikram"), story.slot_id)

    assert _problem(answer) == (409, "/problems/slot-taken")
    assert len(answer.json()["free"]) == 3
    assert answer.json()["free"][0]["starts_at"].endswith("+05:30")
    assert {slot["state"] for slot in answer.json()["free"]} == {"free"}


async def test_who_may_not_book(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)

    assert (await _book(api, None, slot)).status_code == 401
    assert (await _book(api, doctor, slot)).status_code == 403
    assert _problem(await _book(api, await a_patient(verified=False), slot)) == (
        403,
        "/problems/email-not-confirmed",
    )


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, None),
        ({"slot_id": "x"}, 422, None),
        ({"slot_id": str(uuid4())}, 404, None),
        ({"pay_with": "wallet"}, 422, "pay_with"),
        ({"pay_with": "cash"}, 422, "pay_with"),
        ({"pay_with": 5}, 422, None),
        ({"reason": "x" * 501}, 422, "reason"),
        ({"person_id": str(uuid4())}, 404, None),
        ({"service_id": str(uuid4())}, 404, None),
        ({"amount": 1, "status": "confirmed", "reason": "the amount is never taken from outside"}, 201, None),
    ],
)
async def test_what_booking_makes_of_odd_requests(
    api: httpx.AsyncClient, body: dict[str, Any], status: int, field: str | None
) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())
    sent = {"slot_id": str(slot), **body} if body else {}

    answer = await _call(api, asha, BOOK, sent)

    assert answer.status_code == status, answer.text
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    if status == 201:
        assert answer.json()["order"]["amount"] == 50_000
    else:
        assert await fetch_value("SELECT count(*) FROM appointments") == 0


async def test_the_same_key_gives_the_same_answer_and_one_visit(api: httpx.AsyncClient) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())

    first = await _book(api, asha, slot, key="k-1")
    again = await _book(api, asha, slot, key="k-1")

    assert (first.status_code, first.content) == (201, again.content)
    assert again.status_code == 201
    assert await fetch_value("SELECT count(*) FROM appointments") == 1
    assert len([o for o in (await sandbox_ledger())["orders"] if o["id"] == first.json()["order"]["id"]]) == 1


async def test_a_key_is_bound_to_its_request_and_its_user(api: httpx.AsyncClient) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    ten, eleven = await a_slot(doctor), await a_slot(doctor, at="11:00")
    await _book(api, asha, ten, key="k-1")

    assert _problem(await _book(api, asha, eleven, key="k-1")) == (409, "/problems/idempotency-key-used")
    assert (await _book(api, vikram, eleven, key="k-1")).status_code == 201


async def test_five_at_once_with_one_key_make_one_visit(api: httpx.AsyncClient) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())
    headers = {"Authorization": f"Bearer {await token_of(asha)}", "Idempotency-Key": "k-1"}

    answers = await asyncio.gather(
        *(api.post(BOOK, json={"slot_id": str(slot)}, headers=headers) for _tap in range(5))
    )

    made = [answer for answer in answers if answer.status_code == 201]
    others = {_problem(answer) for answer in answers if answer.status_code != 201}
    assert len({answer.content for answer in made}) == 1
    assert others <= {(409, "/problems/still-running")}
    assert await fetch_value("SELECT count(*) FROM appointments") == 1


async def test_a_refusal_is_not_kept_so_the_key_can_be_tried_again(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    vikram = await a_patient("Vikram")
    assert (await _book(api, vikram, story.slot_id, key="k-1")).status_code == 409

    await execute("UPDATE appointments SET status = 'cancelled'")

    assert (await _book(api, vikram, story.slot_id, key="k-1")).status_code == 201


async def test_a_key_left_by_a_dead_process_is_taken_over_after_a_minute(api: httpx.AsyncClient) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())
    await _book(api, asha, slot, key="k-1")
    await execute("UPDATE idempotency_keys SET status = NULL, body = NULL")
    await execute("UPDATE appointments SET status = 'cancelled'")
    assert _problem(await _book(api, asha, slot, key="k-1")) == (409, "/problems/still-running")

    await execute("UPDATE idempotency_keys SET created_at = created_at - interval '61 seconds'")

    assert (await _book(api, asha, slot, key="k-1")).status_code == 201


async def test_a_key_is_forgotten_after_a_day(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await _book(api, asha, await a_slot(doctor), key="k-1")
    await execute("UPDATE idempotency_keys SET created_at = created_at - interval '24 hours'")

    assert (await _book(api, asha, await a_slot(doctor, at="11:00"), key="k-1")).status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, b"caf\xe9"])
async def test_a_key_that_is_no_key_is_refused(api: httpx.AsyncClient, key: str | bytes) -> None:
    asha, slot = await a_patient(), await a_slot(await a_doctor())

    headers = {"Authorization": f"Bearer {await token_of(asha)}".encode(), "Idempotency-Key": key}
    answer = await api.post(BOOK, json={"slot_id": str(slot)}, headers=headers)  # type: ignore[arg-type]

    assert _problem(answer) == (422, "/problems/invalid")


async def test_create_order_gives_the_same_order_to_its_owner_alone(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    body = {"appointment_id": str(story.visit_id)}
    path = "/api/payment/create-order"

    answers = [await _call(api, story.patient, path, body) for _time in range(2)]

    assert [answer.json()["order"]["id"] for answer in answers] == [story.order_id] * 2
    assert (await _call(api, await a_patient("Vikram"), path, body)).status_code == 404
    assert (await _call(api, story.doctor, path, body)).status_code == 403
    assert (await _call(api, None, path, body)).status_code == 401
    await execute("UPDATE appointments SET status = 'cancelled'")
    assert (await _call(api, story.patient, path, body)).status_code == 409


async def test_verify_believes_only_the_gateways_signature_and_only_the_owner(api: httpx.AsyncClient) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    returned = {name: value for name, value in fields.items() if name.startswith("razorpay_")}
    path = "/api/payment/verify"

    forged = await _call(api, story.patient, path, {**returned, "razorpay_signature": "0" * 64})
    stranger = await _call(api, await a_patient("Vikram"), path, returned)
    nobody = await _call(api, None, path, returned)

    assert _problem(forged) == (422, "/problems/payment-not-confirmed")
    assert [one["field"] for one in forged.json()["errors"]] == ["razorpay_signature"]
    assert (stranger.status_code, nobody.status_code) == (404, 401)
    assert (await story.visit()).status == "held"
    twice = [await _call(api, story.patient, path, returned) for _time in range(2)]
    assert [answer.json()["appointment"]["status"] for answer in twice] == ["confirmed"] * 2


async def test_a_refund_is_an_admins_decision_and_counts_once_for_a_key(api: httpx.AsyncClient) -> None:
    story, admin = await _a_paid_story(), await an_admin()
    path, body = "/api/payment/refund", {"appointment_id": str(story.visit_id), "amount": 20_000}

    for who in (story.patient, story.doctor, await a_receptionist(story.doctor.clinic_id)):
        assert (await _call(api, who, path, body)).status_code == 403
    first = await _call(api, admin, path, body, key="r-1")
    again = await _call(api, admin, path, body, key="r-1")
    too_much = await _call(api, admin, path, {**body, "amount": 30_001})
    unknown = await _call(api, admin, path, {"appointment_id": str(uuid4())})

    assert first.status_code == 200 and first.content == again.content
    assert first.json()["refund"]["amount"] == 20_000
    assert [error["field"] for error in too_much.json()["errors"]] == ["amount"]
    assert unknown.status_code == 404
    assert (await story.payment()).refunding_paise == 20_000
    rest = await _call(api, admin, path, {"appointment_id": str(story.visit_id)})
    assert rest.json()["refund"]["amount"] == 30_000
    assert _problem(await _call(api, admin, path, {"appointment_id": str(story.visit_id)})) == (
        409,
        "/problems/nothing-to-refund",
    )
