"""checkout.js in real Chromium, on a shop's page whose policy allows no inline style and no inline script."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import KEY_ID, Shop, Twin, eventually

PAGE = """<!doctype html><html lang="en"><head><title>Shop</title><meta charset="utf-8">
<script src="{origin}/v1/checkout.js"></script></head><body>
<main><h1>Shop</h1><button id="pay" data-options="{options}">Pay</button><p id="log"></p></main>
<script src="/shop.js"></script></body></html>"""
SCRIPT = """
const log = [];
const note = (kind, detail) => {
  log.push([kind, detail]);
  document.getElementById("log").textContent = JSON.stringify(log);
};
document.addEventListener("securitypolicyviolation", (event) => note("violation", event.violatedDirective));
const button = document.getElementById("pay");
button.addEventListener("click", () => {
  const options = JSON.parse(button.dataset.options);
  if (!options.callback_url) options.handler = (response) => note("handler", response);
  options.modal = { ...options.modal, ondismiss: () => note("dismissed", null) };
  const checkout = new Razorpay(options);
  checkout.on("payment.failed", (response) => note("failed", response.error));
  checkout.open();
});
"""
Opener = Callable[..., Any]


@pytest.fixture
def opened(twin: Twin, shop: Shop, chromium: Any) -> Opener:
    """Open the shop's page and press Pay."""

    def begin(order_id: str, **options: Any) -> Any:
        whole = {
            "key": KEY_ID,
            "amount": 75000,
            "currency": "INR",
            "name": "Shop",
            "order_id": order_id,
            "description": "Visit",
            "prefill": {"email": "asha@example.com", "method": "card"},
            "notes": {"booking": "123"},
            **options,
        }
        encoded = json.dumps(whole).replace('"', "&quot;")
        shop.pages["/shop"] = ("text/html", PAGE.format(origin=twin.origin, options=encoded))
        shop.pages["/shop.js"] = ("text/javascript", SCRIPT)
        shop.policy = (
            f"default-src 'none'; script-src 'self' {twin.origin}; style-src 'self'; img-src 'self'; "
            f"frame-src {twin.origin}; connect-src {twin.origin}; form-action 'self' {twin.origin}"
        )
        page = chromium.new_page(viewport={"width": 360, "height": 640})
        page.goto(f"{shop.url}/shop")
        page.get_by_role("button", name="Pay", exact=True).click()
        return page

    return begin


def log_of(page: Any, count: int) -> list[Any]:
    def found() -> Any:
        entries = json.loads(page.locator("#log").text_content() or "[]")
        page.wait_for_timeout(20)
        return entries if len(entries) >= count else None

    entries: list[Any] = eventually(found)
    return entries


def bank(page: Any) -> Any:
    return page.frame_locator("iframe.razorpay-checkout-frame")


def test_success_calls_the_handler_with_a_signed_payment(twin: Twin, opened: Opener) -> None:
    order_id = twin.order()
    page = opened(order_id)
    assert bank(page).get_by_label("Card").is_checked()
    bank(page).get_by_label("UPI").check()
    bank(page).get_by_role("button", name="Success").click()

    [(kind, response)] = log_of(page, 1)
    assert kind == "handler"
    assert twin.client.utility.verify_payment_signature(response)
    payment = twin.client.payment.fetch(response["razorpay_payment_id"])
    assert (payment["status"], payment["method"], payment["email"]) == ("captured", "upi", "asha@example.com")
    assert payment["notes"] == {"booking": "123"}
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement.id") == "pay"
    assert page.evaluate("document.documentElement.style.overflow") == ""


def test_a_failure_is_told_and_may_be_tried_again(twin: Twin, opened: Opener) -> None:
    order_id = twin.order()
    page = opened(order_id)
    bank(page).get_by_role("button", name="Failure").click()
    bank(page).get_by_role("alert").wait_for()
    [(kind, error)] = log_of(page, 1)
    assert (kind, error["reason"], error["metadata"]["order_id"]) == ("failed", "payment_failed", order_id)

    bank(page).get_by_role("button", name="Success").click()
    assert [entry[0] for entry in log_of(page, 2)] == ["failed", "handler"]
    assert twin.client.order.fetch(order_id)["attempts"] == 2


def test_closing_and_escape_dismiss_and_pay_nothing(twin: Twin, opened: Opener) -> None:
    order_id = twin.order()
    page = opened(order_id)
    bank(page).get_by_role("button", name="Close").click()
    assert log_of(page, 1) == [["dismissed", None]]
    page.get_by_role("button", name="Pay", exact=True).click()
    bank(page).get_by_label("UPI").focus()
    page.keyboard.press("Escape")
    assert log_of(page, 2) == [["dismissed", None], ["dismissed", None]]
    assert twin.client.order.fetch(order_id)["attempts"] == 0


def test_without_retry_a_failure_ends_it_and_a_timeout_does_too(twin: Twin, opened: Opener) -> None:
    page = opened(twin.order(), retry={"enabled": False})
    bank(page).get_by_role("button", name="Failure").click()
    assert [entry[0] for entry in log_of(page, 2)] == ["failed", "dismissed"]

    page = opened(twin.order(), timeout=0.3)
    assert log_of(page, 1) == [["dismissed", None]]


def test_what_does_not_fit_is_shown_in_the_frame(twin: Twin, opened: Opener) -> None:
    page = opened(twin.order(), amount=100)
    alert = bank(page).get_by_role("alert")
    alert.wait_for()
    assert alert.text_content().startswith("Your payment amount is different")
    bank(page).get_by_role("button", name="Close").click()
    assert log_of(page, 1) == [["dismissed", None]]


def test_with_a_callback_address_success_is_posted_there(twin: Twin, shop: Shop, opened: Opener) -> None:
    order_id = twin.order()
    page = opened(order_id, callback_url="/return?visit=A")
    bank(page).get_by_role("button", name="Success").click()
    page.wait_for_url(f"{shop.url}/return?visit=A")
    assert eventually(shop.forms)[0]["razorpay_order_id"] == [order_id]


def test_with_redirect_the_payer_leaves_for_the_hosted_page(twin: Twin, shop: Shop, opened: Opener) -> None:
    page = opened(twin.order(), callback_url="/return", redirect=True)
    page.wait_for_url(f"{twin.origin}/v1/checkout/embedded")
    page.get_by_role("button", name="Failure").click()
    page.wait_for_url(f"{shop.url}/return")
    assert eventually(shop.forms)[0]["error[code]"] == ["BAD_REQUEST_ERROR"]


def test_a_message_from_elsewhere_is_not_believed(twin: Twin, opened: Opener) -> None:
    page = opened(twin.order())
    bank(page).get_by_role("button", name="Success").wait_for()
    page.evaluate("window.postMessage({razorpay: 'success', detail: {razorpay_payment_id: 'forged'}}, '*')")
    bank(page).get_by_role("button", name="Close").click()
    assert log_of(page, 1) == [["dismissed", None]]


def test_only_pages_of_this_machine_may_frame_it(twin: Twin) -> None:
    answer = twin.call("GET", "/v1/checkout/frame", params={"parent": "https://elsewhere.example"}, auth=None)
    ancestors = answer.headers["Content-Security-Policy"].split("frame-ancestors ")[1]
    assert set(ancestors.split()) == {
        f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost")
    }
