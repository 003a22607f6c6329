"""Short ways to a visit that is held, paid or late, and to the gateway's signed messages."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from app import clock
from app.booking.queries import Appointment, get_appointment
from app.checkout.services import ensure_order, start
from app.db.clock import set_clock
from app.db.engine import fetch, fetch_value
from app.events.queries import events_of
from app.payments.queries import Payment, payment_of
from app.settings import settings
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, a_slot, paid_at_gateway, sandbox_ledger

WEBHOOK = "/api/payment/webhook"


@dataclass
class Story:
    """A patient, a doctor, and a visit on its way."""

    patient: Cast
    doctor: CastDoctor
    slot_id: UUID
    visit_id: UUID
    code: str
    order_id: str

    async def visit(self) -> Appointment:
        return await get_appointment(self.visit_id)

    async def payment(self) -> Payment:
        payment = await payment_of(self.visit_id)
        assert payment is not None
        return payment

    async def state(self) -> dict[str, Any]:
        """What must be the same, however often and in whatever order the gateway told it."""
        visit, payment = await self.visit(), await self.payment()
        return {
            "visit": visit.status,
            "token": visit.token_number,
            "payment": payment.status,
            "sums": (payment.captured_paise, payment.refunding_paise, payment.refunded_paise),
            "paid_by": payment.razorpay_payment_id,
            "is_final": payment.final_at is not None,
            "refunds": await fetch_value("SELECT count(*) FROM refunds WHERE payment_id = $1", payment.id),
        }

    async def events(self) -> Counter[str]:
        """How often each thing happened to the visit and its money."""
        return Counter(event.name for event in await events_of(self.visit_id))


async def a_held_visit(
    *,
    patient: Cast | None = None,
    doctor: CastDoctor | None = None,
    at: str = "10:00",
    days_ahead: int = 1,
    minutes: int = 30,
) -> Story:
    """A visit whose time is held and whose order stands at the gateway."""
    patient = patient or await a_patient()
    doctor = doctor or await a_doctor()
    slot_id = await a_slot(doctor, at=at, days_ahead=days_ahead, minutes=minutes)
    held = await start(slot_id, account=await patient.account())
    payment = await ensure_order(held.id)
    assert payment.razorpay_order_id is not None
    return Story(patient, doctor, slot_id, held.id, held.code, payment.razorpay_order_id)


async def pay(story: Story, outcome: str = "captured", **more: object) -> dict[str, str]:
    """Pay at the gateway without any message of it reaching us."""
    return await paid_at_gateway(story.order_id, outcome=outcome, webhook=False, **more)


async def entity(kind: str, entity_id: str) -> dict[str, Any]:
    """What the gateway's book says of one payment, order or refund just now."""
    return next(dict(one) for one in (await sandbox_ledger())[kind] if one["id"] == entity_id)


def message(event: str, **entities: dict[str, Any]) -> bytes:
    """The body of a message of the gateway."""
    envelope = {
        "entity": "event",
        "account_id": "acc_Qa0Aa0Aa0Aa0Aa",
        "event": event,
        "contains": list(entities),
        "payload": {name: {"entity": one} for name, one in entities.items()},
        "created_at": int(clock.now().timestamp()),
    }
    return json.dumps(envelope, separators=(",", ":")).encode()


def signature_of(body: bytes, secret: str | None = None) -> str:
    """As the gateway signs; by our own means, not the SDK's."""
    key = secret or settings().razorpay_webhook_secret
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


async def deliver(
    api: httpx.AsyncClient, body: bytes, *, event_id: str | None = None, signature: str | None = None
) -> httpx.Response:
    """Post a message to the webhook, with an event id of its own and a good signature by default."""
    return await api.post(
        WEBHOOK,
        content=body,
        headers={
            "Content-Type": "application/json",
            "X-Razorpay-Signature": signature_of(body) if signature is None else signature,
            "X-Razorpay-Event-Id": event_id or uuid4().hex[:14],
        },
    )


async def captured_message(payment_id: str) -> bytes:
    """payment.captured, as the gateway's book has the payment."""
    return message("payment.captured", payment=await entity("payments", payment_id))


async def after_the_hold(story: Story) -> datetime:
    """A moment at which the hold has lapsed."""
    visit = await story.visit()
    assert visit.hold_expires_at is not None
    return visit.hold_expires_at + timedelta(seconds=1)


@asynccontextmanager
async def it_is(moment: datetime) -> AsyncIterator[None]:
    """It is `moment` inside, for web, jobs and gateway alike."""
    await set_clock(moment)
    try:
        yield
    finally:
        await set_clock(None)


async def deliveries() -> int:
    """How many messages are kept."""
    count: int = await fetch_value("SELECT count(*) FROM webhook_deliveries")
    return count


async def gateway_refunds(payment_id: str) -> list[dict[str, Any]]:
    """The refunds the gateway knows of one payment."""
    return [dict(one) for one in (await sandbox_ledger())["refunds"] if one["payment_id"] == payment_id]


async def waiting_jobs(name: str) -> int:
    """How many jobs of a kind stand in the queue."""
    rows = await fetch("SELECT entrypoint FROM pgqueuer WHERE entrypoint = $1", name)
    return len(rows)
