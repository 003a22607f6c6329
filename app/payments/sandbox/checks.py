"""What the gateway looks at before it accepts a request: fields, types, limits, in Razorpay's words.

Where Razorpay's own wording is not known to us (the limits of notes, capture options, list queries) the
sentence follows the pattern of the known ones; callers must not branch on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.payments.sandbox.errors import invalid, not_applicable
from app.payments.sandbox.shapes import Entity

MIN_AMOUNT = 100
MAX_RECEIPT = 40
MAX_NOTES = 15
MAX_NOTE = 256
MAX_COUNT = 100
DEFAULT_COUNT = 10
THREE_DAYS_MINUTES = 3 * 24 * 60

ORDER_FIELDS = {"amount", "currency", "receipt", "notes", "payment", "payment_capture", "unique_receipt"}
REFUND_FIELDS = {"amount", "speed", "notes", "receipt"}
SPEEDS = ("normal", "optimum")


def check_id(value: str, prefix: str) -> str:
    """The id, when it has the prefix and 14 alphanumerics; raises Refusal otherwise."""
    if not re.fullmatch(rf"{prefix}_[A-Za-z0-9]{{14}}", value):
        raise invalid(f"{value} is not a valid id")
    return value


def check_fields(body: Entity, allowed: set[str]) -> None:
    """Raises Refusal when the body names a field the call does not take."""
    extra = [name for name in body if name not in allowed]
    if extra:
        raise invalid(
            f"{', '.join(extra)} is/are not required and should not be sent", reason="extra_field_sent"
        )


def check_order(body: Entity) -> None:
    """Raises Refusal when an order cannot be made from this body.

    Transfers and partial payments count as fields not to be sent: the twin is an account without those
    features.
    """
    whole_payment = {"partial_payment"} if body.get("partial_payment") is False else set()
    check_fields(body, ORDER_FIELDS | whole_payment)
    if "amount" not in body:
        raise invalid("amount: is required.", field="amount")
    _check_integer(body["amount"])
    if body["amount"] < MIN_AMOUNT:
        raise invalid(
            "Order amount less than minimum amount allowed",
            field="amount",
            step="order_creation",
            reason="amount_less_than_minimum_amount",
        )
    if "currency" not in body:
        raise invalid("currency: is required.", field="currency")
    _check_string(body, "currency")
    if body["currency"] != "INR":
        raise invalid("Currency is not supported", field="currency")
    check_receipt(body)
    check_notes(body)
    if not isinstance(body.get("unique_receipt", False), bool):
        raise invalid("unique_receipt: must be a boolean.", field="unique_receipt")
    capture_settings(body)


def check_receipt(body: Entity) -> None:
    """Raises Refusal for a receipt that is no text or longer than 40 characters."""
    if body.get("receipt") is None:
        return
    _check_string(body, "receipt")
    if len(body["receipt"]) > MAX_RECEIPT:
        raise invalid(f"receipt: the length must be no more than {MAX_RECEIPT}.", field="receipt")


def check_notes(body: Entity) -> None:
    """Raises Refusal for notes that are no object, more than 15 pairs or longer than 256 characters."""
    notes = body.get("notes")
    if notes is None or notes == []:
        return
    if not isinstance(notes, dict):
        raise invalid("notes: must be an object of key-value pairs.", field="notes")
    if len(notes) > MAX_NOTES:
        raise invalid(f"Number of fields in notes should be less than or equal to {MAX_NOTES}", field="notes")
    for key, value in notes.items():
        if not isinstance(value, str | int | float):
            raise invalid("notes values themselves should not be an array", field="notes")
        if len(key) > MAX_NOTE or len(str(value)) > MAX_NOTE:
            raise invalid(f"notes: the length must be no more than {MAX_NOTE}.", field="notes")


def capture_settings(body: Entity) -> tuple[bool, int]:
    """Whether payments of the order are captured by themselves, and after how many minutes an authorized one
    is given back (Razorpay's default: three days). Raises Refusal for settings out of bounds.
    """
    if "payment_capture" in body and body["payment_capture"] not in (0, 1, True, False, "0", "1"):
        raise invalid("payment_capture: must be 0 or 1.", field="payment_capture")
    automatic = str(body.get("payment_capture", 1)) in {"1", "True"}
    payment = body.get("payment")
    if payment is None:
        return automatic, THREE_DAYS_MINUTES
    if not isinstance(payment, dict) or payment.get("capture") not in ("automatic", "manual"):
        raise invalid("payment.capture: must be automatic or manual.", field="payment")
    options = payment.get("capture_options", {})
    if not isinstance(options, dict):
        raise invalid("payment.capture_options: must be an object.", field="payment")
    check_fields(payment, {"capture", "capture_options"})
    check_fields(options, {"automatic_expiry_period", "manual_expiry_period", "refund_speed"})
    first = options.get("automatic_expiry_period", 12)
    last = options.get(
        "manual_expiry_period", max(THREE_DAYS_MINUTES, first if isinstance(first, int) else 0)
    )
    for value in (first, last):
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid("The expiry period must be an integer.", field="payment")
    if not 12 <= first <= last <= 7200:
        raise invalid(
            "The expiry periods must lie between 12 and 7200 minutes, the manual one last.", field="payment"
        )
    if options.get("refund_speed", "normal") not in SPEEDS:
        raise invalid("The refund speed is invalid.", field="payment")
    return payment["capture"] == "automatic", last


def check_notes_edit(body: Entity) -> Entity | list[Any]:
    """The new notes of a PATCH, which may change nothing else; raises Refusal."""
    check_fields(body, {"notes"})
    if "notes" not in body:
        raise invalid("The notes field is required.", field="notes")
    check_notes(body)
    return body["notes"] or []


def check_capture(body: Entity, payment: Entity) -> None:
    """Raises Refusal unless the body asks for the whole authorized amount."""
    check_fields(body, {"amount", "currency"})
    if "amount" not in body:
        raise invalid("The amount field is required.", field="amount")
    _check_integer(body["amount"])
    if body["amount"] != payment["amount"]:
        raise invalid("Capture amount must be equal to the amount authorized.", field="amount")
    if body.get("currency", payment["currency"]) != payment["currency"]:
        raise invalid("Currency is not supported", field="currency")


def check_refund(body: Entity) -> None:
    """Raises Refusal for a refund body with wrong fields; an amount of None is left to mean all."""
    check_fields(body, REFUND_FIELDS)
    if body.get("amount") is not None:
        _check_integer(body["amount"])
        if body["amount"] < MIN_AMOUNT:
            raise invalid("The amount must be at least INR 1.00", field="amount")
    if body.get("speed", "normal") not in SPEEDS:
        raise invalid("The speed is invalid.", field="speed")
    check_receipt(body)
    check_notes(body)


def check_idempotency_key(key: str) -> None:
    """Raises Refusal for a key shorter than 10 characters or with others than letters, digits, - and _."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", key):
        raise not_applicable(
            "The idempotency key must only contain alphanumeric characters, underscores, and hyphens"
        )
    if len(key) < 10:
        raise not_applicable("The idempotency key must be at least 10 characters long.")


def whole(query: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
    """A whole number of a list query within its bounds; raises Refusal."""
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"\d{1,16}", text, re.ASCII):
        raise invalid(f"The {name} must be an integer.", field=name)
    if int(text) < least:
        raise invalid(f"The {name} must be at least {least}.", field=name)
    if int(text) > most:
        raise invalid(f"The {name} may not be greater than {most}.", field=name)
    return int(text)


def _check_integer(value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("The amount must be an integer.", field="amount")


def _check_string(body: Entity, name: str) -> None:
    if not isinstance(body[name], str):
        raise invalid(f"expected string but provided {body[name]}", field=name)
