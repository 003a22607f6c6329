"""Payments and refunds by Razorpay's rules, through the real SDK."""

import re

import pytest
from razorpay.errors import BadRequestError, SignatureVerificationError

from .conftest import Twin, eventually

PAYMENT_KEYS = {
    "id", "entity", "amount", "currency", "base_amount", "status", "order_id", "invoice_id", "international",
    "method", "amount_refunded", "amount_transferred", "refund_status", "captured", "description", "card_id",
    "bank", "wallet", "vpa", "email", "contact", "notes", "fee", "tax", "error_code", "error_description",
    "error_source", "error_step", "error_reason", "acquirer_data", "created_at",
}  # fmt: skip
REFUND_KEYS = {
    "id", "entity", "amount", "currency", "payment_id", "notes", "receipt", "acquirer_data", "created_at",
    "batch_id", "status", "speed_requested", "speed_processed",
}  # fmt: skip


def paid(twin: Twin, amount: int = 75000) -> str:
    payment_id: str = twin.pay(twin.order(amount))["razorpay_payment_id"]
    return payment_id


def refund(twin: Twin, payment_id: str, *, key: str | None = None, **body: object) -> dict[str, object]:
    headers = {} if key is None else {"X-Refund-Idempotency": key}
    made: dict[str, object] = twin.client.payment.refund(payment_id, body, headers=headers)
    return made


def test_a_captured_payment_pays_its_order(twin: Twin) -> None:
    order_id = twin.order()
    answer = twin.pay(order_id)

    assert twin.client.utility.verify_payment_signature(
        {name: answer[name] for name in ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")}
    )
    payment = twin.client.payment.fetch(answer["razorpay_payment_id"])
    assert payment.keys() == PAYMENT_KEYS | {"upi"}
    assert (payment["status"], payment["captured"], payment["fee"], payment["tax"]) == (
        "captured",
        True,
        1770,
        270,
    )
    order = twin.client.order.fetch(order_id)
    assert (order["status"], order["amount_paid"], order["amount_due"], order["attempts"]) == (
        "paid",
        75000,
        0,
        1,
    )
    assert twin.client.order.payments(order_id)["items"] == [payment]


def test_a_signature_belongs_to_one_order_and_payment(twin: Twin) -> None:
    one, other = twin.pay(twin.order()), twin.pay(twin.order())
    with pytest.raises(SignatureVerificationError):
        twin.client.utility.verify_payment_signature(
            {
                "razorpay_order_id": one["razorpay_order_id"],
                "razorpay_payment_id": one["razorpay_payment_id"],
                "razorpay_signature": other["razorpay_signature"],
            }
        )


@pytest.mark.parametrize(
    ("method", "field"), [("card", "card_id"), ("netbanking", "bank"), ("wallet", "wallet"), ("upi", "vpa")]
)
def test_each_method_fills_its_own_fields(twin: Twin, method: str, field: str) -> None:
    answer = twin.pay(twin.order(), method=method, email="asha@example.com", notes={"a": "b"})
    payment = twin.client.payment.fetch(answer["razorpay_payment_id"])
    assert payment["method"] == method
    assert {name for name in ("card_id", "bank", "wallet", "vpa") if payment[name]} == {field}
    assert (payment["email"], payment["notes"]) == ("asha@example.com", {"a": "b"})


def test_a_failed_payment_says_why_and_may_be_followed_by_another(twin: Twin) -> None:
    order_id = twin.order()
    answer = twin.pay(order_id, "failed", reason="insufficient_funds")

    assert answer["razorpay_signature"] is None
    assert answer["error"]["reason"] == "insufficient_funds"
    assert answer["error"]["metadata"] == {"payment_id": answer["razorpay_payment_id"], "order_id": order_id}
    payment = twin.client.payment.fetch(answer["razorpay_payment_id"])
    assert (payment["status"], payment["captured"], payment["fee"]) == ("failed", False, None)
    assert payment["error_reason"] == "insufficient_funds"
    assert twin.client.order.fetch(order_id)["status"] == "attempted"
    twin.pay(order_id)
    order = twin.client.order.fetch(order_id)
    assert (order["status"], order["attempts"]) == ("paid", 2)


def test_a_failed_payment_may_still_be_authorized_and_captured(twin: Twin) -> None:
    order_id = twin.order()
    payment_id = twin.pay(order_id, "failed")["razorpay_payment_id"]

    late = twin.pay(order_id, "authorized", payment_id=payment_id)

    assert (late["razorpay_payment_id"], late["status"]) == (payment_id, "authorized")
    payment = twin.client.payment.capture(payment_id, 75000, {"currency": "INR"})
    assert (payment["status"], payment["error_reason"]) == ("captured", None)
    assert twin.client.order.fetch(order_id)["attempts"] == 1


def test_a_payment_never_goes_backwards(twin: Twin) -> None:
    order_id = twin.order()
    payment_id = twin.pay(order_id)["razorpay_payment_id"]
    answer = twin.call(
        "POST", "/sandbox/pay", json={"order_id": order_id, "payment_id": payment_id, "outcome": "failed"}
    )
    assert (answer.status_code, twin.client.payment.fetch(payment_id)["status"]) == (400, "captured")


def test_a_second_payment_of_a_paid_order_is_given_back_uncaptured(twin: Twin) -> None:
    order_id = twin.order()
    twin.pay(order_id)
    second = twin.pay(order_id)["razorpay_payment_id"]

    payment = twin.client.payment.fetch(second)
    assert (payment["captured"], payment["amount_refunded"], payment["refund_status"]) == (
        False,
        75000,
        "full",
    )
    refunds = twin.client.payment.fetch_multiple_refund(second)["items"]
    assert [made["amount"] for made in refunds] == [75000]
    order = twin.client.order.fetch(order_id)
    assert (order["status"], order["amount_paid"], order["attempts"]) == ("paid", 75000, 2)


def test_a_payment_authorized_late_on_a_paid_order_is_given_back(twin: Twin) -> None:
    order_id = twin.order()
    first = twin.pay(order_id, "failed")["razorpay_payment_id"]
    twin.pay(order_id)
    assert twin.pay(order_id, "authorized", payment_id=first)["status"] == "refunded"


def test_while_one_payment_is_authorized_no_other_begins(twin: Twin) -> None:
    order_id = twin.order()
    twin.pay(order_id, "authorized")
    answer = twin.call("POST", "/sandbox/pay", json={"order_id": order_id})
    assert answer.status_code == 400
    assert twin.client.order.fetch(order_id)["attempts"] == 1


def test_capture_takes_the_whole_sum_once(twin: Twin) -> None:
    payment_id = twin.pay(twin.order(), "authorized")["razorpay_payment_id"]
    with pytest.raises(BadRequestError, match=r"^Capture amount must be equal to the amount authorized\.$"):
        twin.client.payment.capture(payment_id, 74999, {"currency": "INR"})
    assert twin.client.payment.capture(payment_id, 75000, {"currency": "INR"})["status"] == "captured"
    with pytest.raises(BadRequestError, match=r"^Your payment has been declined as the order"):
        twin.client.payment.capture(payment_id, 75000, {"currency": "INR"})


def test_payments_are_listed_and_their_notes_edited(twin: Twin) -> None:
    payment_id = paid(twin)
    assert twin.client.payment.all({"count": 1})["items"][0]["id"] == payment_id
    assert twin.client.payment.edit(payment_id, {"notes": {"x": "y"}})["notes"] == {"x": "y"}


def test_a_refund_is_pending_and_processed_within_two_seconds(twin: Twin) -> None:
    payment_id = paid(twin)
    made = refund(twin, payment_id, amount=25000, receipt="r-1", notes={"a": "b"})

    assert made.keys() == REFUND_KEYS
    assert re.fullmatch(r"rfnd_[A-Za-z0-9]{14}", str(made["id"]))
    assert (made["status"], made["amount"], made["speed_processed"]) == ("pending", 25000, "normal")
    payment = twin.client.payment.fetch(payment_id)
    assert (payment["status"], payment["amount_refunded"], payment["refund_status"]) == (
        "captured",
        25000,
        "partial",
    )
    eventually(lambda: twin.client.refund.fetch(made["id"])["status"] == "processed", within=2)
    assert twin.client.payment.fetch_refund_id(payment_id, made["id"])["status"] == "processed"
    assert made["id"] in [other["id"] for other in twin.client.refund.all()["items"]]


def test_refunds_never_exceed_what_was_captured(twin: Twin) -> None:
    payment_id = paid(twin)
    refund(twin, payment_id, amount=50000)
    with pytest.raises(
        BadRequestError, match=r"^The refund amount provided is greater than amount captured\.$"
    ):
        refund(twin, payment_id, amount=25001)
    assert refund(twin, payment_id)["amount"] == 25000
    payment = twin.client.payment.fetch(payment_id)
    assert (payment["status"], payment["refund_status"]) == ("refunded", "full")
    with pytest.raises(BadRequestError, match=r"^The payment has been fully refunded already\.$"):
        refund(twin, payment_id, amount=100)
    assert twin.client.order.fetch(payment["order_id"])["status"] == "paid"


def test_only_captured_payments_are_refunded(twin: Twin) -> None:
    for outcome in ("failed", "authorized"):
        payment_id = twin.pay(twin.order(), outcome)["razorpay_payment_id"]
        with pytest.raises(BadRequestError, match=r"^The payment status should be captured"):
            refund(twin, payment_id)


def test_the_same_key_and_body_give_the_same_refund(twin: Twin) -> None:
    payment_id = paid(twin)
    first = refund(twin, payment_id, key="refund-key-0001", amount=10000)
    again = refund(twin, payment_id, key="refund-key-0001", amount=10000)

    assert again["id"] == first["id"]
    assert twin.client.payment.fetch(payment_id)["amount_refunded"] == 10000
    answer = twin.call(
        "POST",
        f"/v1/payments/{payment_id}/refund",
        json={"amount": 20000},
        headers={"X-Refund-Idempotency": "refund-key-0001"},
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["description"] == (
        "Different request with the same idempotency key has already been processed."
    )


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("short", "The idempotency key must be at least 10 characters long."),
        (
            "with spaces in it",
            "The idempotency key must only contain alphanumeric characters, underscores, and hyphens",
        ),
    ],
)
def test_a_bad_key_is_refused(twin: Twin, key: str, sentence: str) -> None:
    with pytest.raises(BadRequestError) as refusal:
        refund(twin, paid(twin), key=key)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 100.5}, "The amount must be an integer."),
        ({"reason": "x"}, "reason is/are not required and should not be sent"),
    ],
)
def test_a_refund_out_of_bounds_is_refused(twin: Twin, body: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadRequestError) as refusal:
        refund(twin, paid(twin), **body)
    assert str(refusal.value) == sentence


def test_a_refund_can_be_asked_for_by_the_other_path_and_its_notes_edited(twin: Twin) -> None:
    made = twin.client.refund.create({"payment_id": paid(twin), "amount": 100, "speed": "optimum"})
    assert (made["speed_requested"], made["speed_processed"]) == ("optimum", "instant")
    assert twin.client.refund.edit(made["id"], {"notes": {"k": "v"}})["notes"] == {"k": "v"}


def test_a_refund_ordered_to_fail_gives_the_sum_back_to_the_payment(twin: Twin) -> None:
    payment_id = paid(twin)
    twin.fault(refunds={"end": "failed"})
    made = refund(twin, payment_id)

    eventually(lambda: twin.client.refund.fetch(made["id"])["status"] == "failed", within=2)
    payment = twin.client.payment.fetch(payment_id)
    assert (payment["status"], payment["amount_refunded"], payment["refund_status"]) == ("captured", 0, None)
    assert refund(twin, payment_id)["status"] == "pending"


def test_a_low_balance_refuses_and_makes_nothing(twin: Twin) -> None:
    payment_id = paid(twin)
    twin.fault(refunds={"end": "low_balance"})
    with pytest.raises(BadRequestError, match=r"^Your account does not have enough balance"):
        refund(twin, payment_id)
    assert twin.client.payment.fetch_multiple_refund(payment_id)["count"] == 0
