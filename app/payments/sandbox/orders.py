"""Orders: what is to be paid. They never expire, and once paid they stay so."""

from __future__ import annotations

import json

from app.payments.sandbox.checks import capture_settings, check_id, check_notes_edit, check_order
from app.payments.sandbox.clock import Clock
from app.payments.sandbox.errors import invalid, no_such_id
from app.payments.sandbox.shapes import Entity, new_order
from app.payments.sandbox.store import Record, Store


class Orders:
    """Creation and change of orders."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, body: Entity) -> Entity:
        """Make an order from a request body; with ``unique_receipt`` the same request gives the same order.

        Without it a receipt may repeat, as on an account by default. Raises Refusal.
        """
        check_order(body)
        automatic, expiry_minutes = capture_settings(body)
        request = json.dumps(body, sort_keys=True)
        with self._store.transaction():
            if body.get("unique_receipt") and body.get("receipt") is not None:
                earlier = self._store.records("order", receipt=body["receipt"], limit=1)
                if earlier and earlier[0].private["request"] == request:
                    return earlier[0].body
                if earlier:
                    raise invalid("Order receipt should be unique.", field="receipt")
            order = new_order(body, now=self._clock.now())
            private = {"automatic": automatic, "expiry_minutes": expiry_minutes, "request": request}
            self._store.put(Record(order, private))
        return order

    def get(self, order_id: str) -> Record:
        """The order; raises Refusal for an id that is malformed or unknown."""
        record = self._store.find(check_id(order_id, "order"))
        if record is None:
            raise no_such_id()
        return record

    def edit(self, order_id: str, body: Entity) -> Entity:
        """Replace the notes, the only thing of an order that can change; raises Refusal."""
        with self._store.transaction():
            record = self.get(order_id)
            record.body["notes"] = check_notes_edit(body)
            self._store.put(record)
        return record.body

    def note_attempt(self, order: Record) -> None:
        """Count a payment, whatever becomes of it."""
        order.body["attempts"] += 1
        if order.body["status"] == "created":
            order.body["status"] = "attempted"
        self._store.put(order)

    def note_paid(self, order: Record) -> None:
        """Close the order: its whole amount has been captured."""
        order.body.update(status="paid", amount_paid=order.body["amount"], amount_due=0)
        self._store.put(order)

    def listed(self, *, receipt: str | None, since: int, until: int, authorized: bool | None) -> list[Entity]:
        """Orders made between two moments in seconds, newest first.

        ``authorized`` keeps those with (True) or without (False) a payment the bank has said yes to.
        """
        found = self._store.records("order", receipt=receipt, since=since, until=until, newest_first=True)
        orders = [record.body for record in found]
        if authorized is None:
            return orders
        return [order for order in orders if self._has_authorized_payment(order["id"]) == authorized]

    def _has_authorized_payment(self, order_id: str) -> bool:
        payments = self._store.records("payment", order_id=order_id)
        return any(payment.body["status"] in {"authorized", "captured", "refunded"} for payment in payments)
