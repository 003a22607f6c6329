"""Refunds: asked for by the merchant, or made by the gateway for money it must not keep."""

from __future__ import annotations

import json

from app.payments.sandbox.checks import check_id, check_idempotency_key, check_notes_edit, check_refund
from app.payments.sandbox.clock import Clock, real_ms
from app.payments.sandbox.errors import Refusal, invalid, no_such_id, not_applicable
from app.payments.sandbox.faults import Faults
from app.payments.sandbox.shapes import Entity, new_refund
from app.payments.sandbox.store import Record, Store
from app.payments.sandbox.webhooks import Webhooks

SETTLES_AFTER_MS = 1_000
SIX_MONTHS_SECONDS = 183 * 24 * 60 * 60
LOW_BALANCE = (
    "Your account does not have enough balance to carry out the refund operation. You can add funds to your "
    "account from your Razorpay dashboard or capture new payments."
)
OTHER_REQUEST = "Different request with the same idempotency key has already been processed."


class Refunds:
    """Creation of refunds and their settling about a second later."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, webhooks: Webhooks) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._webhooks = webhooks

    def create(self, payment_id: str, body: Entity, *, key: str | None) -> Entity:
        """Refund a captured payment, wholly when no amount is given.

        ``key`` is the X-Refund-Idempotency header: the same key and body give the refund made before. Raises
        Refusal: 409 for a key used with another body, 400 for everything else.
        """
        if key is not None:
            check_idempotency_key(key)
        request = json.dumps([payment_id, body], sort_keys=True)
        with self._store.transaction():
            earlier = self._store.answered(f"refund:{key}") if key is not None else None
            if earlier is not None:
                if earlier[0] != request:
                    raise not_applicable(OTHER_REQUEST, status=409)
                return self.get(earlier[1]).body
            payment = self._payment(payment_id)
            check_refund(body)
            amount = self._refundable(payment.body, body.get("amount"))
            end = self._faults.take_refund()
            if end == "low_balance":
                raise not_applicable(LOW_BALANCE)
            refund = self._make(payment, amount, body, end=end or "processed")
            if key is not None:
                self._store.remember(f"refund:{key}", request, refund["id"])
        return refund

    def give_back(self, payment: Record) -> None:
        """Return an authorized payment that will never be captured; the gateway does this by itself."""
        payment.private.pop("expires_ms", None)
        self._make(payment, payment.body["amount"], {}, end="processed")

    def get(self, refund_id: str) -> Record:
        """The refund; raises Refusal for an id that is malformed or unknown."""
        record = self._store.find(check_id(refund_id, "rfnd"))
        if record is None:
            raise no_such_id()
        return record

    def edit(self, refund_id: str, body: Entity) -> Entity:
        """Replace the notes, the only thing of a refund that can change; raises Refusal."""
        with self._store.transaction():
            record = self.get(refund_id)
            record.body["notes"] = check_notes_edit(body)
            self._store.put(record)
        return record.body

    def settle_due(self) -> None:
        """Process, or let fail, every pending refund whose time has come.

        Due by the sandbox's clock or by real time, whichever is first: a clock set back or standing still
        must not keep a refund open.
        """
        for refund in self._store.records("refund", status="pending"):
            due = refund.private
            if self._clock.now_ms() >= due["due_ms"] or real_ms() >= due["due_real_ms"]:
                self._settle(refund)

    def has_pending(self) -> bool:
        """Whether anything waits to be settled."""
        return bool(self._store.records("refund", status="pending", limit=1))

    def _payment(self, payment_id: str) -> Record:
        payment = self._store.find(check_id(payment_id, "pay"))
        if payment is None:
            raise no_such_id()
        return payment

    def _refundable(self, payment: Entity, amount: int | None) -> int:
        if payment["captured"] and payment["status"] == "refunded":
            raise invalid("The payment has been fully refunded already.")
        if payment["status"] != "captured":
            raise invalid("The payment status should be captured for action to be taken")
        if self._clock.now() - payment["created_at"] > SIX_MONTHS_SECONDS:
            raise _too_old()
        left: int = payment["amount"] - payment["amount_refunded"]
        if amount is not None and amount > left:
            raise invalid("The refund amount provided is greater than amount captured.", field="amount")
        return left if amount is None else amount

    def _make(self, payment: Record, amount: int, body: Entity, *, end: str) -> Entity:
        refund = new_refund(payment.body, amount=amount, body=body, now=self._clock.now())
        private = {
            "end": end,
            "due_ms": self._clock.now_ms() + SETTLES_AFTER_MS,
            "due_real_ms": real_ms() + SETTLES_AFTER_MS,
        }
        _count_refunded(payment.body, amount)
        self._store.put(Record(refund, private))
        self._store.put(payment)
        self._webhooks.emit("refund.created", refund=refund, payment=payment.body)
        return refund

    def _settle(self, refund: Record) -> None:
        with self._store.transaction():
            payment = self._payment(refund.body["payment_id"])
            refund.body["status"] = refund.private["end"]
            if refund.body["status"] == "failed":
                _count_refunded(payment.body, -refund.body["amount"])
                self._store.put(payment)
            self._store.put(refund)
            self._webhooks.emit(f"refund.{refund.body['status']}", refund=refund.body, payment=payment.body)


def _count_refunded(payment: Entity, amount: int) -> None:
    payment["amount_refunded"] += amount
    if payment["amount_refunded"] == payment["amount"]:
        payment.update(status="refunded", refund_status="full")
    else:
        payment.update(status="captured", refund_status="partial" if payment["amount_refunded"] else None)


def _too_old() -> Refusal:
    return Refusal(
        "Refund is not supported by the bank because the payment is more than 6 months old",
        source=None,
        step=None,
        reason=None,
        metadata={},
    )
