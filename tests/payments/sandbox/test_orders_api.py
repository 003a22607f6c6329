"""Orders, authentication and the error envelope, through the real SDK."""

import re
from typing import Any

import pytest
import razorpay
from razorpay.errors import BadRequestError, ServerError

from .conftest import KEY_ID, KEY_SECRET, Twin

ORDER_KEYS = [
    "id", "entity", "amount", "amount_paid", "amount_due", "currency", "receipt", "offer_id", "status",
    "attempts", "notes", "created_at",
]  # fmt: skip


def test_a_new_order_has_razorpays_shape(twin: Twin) -> None:
    order = twin.client.order.create(
        {"amount": 75000, "currency": "INR", "receipt": "bk-1", "notes": {"booking": "123"}}
    )

    assert list(order) == ORDER_KEYS
    assert re.fullmatch(r"order_[A-Za-z0-9]{14}", order["id"])
    assert (order["status"], order["attempts"], order["amount_due"]) == ("created", 0, 75000)
    assert order["notes"] == {"booking": "123"}
    assert twin.client.order.fetch(order["id"]) == order


def test_empty_notes_come_back_as_a_list(twin: Twin) -> None:
    assert twin.client.order.fetch(twin.order(notes={}))["notes"] == []


@pytest.mark.parametrize(
    ("changes", "sentence", "reason"),
    [
        ({"amount": 99}, "Order amount less than minimum amount allowed", "amount_less_than_minimum_amount"),
        ({"amount": 100.5}, "The amount must be an integer.", "input_validation_failed"),
        ({"amount": "75000"}, "The amount must be an integer.", "input_validation_failed"),
        ({"amount": True}, "The amount must be an integer.", "input_validation_failed"),
        ({"amount": None}, "The amount must be an integer.", "input_validation_failed"),
        ({"currency": 5}, "expected string but provided 5", "input_validation_failed"),
        ({"currency": "XYZ"}, "Currency is not supported", "input_validation_failed"),
        ({"receipt": "r" * 41}, "receipt: the length must be no more than 40.", "input_validation_failed"),
        ({"price": 1}, "price is/are not required and should not be sent", "extra_field_sent"),
        ({"notes": "x"}, "notes: must be an object of key-value pairs.", "input_validation_failed"),
        (
            {"notes": {str(n): "x" for n in range(16)}},
            "Number of fields in notes should be less than or equal to 15",
            "input_validation_failed",
        ),
        (
            {"notes": {"a": "x" * 257}},
            "notes: the length must be no more than 256.",
            "input_validation_failed",
        ),
        (
            {"payment": {"capture": "never"}},
            "payment.capture: must be automatic or manual.",
            "input_validation_failed",
        ),
    ],
)
def test_an_order_out_of_bounds_is_refused(
    twin: Twin, changes: dict[str, Any], sentence: str, reason: str
) -> None:
    answer = twin.call("POST", "/v1/orders", json={"amount": 75000, "currency": "INR", **changes})

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["description"], error["reason"]) == ("BAD_REQUEST_ERROR", sentence, reason)
    assert {"source", "step", "metadata"} <= error.keys()


def test_the_bounds_themselves_are_accepted(twin: Twin) -> None:
    notes = {str(n): "x" * 256 for n in range(15)}
    order = twin.client.order.create(
        {"amount": 100, "currency": "INR", "receipt": "r" * 40, "notes": notes, "partial_payment": False}
    )
    assert order["notes"] == notes


def test_an_absent_amount_is_named(twin: Twin) -> None:
    with pytest.raises(BadRequestError, match=r"^amount: is required\.$"):
        twin.client.order.create({"currency": "INR"})


@pytest.mark.parametrize("raw", [b"{", b"100", b'{"amount": NaN}', b'{"receipt": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(twin: Twin, raw: bytes) -> None:
    answer = twin.call("POST", "/v1/orders", data=raw, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["description"]) == (400, "invalid request sent")


def test_a_receipt_may_repeat_unless_it_is_said_to_be_unique(twin: Twin) -> None:
    first, second = twin.order(receipt="twice"), twin.order(receipt="twice")
    assert first != second
    assert [order["id"] for order in twin.client.order.all({"receipt": "twice"})["items"]] == [second, first]

    unique = twin.order(receipt="once", unique_receipt=True)
    assert twin.order(receipt="once", unique_receipt=True) == unique
    with pytest.raises(BadRequestError, match=r"^Order receipt should be unique\.$"):
        twin.order(amount=80000, receipt="once", unique_receipt=True)


def test_lists_page_newest_first_and_filter(twin: Twin) -> None:
    made = [twin.order(receipt="listed") for _ in range(12)]
    paid = made[3]
    twin.pay(paid)

    whole = twin.client.order.all({"receipt": "listed"})
    assert (whole["entity"], whole["count"]) == ("collection", 10)
    assert [order["id"] for order in whole["items"]] == made[:1:-1]
    page = twin.client.order.all({"receipt": "listed", "count": 3, "skip": 2})
    assert [order["id"] for order in page["items"]] == made[9:6:-1]
    authorized = twin.client.order.all({"receipt": "listed", "authorized": 1, "expand[]": "payments"})[
        "items"
    ]
    assert [order["id"] for order in authorized] == [paid]
    assert authorized[0]["payments"]["items"][0]["order_id"] == paid
    assert twin.client.order.all({"receipt": "listed", "authorized": 0, "count": 100})["count"] == 11
    now = twin.client.order.fetch(paid)["created_at"]
    assert twin.client.order.all({"receipt": "listed", "to": now - 60})["count"] == 0
    with pytest.raises(BadRequestError, match=r"^The count may not be greater than 100\.$"):
        twin.client.order.all({"count": 101})


def test_only_notes_of_an_order_change(twin: Twin) -> None:
    order_id = twin.order()
    assert twin.client.order.edit(order_id, {"notes": {"a": "b"}})["notes"] == {"a": "b"}
    with pytest.raises(BadRequestError, match=r"^amount is/are not required and should not be sent$"):
        twin.client.order.edit(order_id, {"amount": 100})


def test_ids_are_looked_at_before_they_are_looked_up(twin: Twin) -> None:
    with pytest.raises(BadRequestError, match=r"^order_short is not a valid id$"):
        twin.client.order.fetch("order_short")
    with pytest.raises(BadRequestError, match=r"^The id provided does not exist$"):
        twin.client.order.fetch("order_AAAAAAAAAAAAAA")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/orders"),
        ("GET", "//v1/orders"),
        ("POST", "/v1/orders/x/payments"),
    ],
)
def test_a_wrong_path_or_method_is_400(twin: Twin, method: str, path: str) -> None:
    answer = twin.call(method, path, json={})
    assert answer.status_code == 400
    assert answer.json()["error"]["description"] == "The requested URL was not found on the server."


@pytest.mark.parametrize("keys", [(KEY_ID, "wrong"), (KEY_ID, ""), ("rzp_test_Other000000001", KEY_SECRET)])
def test_wrong_keys_are_refused(twin: Twin, keys: tuple[str, str]) -> None:
    client = razorpay.Client(auth=keys, base_url=twin.url)
    client.session.trust_env = False
    with pytest.raises(BadRequestError, match=r"^Authentication failed$"):
        client.order.all()
    assert twin.call("GET", "/v1/orders", auth=keys).status_code == 401


def test_the_scheme_must_be_spelled_basic(twin: Twin) -> None:
    good = requests_header(KEY_ID, KEY_SECRET)
    for header, status in ((good, 200), (good.replace("Basic", "basic"), 401), ("", 401), ("Basic ü", 401)):
        answer = twin.call("GET", "/v1/orders", auth=lambda request: request, headers=_auth(header))
        assert answer.status_code == status, header


def test_a_server_error_reaches_the_sdk_as_one(twin: Twin) -> None:
    twin.fault(api={"status": 500})
    with pytest.raises(ServerError, match="We are facing some trouble"):
        twin.order()


def requests_header(key_id: str, secret: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{key_id}:{secret}".encode()).decode()


def _auth(value: str) -> dict[str, bytes]:
    return {"Authorization": value.encode("latin-1")} if value else {}
