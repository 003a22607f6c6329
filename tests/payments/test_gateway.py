"""What the gateway says is read strictly, and its failures have one name."""

import asyncio
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
import requests

from app.payments import gateway as razorpay
from app.payments.errors import GatewayDown, GatewayRefused
from app.payments.facts import GatewayPayment, payment_of
from app.settings import settings
from tests.checkout.stories import signature_of

PAYMENT = {
    "id": "pay_Qa9Zx8Yw7Vu6Ts",
    "order_id": "order_Qa1Bc2De3Fg4Hi",
    "amount": 75_000,
    "currency": "INR",
    "status": "captured",
    "captured": True,
    "amount_refunded": 0,
    "error_reason": None,
}


def test_a_payment_is_read_as_it_stands() -> None:
    facts = payment_of(PAYMENT)

    assert facts == GatewayPayment(
        "pay_Qa9Zx8Yw7Vu6Ts", "order_Qa1Bc2De3Fg4Hi", 75_000, "INR", "captured", was_captured=True
    )


@pytest.mark.parametrize(
    ("status", "captured", "was_ours"),
    [
        ("captured", True, True),
        ("refunded", True, True),
        ("refunded", False, False),
        ("authorized", True, False),
        ("failed", False, False),
    ],
)
def test_only_money_we_had_counts_as_captured(status: str, captured: bool, was_ours: bool) -> None:
    facts = payment_of({**PAYMENT, "status": status, "captured": captured})

    assert facts is not None and facts.was_captured is was_ours


def test_a_payment_without_an_order_is_none_of_ours() -> None:
    assert payment_of({**PAYMENT, "order_id": None}) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"amount": "75000"},
        {"amount": 75_000.0},
        {"amount": True},
        {"amount": -1},
        {"amount": 2**31},
        {"amount": None},
        {"id": None},
        {"id": 5},
        {"id": "pay\x00"},
        {"id": "p" * 256},
        {"currency": None},
        {"status": []},
        {"order_id": {"a": 1}},
    ],
)
def test_what_cannot_be_read_is_a_gateway_that_is_down(odd: dict[str, object]) -> None:
    with pytest.raises(GatewayDown):
        payment_of({**PAYMENT, **odd})


def test_signatures_hold_for_exactly_the_bytes_that_were_signed() -> None:
    raw = '{"event":"order.paid","note":"₹"}'.encode()

    assert razorpay.verify_webhook(raw, signature_of(raw))
    for body, signature in [
        (raw + b"\n", signature_of(raw)),
        (raw, signature_of(raw, secret=settings().razorpay_key_secret)),
        (raw, None),
        (raw, ""),
        (raw, "é" * 64),
        (b"\xff", signature_of(b"\xff")),
    ]:
        assert not razorpay.verify_webhook(body, signature)
    assert not razorpay.verify_return("order_x", "pay_x", "\ud800")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_trouble_at_the_gateway_has_one_name(gateway: httpx.AsyncClient, status: int) -> None:
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": status, "path": "/v1/orders"}})

    with pytest.raises(GatewayDown) as failure:
        await razorpay.order_payments("order_Qa1Bc2De3Fg4Hi")

    assert not isinstance(failure.value, GatewayRefused)


def test_our_key_is_not_carried_to_another_address() -> None:
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(requests.TooManyRedirects):
            razorpay._client().session.get(f"http://127.0.0.1:{server.server_port}/v1/orders", timeout=5)
        server.shutdown()

    assert asked == ["/v1/orders"]


async def test_a_refusal_keeps_the_gateways_own_sentence() -> None:
    with pytest.raises(GatewayRefused) as refused:
        await razorpay.fetch_payment("pay_Qa9Zx8Yw7Vu6Ts")

    assert refused.value.reason == "The id provided does not exist"
    assert refused.value.message == GatewayDown.message


async def test_a_gateway_that_hangs_holds_up_nothing_else(
    gateway: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(razorpay, "TIMEOUT", (0.5, 0.5))
    hang = {"next": 1, "status": 500, "hang_ms": 3_000, "path": "/v1/orders"}
    await gateway.post("/sandbox/faults", json={"api": hang})
    began = time.monotonic()

    hanging = asyncio.create_task(razorpay.order_payments("order_Qa1Bc2De3Fg4Hi"))
    await asyncio.sleep(0.1)
    with pytest.raises(GatewayRefused):
        await razorpay.order_payments("order_Qa1Bc2De3Fg4Hi")
    with pytest.raises(GatewayDown):
        await hanging

    assert time.monotonic() - began < 2


async def test_a_receipt_used_again_gives_the_same_order() -> None:
    wanted = {"receipt": "TEST-receipt-1", "amount_paise": 12_300, "notes": {"visit": "TEST"}}

    orders = [await razorpay.create_order(**wanted) for _time in range(2)]  # type: ignore[arg-type]

    assert orders[0] == orders[1]
    assert await razorpay.orders_with_receipt("TEST-receipt-1") == [orders[0]]


def test_browsers_are_sent_to_another_site_than_ours() -> None:
    origin = settings().sandbox_origin

    assert razorpay.checkout_script() == f"{origin}/v1/checkout.js"
    assert razorpay.hosted_checkout_url() == f"{origin}/v1/checkout/embedded"
    assert razorpay.csp_hosts().script == (origin,)
