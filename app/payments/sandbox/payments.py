"""Payments: from the first attempt to capture, failure or being given back, by Razorpay's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.payments.sandbox.checks import check_capture, check_id, check_notes_edit
from app.payments.sandbox.clock import Clock
from app.payments.sandbox.errors import ALREADY_PAID, invalid, no_such_id
from app.payments.sandbox.orders import Orders
from app.payments.sandbox.refunds import Refunds
from app.payments.sandbox.shapes import Entity, fee_and_tax, new_payment, set_error
from app.payments.sandbox.store import Record, Store
from app.payments.sandbox.webhooks import Webhooks

TIMES_OUT_AFTER_SECONDS = 10 * 60
# From a status to those it may reach; failed → authorized is a bank that answered late.
MOVES = {
    "created": {"failed", "authorized", "captured"},
    "failed": {"authorized", "captured"},
    "authorized": {"captured"},
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a payer pays, or does not: ``outcome`` is created, failed, authorized or captured.

    ``reason`` names the failure; ``payer`` holds email, contact, description and notes as far as known.
    ``send`` False keeps this attempt's webhooks back for ever, ``delay_ms`` sends them later (real time).
    """

    outcome: str
    method: str = "upi"
    reason: str = "payment_failed"
    payer: Entity = field(default_factory=dict)
    send: bool = True
    delay_ms: int = 0


class Payments:
    """Everything that changes a payment except the sums given back."""

    def __init__(
        self, store: Store, clock: Clock, webhooks: Webhooks, orders: Orders, refunds: Refunds
    ) -> None:
        self._store = store
        self._clock = clock
        self._webhooks = webhooks
        self._orders = orders
        self._refunds = refunds

    def pay(self, order_id: str, attempt: Attempt, *, key: str | None = None) -> Entity:
        """Make a payment of an order and bring it to the attempt's outcome.

        On an order already paid the money is given back at once. ``key`` is what ``of_attempt`` later finds
        the payment by. Raises Refusal for an unknown order, or while another payment of it is authorized.
        """
        with self._store.transaction():
            order = self._orders.get(order_id)
            if self._store.records("payment", order_id=order_id, status="authorized", limit=1):
                raise invalid("Another payment of this order is authorized and waits for its capture.")
            payment = Record(
                new_payment(order.body, method=attempt.method, payer=attempt.payer, now=self._clock.now())
            )
            payment.private["expires_ms"] = self._clock.now_ms() + TIMES_OUT_AFTER_SECONDS * 1000
            self._orders.note_attempt(order)
            self._store.put(payment)
            self._reach(payment, order, attempt)
            if key is not None:
                self._store.remember(f"attempt:{order_id}:{key}", attempt.outcome, payment.body["id"])
        return payment.body

    def of_attempt(self, order_id: str, key: str) -> Entity | None:
        """The payment made earlier under this key, if any: a page sent twice must not pay twice."""
        earlier = self._store.answered(f"attempt:{order_id}:{key}")
        return None if earlier is None else self.get(earlier[1]).body

    def move_on(self, payment_id: str, order_id: str, attempt: Attempt) -> Entity:
        """Bring an existing payment on, as a bank's late answer does; raises Refusal for a move backwards."""
        with self._store.transaction():
            payment = self.get(payment_id)
            if payment.body["order_id"] != order_id:
                raise no_such_id()
            if attempt.outcome not in MOVES.get(payment.body["status"], ()):
                raise invalid(f"A payment cannot go from {payment.body['status']} to {attempt.outcome}.")
            self._reach(payment, self._orders.get(order_id), attempt)
        return payment.body

    def capture(self, payment_id: str, body: Entity) -> Entity:
        """Take an authorized payment by hand; raises Refusal for a wrong sum or status."""
        with self._store.transaction():
            payment = self.get(payment_id)
            check_capture(body, payment.body)
            if payment.body["captured"]:
                raise invalid(ALREADY_PAID)
            if payment.body["status"] != "authorized":
                raise invalid("Only payments which have been authorized and not yet captured can be captured")
            self._take(payment, self._orders.get(payment.body["order_id"]), Attempt("captured"))
        return payment.body

    def get(self, payment_id: str) -> Record:
        """The payment; raises Refusal for an id that is malformed or unknown."""
        record = self._store.find(check_id(payment_id, "pay"))
        if record is None:
            raise no_such_id()
        return record

    def edit(self, payment_id: str, body: Entity) -> Entity:
        """Replace the notes, the only thing of a payment that can change; raises Refusal."""
        with self._store.transaction():
            record = self.get(payment_id)
            record.body["notes"] = check_notes_edit(body)
            self._store.put(record)
        return record.body

    def expire_due(self) -> None:
        """Let unanswered payments fail after ten minutes and give uncaptured ones back after their period."""
        for payment in self._store.records("payment", status="created"):
            if self._clock.now_ms() >= payment.private["expires_ms"]:
                self._time_out(payment)
        for payment in self._store.records("payment", status="authorized"):
            if self._clock.now_ms() >= payment.private["expires_ms"]:
                with self._store.transaction():
                    self._refunds.give_back(payment)

    def has_waiting(self) -> bool:
        """Whether any payment will change by itself."""
        return any(
            self._store.records("payment", status=status, limit=1) for status in ("created", "authorized")
        )

    def _time_out(self, payment: Record) -> None:
        with self._store.transaction():
            order = self._orders.get(payment.body["order_id"])
            self._reach(payment, order, Attempt("failed", reason="payment_timed_out"))

    def _reach(self, payment: Record, order: Record, attempt: Attempt) -> None:
        if attempt.outcome == "failed":
            self._fail(payment, attempt)
        elif attempt.outcome != "created":
            if payment.body["status"] != "authorized":
                self._authorize(payment, order, attempt)
            if order.body["status"] == "paid":
                self._refunds.give_back(payment)
            elif attempt.outcome == "captured":
                self._take(payment, order, attempt)

    def _fail(self, payment: Record, attempt: Attempt) -> None:
        payment.body["status"] = "failed"
        set_error(payment.body, attempt.reason)
        self._store.put(payment)
        self._tell("payment.failed", attempt, payment=payment.body)

    def _authorize(self, payment: Record, order: Record, attempt: Attempt) -> None:
        payment.body["status"] = "authorized"
        payment.private["expires_ms"] = self._clock.now_ms() + order.private["expiry_minutes"] * 60_000
        set_error(payment.body, None)
        self._store.put(payment)
        self._tell("payment.authorized", attempt, payment=payment.body)

    def _take(self, payment: Record, order: Record, attempt: Attempt) -> None:
        fee, tax = fee_and_tax(payment.body["amount"])
        payment.body.update(status="captured", captured=True, fee=fee, tax=tax)
        self._store.put(payment)
        self._orders.note_paid(order)
        self._tell("payment.captured", attempt, payment=payment.body)
        self._tell("order.paid", attempt, payment=payment.body, order=order.body)
        for other in self._store.records("payment", order_id=order.body["id"], status="authorized"):
            self._refunds.give_back(other)

    def _tell(self, event: str, attempt: Attempt, **entities: Any) -> None:
        self._webhooks.emit(event, send=attempt.send, delay_ms=attempt.delay_ms, **entities)
