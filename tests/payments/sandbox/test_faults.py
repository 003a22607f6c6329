"""Trouble on order at the API, and the control paths' own manners."""

import time

import pytest
import requests
from razorpay.errors import BadRequestError, ServerError

from .conftest import Twin


def test_the_next_calls_fail_and_then_no_more(twin: Twin) -> None:
    twin.fault(api={"next": 2, "status": 503})
    for _ in range(2):
        with pytest.raises(ServerError):
            twin.order()
    assert twin.order()


def test_a_fault_can_name_its_path_and_method(twin: Twin) -> None:
    order_id = twin.order()
    twin.fault(api={"status": 503, "path": "/v1/orders", "method": "POST"})
    assert twin.client.payment.all()["entity"] == "collection"
    assert twin.client.order.fetch(order_id)["id"] == order_id
    with pytest.raises(ServerError):
        twin.order()


def test_an_answer_lost_after_the_work_leaves_the_work_done(twin: Twin) -> None:
    twin.fault(api={"status": 504, "after": True})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        twin.order(receipt="lost-answer")
    assert twin.client.order.all({"receipt": "lost-answer"})["count"] == 1


def test_a_hanging_gateway_does_nothing_for_the_caller_who_left(twin: Twin) -> None:
    twin.fault(api={"hang_ms": 3000})
    began = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        twin.client.order.create({"amount": 100, "currency": "INR", "receipt": "hung"}, timeout=0.2)
    assert time.monotonic() - began < 2
    assert twin.client.order.all({"receipt": "hung"})["count"] == 0


def test_too_many_requests_reach_the_sdk(twin: Twin) -> None:
    twin.fault(api={"status": 429})
    with pytest.raises(BadRequestError, match="Too many requests"):
        twin.order()


def test_checkout_is_spared_unless_named(twin: Twin) -> None:
    twin.fault(api={"status": 503})
    assert twin.call("GET", "/v1/checkout.js").status_code == 200
    twin.fault(clear=True, api={"status": 503, "path": "/v1/checkout.js"})
    assert twin.call("GET", "/v1/checkout.js").status_code == 503


@pytest.mark.parametrize(
    "faults",
    [
        {"webhook": {}},
        {"webhooks": {"lose": True}},
        {"webhooks": {"next": 0}},
        {"webhooks": {"drop": 1}},
        {"api": {"status": 404}},
        {"api": {"hang_ms": -1}},
        {"refunds": {"end": "lost"}},
        {"refunds": 3},
    ],
)
def test_an_unknown_fault_is_refused_and_nothing_changes(twin: Twin, faults: dict[str, object]) -> None:
    before = twin.fault(webhooks={"next": 7, "events": ["never"]})
    assert twin.call("POST", "/sandbox/faults", json={"clear": True, **faults}).status_code == 400
    assert twin.fault() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"order_id": 5},
        {"order_id": "x"},
        {"outcome": "won"},
        {"delay_ms": "1"},
        {"delay_ms": -1},
        {"tip": 1},
    ],
)
def test_a_wrong_control_payment_is_refused(twin: Twin, body: dict[str, object]) -> None:
    answer = twin.call("POST", "/sandbox/pay", json={"order_id": twin.order(), **body} if body else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST_ERROR")


def test_other_sites_and_other_names_are_kept_out(twin: Twin) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert twin.call("POST", "/sandbox/faults", json={}, headers=foreign).status_code == 403
    for host in ("elsewhere.example", "[", ""):
        assert twin.call("GET", "/sandbox/ledger", headers={"Host": host}).status_code in {400, 421}


def test_health_answers_by_both_names(twin: Twin) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for origin in (twin.url, twin.origin):
            answer = session.get(f"{origin}/sandbox/health", timeout=5)
            assert answer.json()["status"] == "ok"
