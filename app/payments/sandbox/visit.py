"""A payer's visit to the checkout: the fields the shop sent along, carried from page to page in the form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.payments.sandbox.book import Book
from app.payments.sandbox.errors import ALREADY_PAID, AMOUNT_DIFFERS, invalid, no_such_id
from app.payments.sandbox.payments import Attempt
from app.payments.sandbox.shapes import METHODS, Entity

ADDRESSES = ("callback_url", "cancel_url", "parent")
KNOWN = {"key_id", "order_id", "amount", "currency", "name", "description", *ADDRESSES}


@dataclass(frozen=True, slots=True)
class Visit:
    """What the shop sent; ``parent`` is the origin of the page around the frame."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        """A field's value, empty when the shop did not send it."""
        return self.fields.get(name, "")

    def origin(self, name: str) -> str:
        """The origin of one of the addresses, empty when it is absent or no http address."""
        return origin(self.get(name))

    @property
    def method(self) -> str:
        """The way of paying the shop proposes."""
        method = self.get("prefill[method]")
        return method if method in METHODS else "upi"

    def attempt(self, outcome: str, method: str) -> Attempt:
        """What the payer does at the bank, in the words of the book; the shop's notes go into the payment."""
        notes = {
            name[len("notes[") : -1]: value
            for name, value in self.fields.items()
            if name.startswith("notes[")
        }
        payer = {
            "email": self.get("prefill[email]"),
            "contact": self.get("prefill[contact]"),
            "description": self.get("description"),
            "notes": notes,
        }
        return Attempt(outcome, method=method if method in METHODS else "upi", payer=payer)


def read_visit(sent: Mapping[str, object]) -> Visit:
    """The fields the checkout knows, from a query or a form; others are left aside."""
    return Visit(
        {
            name: value
            for name, value in sent.items()
            if isinstance(value, str) and (name in KNOWN or re.fullmatch(r"(prefill|notes)\[.*\]", name))
        }
    )


def check_visit(book: Book, visit: Visit) -> Entity:
    """The order to be paid; raises Refusal when key, order, amount, currency or addresses do not fit.

    Amount and currency may be left out, as integrators do.
    """
    for name in ADDRESSES:
        if visit.get(name) and not visit.origin(name):
            raise invalid(f"The {name} is not a valid URL.", field=name)
    for name in ("key_id", "order_id"):
        if not visit.get(name):
            raise invalid(f"The {name} field is required.", field=name)
    if visit.get("key_id") != book.settings.key_id:
        raise no_such_id()
    order = book.orders.get(visit.get("order_id")).body
    fits = visit.get("amount") in ("", str(order["amount"])) and visit.get("currency") in (
        "",
        order["currency"],
    )
    if not fits:
        raise invalid(AMOUNT_DIFFERS, field="amount", reason="order_amount_mismatch")
    if order["status"] == "paid":
        raise invalid(ALREADY_PAID, reason="order_already_paid")
    return order


def origin(url: str) -> str:
    """Scheme, host and port of an http address; empty when it is none, or could break out of a policy."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+", parts.hostname or ""):
        return ""
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
