"""The sandbox's own paths, for tests and for looking on; Razorpay has nothing like them."""

from __future__ import annotations

from typing import Any

from litestar import Router, get, post

from app.payments.sandbox.api import Call, book_of, json_body
from app.payments.sandbox.checks import check_fields, check_notes
from app.payments.sandbox.errors import invalid
from app.payments.sandbox.payments import Attempt
from app.payments.sandbox.shapes import FAILURES, METHODS, Entity, error_of

OUTCOMES = ("created", "failed", "authorized", "captured")
PAY_FIELDS = {
    "order_id", "outcome", "webhook", "delay_ms", "method", "reason", "payment_id",
    "email", "contact", "description", "notes",
}  # fmt: skip


@post("/pay", status_code=200)
async def pay(request: Call) -> Entity:
    """Pay an order as a customer would, without a browser.

    ``{"order_id", "outcome": "captured"|"authorized"|"failed"|"created", "webhook": true, "delay_ms": 0,
    "method": "upi"|"card"|"netbanking"|"wallet", "reason": "payment_failed"|…, "payment_id"?, "email"?,
    "contact"?, "description"?, "notes"?}``; all but order_id have these defaults.

    ``webhook`` false loses this call's payment and order events; ``delay_ms`` sends them that much later in
    real time (the answer never waits). ``payment_id`` brings an existing payment on instead of making one:
    created → any, failed → authorized or captured (a late bank), authorized → captured. A second payment on a
    paid order is made, authorized and given back at once, as at Razorpay.

    Answers ``{"razorpay_payment_id", "razorpay_order_id", "razorpay_signature", "status"}``. The signature is
    null for failed and created, and a failed one carries ``error`` as checkout does. 400 in Razorpay's error
    envelope for an unknown order, a move backwards, or while another payment of the order is authorized.
    """
    body = await json_body(request)
    attempt = _attempt(body)
    book = book_of(request)
    if "payment_id" in body:
        payment = book.payments.move_on(_text(body, "payment_id"), _text(body, "order_id"), attempt)
    else:
        payment = book.payments.pay(_text(body, "order_id"), attempt)
    signed = attempt.outcome in {"authorized", "captured"}
    answer = {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": book.signature(payment["order_id"], payment["id"]) if signed else None,
        "status": payment["status"],
    }
    return answer if payment["status"] != "failed" else {**answer, "error": error_of(payment)}


@post("/faults", status_code=200)
async def order_faults(request: Call) -> Entity:
    """Order trouble for what comes next; answers with all faults now in force.

    ``{"webhooks": {"next": 1, "drop": false, "delay_ms": 0, "duplicate": 0, "reorder": false, "events": []},
    "api": {"next": 1, "status": 500, "hang_ms": 0, "path": "", "method": "", "after": false},
    "refunds": {"next": 1, "end": "failed"|"low_balance"}, "clear": false}``: every part may be left out, null
    ends it, and the values here are the defaults. ``api.after`` does the work and loses the answer. Webhook
    faults take hold when an event is made, not when it is repeated.
    """
    faults = book_of(request).faults
    faults.order(await json_body(request))
    return faults.in_force()


@get("/ledger")
async def ledger(request: Call) -> Entity:
    """Everything in the book, oldest first: ``{"orders", "payments", "refunds", "webhooks"}``.

    The first three hold the entities as the API shows them; a webhook is ``{"event_id", "event", "state":
    "pending"|"delivered"|"dropped"|"given_up", "created_ms", "next_ms", "body", "tries": [{"at_ms", "status",
    "error"}]}``, its times in real milliseconds.
    """
    return book_of(request).ledger()


@get("/health")
async def health(request: Call) -> Entity:
    """200 once the book is open: ``{"status": "ok", "now": seconds by the sandbox's clock, "faults": …}``."""
    book = book_of(request)
    return {"status": "ok", "now": book.clock.now(), "faults": book.faults.in_force()}


def _attempt(body: Entity) -> Attempt:
    check_fields(body, PAY_FIELDS)
    check_notes(body)
    delay_ms = _of_type(body, "delay_ms", 0)
    if delay_ms < 0:
        raise invalid("delay_ms must not be negative.")
    payer = {name: _of_type(body, name, "") for name in ("email", "contact", "description")}
    return Attempt(
        outcome=_one_of(body, "outcome", "captured", OUTCOMES),
        method=_one_of(body, "method", "upi", METHODS),
        reason=_one_of(body, "reason", "payment_failed", tuple(FAILURES)),
        payer={**payer, "notes": body.get("notes")},
        send=_of_type(body, "webhook", True),
        delay_ms=delay_ms,
    )


def _text(body: Entity, name: str) -> str:
    value: str = _of_type(body, name, "")
    return value


def _of_type(body: Entity, name: str, default: Any) -> Any:
    value = body.get(name, default)
    if type(value) is not type(default):
        raise invalid(f"{name} must be of type {type(default).__name__}.")
    return value


def _one_of(body: Entity, name: str, default: str, known: tuple[str, ...]) -> str:
    value: str = _of_type(body, name, default)
    if value not in known:
        raise invalid(f"{name} must be one of {', '.join(known)}.")
    return value


router = Router("/sandbox", route_handlers=[pay, order_faults, ledger, health])
