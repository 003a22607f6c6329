"""The hosted page without JavaScript: plain forms there and back, across sites."""

import json
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from .conftest import KEY_ID, Shop, Twin, eventually

RETURN = "http://127.0.0.1:9/return?visit=ABC"
CANCEL = "http://127.0.0.1:9/cancel"


def embedded(twin: Twin, order_id: str, /, **changes: str | None) -> requests.Response:
    fields: dict[str, str | None] = {
        "key_id": KEY_ID,
        "order_id": order_id,
        "amount": "75000",
        "currency": "INR",
        "name": "Asha's <Clinic>",
        "description": "Visit",
        "prefill[email]": "asha@example.com",
        "prefill[contact]": "+919000000001",
        "notes[booking]": "123",
        "callback_url": RETURN,
        "cancel_url": CANCEL,
        **changes,
    }
    sent = {name: value for name, value in fields.items() if value is not None}
    return twin.call("POST", "/v1/checkout/embedded", data=sent, auth=None)


def form_of(answer: requests.Response) -> tuple[str, dict[str, str]]:
    """Where the page's form leads, and its fields as a browser sends them (without any button)."""
    form = BeautifulSoup(answer.text, "html.parser").find("form")
    assert form is not None, answer.text
    inputs = [
        field for field in form.find_all("input") if field.get("type") != "radio" or field.has_attr("checked")
    ]
    return str(form["action"]), {str(field["name"]): str(field["value"]) for field in inputs}


def press(twin: Twin, page: requests.Response, outcome: str, **changes: str) -> requests.Response:
    action, fields = form_of(page)
    return twin.call(
        "POST", action, data={**fields, **changes, "outcome": outcome}, auth=None, allow_redirects=False
    )


def test_success_leads_back_with_the_three_signed_fields(twin: Twin) -> None:
    order_id = twin.order()
    page = embedded(twin, order_id)
    assert page.status_code == 200
    assert "Asha&#39;s &lt;Clinic&gt;" in page.text
    assert "₹750.00" in page.text

    action, fields = form_of(press(twin, page, "success", method="card"))

    assert action == RETURN
    assert fields.keys() == {"razorpay_payment_id", "razorpay_order_id", "razorpay_signature"}
    assert twin.client.utility.verify_payment_signature(fields)
    payment = twin.client.payment.fetch(fields["razorpay_payment_id"])
    assert (payment["status"], payment["method"]) == ("captured", "card")
    assert (payment["email"], payment["contact"]) == ("asha@example.com", "+919000000001")
    assert (payment["description"], payment["notes"]) == ("Visit", {"booking": "123"})


def test_an_order_captured_by_hand_is_only_authorized(twin: Twin) -> None:
    page = embedded(twin, twin.order(payment={"capture": "manual"}))
    _, fields = form_of(press(twin, page, "success"))
    assert twin.client.payment.fetch(fields["razorpay_payment_id"])["status"] == "authorized"


def test_failure_leads_back_with_the_error(twin: Twin) -> None:
    order_id = twin.order()
    action, fields = form_of(press(twin, embedded(twin, order_id), "failure"))

    assert action == RETURN
    assert (fields["error[code]"], fields["error[reason]"]) == ("BAD_REQUEST_ERROR", "payment_failed")
    assert {"error[description]", "error[source]", "error[step]"} <= fields.keys()
    metadata = json.loads(fields["error[metadata]"])
    assert metadata["order_id"] == order_id
    assert twin.client.payment.fetch(metadata["payment_id"])["status"] == "failed"


def test_cancel_leads_to_the_cancel_address_and_pays_nothing(twin: Twin) -> None:
    order_id = twin.order()
    answer = press(twin, embedded(twin, order_id), "cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, CANCEL)
    assert twin.client.order.fetch(order_id)["attempts"] == 0


def test_cancel_without_an_address_leads_back_with_the_error(twin: Twin) -> None:
    page = embedded(twin, twin.order(), cancel_url=None)
    action, fields = form_of(press(twin, page, "cancel"))
    assert (action, fields["error[reason]"]) == (RETURN, "payment_cancelled")


def test_the_same_press_twice_pays_once(twin: Twin) -> None:
    order_id = twin.order()
    page = embedded(twin, order_id)
    first, second = form_of(press(twin, page, "success")), form_of(press(twin, page, "success"))
    assert first == second
    assert twin.client.order.fetch(order_id)["attempts"] == 1


def test_after_a_failure_the_same_page_may_succeed(twin: Twin) -> None:
    order_id = twin.order()
    page = embedded(twin, order_id)
    press(twin, page, "failure")
    assert "razorpay_signature" in form_of(press(twin, page, "success"))[1]
    order = twin.client.order.fetch(order_id)
    assert (order["status"], order["attempts"]) == ("paid", 2)


def test_amount_and_currency_may_be_left_out(twin: Twin) -> None:
    assert embedded(twin, twin.order(), amount=None, currency=None).status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key_id": "rzp_test_Other000000001"}, "The id provided does not exist"),
        ({"order_id": "order_AAAAAAAAAAAAAA"}, "The id provided does not exist"),
        ({"order_id": "x"}, "x is not a valid id"),
        ({"order_id": None}, "The order_id field is required."),
        ({"amount": "100"}, "Your payment amount is different from your order amount."),
        ({"currency": "USD"}, "Your payment amount is different from your order amount."),
        ({"callback_url": None}, "The callback_url field is required."),
        ({"callback_url": "javascript:alert(1)"}, "The callback_url is not a valid URL."),
        ({"callback_url": "http://x;script-src *"}, "The callback_url is not a valid URL."),
        ({"cancel_url": "data:text/html,x"}, "The cancel_url is not a valid URL."),
    ],
)
def test_what_does_not_fit_is_said_and_pays_nothing(
    twin: Twin, changes: dict[str, str | None], sentence: str
) -> None:
    answer = embedded(twin, twin.order(), **changes)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "javascript:" not in answer.text
    assert "data:text" not in answer.text


def test_a_paid_order_cannot_be_paid_again_and_the_shop_is_told(twin: Twin) -> None:
    order_id = twin.order()
    twin.pay(order_id)
    answer = embedded(twin, order_id)
    assert answer.status_code == 400
    action, fields = form_of(answer)
    assert (action, fields["error[reason]"]) == (RETURN, "order_already_paid")


def test_the_pages_policy_lets_forms_go_to_the_shop_alone(twin: Twin) -> None:
    policy = embedded(twin, twin.order()).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_browser_without_scripting_pays_and_returns(twin: Twin, shop: Shop, chromium: Any) -> None:
    order_id = twin.order()
    shop.pages["/pay"] = (
        "text/html",
        f"""<form method="post" action="{twin.origin}/v1/checkout/embedded">
        <input name="key_id" value="{KEY_ID}"><input name="order_id" value="{order_id}">
        <input name="callback_url" value="{shop.url}/return">
        <input name="cancel_url" value="{shop.url}/cancel">
        <button>Pay</button></form>""",
    )
    shop.policy = f"default-src 'none'; form-action 'self' {twin.origin}"
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{shop.url}/pay")
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url(f"{shop.url}/cancel")
    page.goto(f"{shop.url}/pay")
    page.get_by_role("button", name="Pay").click()
    page.get_by_label("Netbanking").check()
    page.get_by_role("button", name="Success").click()
    page.get_by_role("button", name="Return to the shop").click()
    page.wait_for_url(f"{shop.url}/return")

    form = eventually(shop.forms)[0]
    assert form["razorpay_order_id"] == [order_id]
    post = shop.posts[-1] if shop.posts[-1]["path"] == "/return" else shop.posts[-2]
    assert post["headers"]["Origin"] == twin.origin
    assert twin.client.order.payments(order_id)["items"][0]["method"] == "netbanking"


def test_with_scripting_the_way_back_needs_no_press(twin: Twin, shop: Shop, chromium: Any) -> None:
    order_id = twin.order()
    shop.pages["/pay"] = (
        "text/html",
        f"""<form method="post" action="{twin.origin}/v1/checkout/embedded">
        <input name="key_id" value="{KEY_ID}"><input name="order_id" value="{order_id}">
        <input name="callback_url" value="{shop.url}/return?visit=A"><button>Pay</button></form>""",
    )
    page = chromium.new_page()
    page.goto(f"{shop.url}/pay")
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name="Failure").click()
    page.wait_for_url(f"{shop.url}/return?visit=A")
    assert eventually(shop.forms)[0]["error[reason]"] == ["payment_failed"]
