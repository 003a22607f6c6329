"""The gateway's own messages: kept once their signature held, handled by a job, never lost."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from app.checkout.services.settle import settle
from app.events.actor import GATEWAY
from app.payments import gateway
from app.payments.errors import BadSignature, OrderUnknown
from app.payments.facts import payment_of, refund_of
from app.payments.queries import Delivery, get_delivery
from app.payments.services import keep_delivery, mark_handled, record_refund

PAYMENT_EVENTS = ("payment.authorized", "payment.captured", "payment.failed", "order.paid")
REFUND_EVENTS = ("refund.created", "refund.processed", "refund.failed")
_EVENT_ID = re.compile(r"[!-~]{1,100}")


async def receive_webhook(raw: bytes, *, signature: str | None, event_id: str | None) -> None:
    """Keep a message of the gateway and have it handled; one we have already changes nothing.

    `raw` are the body's bytes as they came, for the signature is over them. Without a usable event id the
    body's own hash stands for it. Raises BadSignature, and then nothing was written.
    """
    if not gateway.verify_webhook(raw, signature):
        raise BadSignature
    text = raw.decode()
    message = _read(text)
    is_named = event_id is not None and _EVENT_ID.fullmatch(event_id)
    await keep_delivery(
        event_id if event_id and is_named else hashlib.sha256(raw).hexdigest(),
        name=_event(message),
        razorpay_order_id=_order_id(message),
        body=text.replace("\x00", ""),
    )


async def handle_webhook(event_id: str) -> None:
    """Do what a kept message asks for. One about an order we do not know (yet) stays kept.

    It is looked at again when the order becomes known. Raises GatewayDown for a message that cannot be
    read and RefundDoesNotFit, so that the job is tried again and then set aside for a person.
    """
    delivery = await get_delivery(event_id)
    if delivery.handled_at is not None:
        return
    try:
        await _handle(delivery)
    except OrderUnknown:
        return
    await mark_handled(event_id)


async def _handle(delivery: Delivery) -> None:
    message = _read(delivery.body)
    if delivery.name not in (*PAYMENT_EVENTS, *REFUND_EVENTS):
        return
    facts = payment_of(_entity(message, "payment"))
    if facts is None:
        return
    is_refund = delivery.name in REFUND_EVENTS
    if is_refund and not facts.was_captured:
        facts = replace(facts, status="refunded")
    await settle(facts.order_id, facts, by=GATEWAY)
    if is_refund and facts.was_captured:
        await record_refund(refund_of(_entity(message, "refund")), by=GATEWAY)


def _read(text: str) -> dict[str, Any]:
    """The message, {} for one that is no JSON object: signed, but it says nothing we could use."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _event(message: dict[str, Any]) -> str:
    name = message.get("event")
    return name if isinstance(name, str) and name.isprintable() else "unreadable"


def _order_id(message: dict[str, Any]) -> str | None:
    order_id = _entity(message, "payment").get("order_id")
    return order_id if isinstance(order_id, str) and order_id.isprintable() else None


def _entity(message: dict[str, Any], name: str) -> dict[str, Any]:
    part: Any = message.get("payload")
    for step in (name, "entity"):
        part = part.get(step) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}
