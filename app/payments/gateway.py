"""Razorpay, or its local twin: the only file that speaks to the gateway and knows its SDK.

Every failure of the gateway becomes GatewayDown or GatewayRefused here and nowhere else.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import razorpay
import requests
from razorpay.errors import BadRequestError, GatewayError, ServerError, SignatureVerificationError

from app.payments.errors import GatewayDown, GatewayRefused
from app.payments.facts import (
    GatewayOrder,
    GatewayPayment,
    GatewayRefund,
    items_of,
    order_of,
    payment_of,
    refund_of,
)
from app.payments.rules import CURRENCY
from app.settings import settings
from app.web.security import GatewayHosts

T = TypeVar("T")

TIMEOUT = (3, 8)
"""Seconds to connect and to wait for an answer; the SDK itself would wait for ever."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Reached directly, whatever proxy the environment names."""
AT_ONCE = 16
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gateway")
"""Threads of their own, so that a gateway that hangs holds up nothing else."""
_own = threading.local()

_FINAL = ("fully refunded", "greater than amount captured", "more than 6 months", "not a valid id")
_BUSY = ("too many requests", "authentication failed", "still in progress")

CAPTURE_BY_ITSELF = {
    "capture": "automatic",
    "capture_options": {
        "automatic_expiry_period": 12,
        "manual_expiry_period": 7200,
        "refund_speed": "normal",
    },
}
"""Razorpay captures by itself within 12 minutes; what a bank grants later waits 7200, its longest, for us."""


async def create_order(*, receipt: str, amount_paise: int, notes: dict[str, str]) -> GatewayOrder:
    """Make the order a visit is paid by; the same receipt asked twice gives the same order.

    Raises GatewayDown when the answer is lost, so that an order may exist all the same.
    """
    body = {
        "amount": amount_paise,
        "currency": CURRENCY,
        "receipt": receipt,
        "notes": notes,
        "payment": CAPTURE_BY_ITSELF,
        "unique_receipt": True,
    }
    return order_of(await _call(lambda client: client.order.create(body, timeout=TIMEOUT)))


async def orders_with_receipt(receipt: str) -> list[GatewayOrder]:
    """Orders made with a receipt of ours, the first made in front."""
    query = {"receipt": receipt, "count": 100}
    answer = await _call(lambda client: client.order.all(query, timeout=TIMEOUT))
    items = sorted(items_of(answer), key=lambda item: int(item.get("created_at") or 0))
    return [order for order in map(order_of, items) if order.receipt == receipt]


async def order_payments(order_id: str) -> list[GatewayPayment]:
    """Every attempt to pay an order."""
    answer = await _call(lambda client: client.order.payments(order_id, timeout=TIMEOUT))
    return [payment for item in items_of(answer) if (payment := payment_of(item))]


async def fetch_payment(payment_id: str) -> GatewayPayment | None:
    """One payment as the gateway has it now; None for one that belongs to no order."""
    return payment_of(await _call(lambda client: client.payment.fetch(payment_id, timeout=TIMEOUT)))


async def capture(payment: GatewayPayment) -> GatewayPayment | None:
    """Take an authorized payment in full; raises GatewayRefused where it was captured already."""
    data = {"currency": payment.currency}
    return payment_of(
        await _call(
            lambda client: client.payment.capture(payment.id, payment.amount_paise, data, timeout=TIMEOUT)
        )
    )


async def refund(payment_id: str, amount_paise: int, *, idempotency_key: str) -> GatewayRefund:
    """Give money back; the same key gives the same refund however often it is asked for.

    The key is also the receipt, so that a refund whose answer was lost is found in the list.
    """
    body = {"amount": amount_paise, "receipt": idempotency_key}
    headers = {"X-Refund-Idempotency": idempotency_key}
    return refund_of(
        await _call(lambda client: client.payment.refund(payment_id, body, headers=headers, timeout=TIMEOUT))
    )


async def refunds_of(payment_id: str) -> list[GatewayRefund]:
    """Every refund of a payment, those made by hand at the gateway too."""
    query = {"count": 100}
    answer = await _call(
        lambda client: client.payment.fetch_multiple_refund(payment_id, query, timeout=TIMEOUT)
    )
    return [refund_of(item) for item in items_of(answer)]


def verify_return(order_id: str, payment_id: str, signature: str) -> bool:
    """Whether the gateway signed this payment for this order; that says nothing of amount or capture."""
    return _holds(
        lambda: _client().utility.verify_payment_signature(
            {
                "razorpay_order_id": order_id,
                "razorpay_payment_id": payment_id,
                "razorpay_signature": signature,
            }
        )
    )


def verify_webhook(raw: bytes, signature: str | None) -> bool:
    """Whether the gateway signed these bytes; a body that is no UTF-8 was not signed by it."""
    if not signature:
        return False
    secret = settings().razorpay_webhook_secret
    return _holds(lambda: _client().utility.verify_webhook_signature(raw.decode(), signature, secret))


def checkout_script() -> str:
    """The address of the script that opens the gateway's payment form over our page."""
    origin = _checkout_origin()
    return f"{origin or 'https://checkout.razorpay.com'}/v1/checkout.js"


def hosted_checkout_url() -> str:
    """The address our plain payment form is posted to, for browsers without JavaScript."""
    origin = _checkout_origin()
    return f"{origin or 'https://api.razorpay.com'}/v1/checkout/embedded"


def csp_hosts() -> GatewayHosts:
    """The foreign hosts a patient's page may reach so that the gateway's form works."""
    origin = _checkout_origin()
    if origin:
        return GatewayHosts(script=(origin,), frame=(origin,), connect=(origin,), form=(origin,))
    api, checkout = "https://api.razorpay.com", "https://checkout.razorpay.com"
    return GatewayHosts(
        script=(checkout, "https://cdn.razorpay.com"),
        frame=(api, checkout),
        connect=(api, checkout, "https://lumberjack.razorpay.com"),
        form=(api,),
    )


def _checkout_origin() -> str:
    """Where a browser finds the twin's payment pages; empty at Razorpay itself, which has several hosts."""
    if settings().sandbox_origin:
        return settings().sandbox_origin
    address = urlsplit(settings().razorpay_base_url)
    return "" if address.hostname == "api.razorpay.com" else f"{address.scheme}://{address.netloc}"


def _client() -> Any:
    """This thread's client: the session inside one must not be shared between threads."""
    if not hasattr(_own, "client"):
        now = settings()
        client = razorpay.Client(
            auth=(now.razorpay_key_id, now.razorpay_key_secret), base_url=now.razorpay_base_url.rstrip("/")
        )
        client.session.trust_env = urlsplit(now.razorpay_base_url).hostname not in LOOPBACK
        client.session.max_redirects = 0  # our key goes to the address of the settings, and to no other
        _own.client = client
    return _own.client


async def _call(ask: Callable[[Any], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, _asked, ask)


def _asked(ask: Callable[[Any], T]) -> T:
    try:
        return ask(_client())
    except BadRequestError as refusal:
        reason = str(refusal)
        lowered = reason.lower()
        if any(words in lowered for words in _BUSY):
            raise GatewayDown from refusal
        raise GatewayRefused(reason, is_final=any(words in lowered for words in _FINAL)) from refusal
    except (GatewayError, ServerError, requests.RequestException, ValueError) as failure:
        raise GatewayDown from failure


def _holds(verify: Callable[[], object]) -> bool:
    try:
        return verify() is True
    except (SignatureVerificationError, UnicodeError, TypeError, KeyError):
        return False
