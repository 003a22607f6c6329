"""The entities in the shapes Razorpay documents, and their ids."""

from __future__ import annotations

import secrets
import string
from typing import Any

Entity = dict[str, Any]

ALPHANUMERIC = string.ascii_letters + string.digits
METHODS = ("upi", "card", "netbanking", "wallet")
NO_EMAIL = "void@razorpay.com"
NO_CONTACT = "+919999999999"

ERROR_FIELDS = ("code", "description", "source", "step", "reason")
FAILURES: dict[str, tuple[str, str, str, str]] = {
    "payment_failed": (
        "BAD_REQUEST_ERROR",
        "Your payment could not be completed as it was declined by the bank. Try another payment method.",
        "issuer_bank",
        "payment_authorization",
    ),
    "payment_cancelled": (
        "BAD_REQUEST_ERROR",
        "Your payment has been cancelled. Try again or complete the payment later.",
        "customer",
        "payment_authentication",
    ),
    "payment_timed_out": (
        "BAD_REQUEST_ERROR",
        "Your payment could not be completed on time. Try again later.",
        "customer",
        "payment_authentication",
    ),
    "insufficient_funds": (
        "BAD_REQUEST_ERROR",
        "Your payment could not be completed due to insufficient account balance. Try another account.",
        "customer",
        "payment_authorization",
    ),
    "incorrect_otp": (
        "BAD_REQUEST_ERROR",
        "Your payment could not be completed due to an incorrect OTP. Try again with the correct OTP.",
        "customer",
        "payment_authentication",
    ),
    "server_error": (
        "GATEWAY_ERROR",
        "Your payment could not be completed due to a technical error at the bank. Try again later.",
        "gateway",
        "payment_authorization",
    ),
}


def new_id(prefix: str) -> str:
    """``prefix`` and an underscore, if any, then 14 case-sensitive alphanumerics, as every id of Razorpay."""
    tail = "".join(secrets.choice(ALPHANUMERIC) for _ in range(14))
    return f"{prefix}_{tail}" if prefix else tail


def fee_and_tax(amount: int) -> tuple[int, int]:
    """The standard price in paise: 2 %, and 18 % GST upon it; the fee includes the tax."""
    base = (amount * 2 + 50) // 100
    tax = (base * 18 + 50) // 100
    return base + tax, tax


def new_order(body: Entity, *, now: int) -> Entity:
    """An order as the answer to its creation, from a body already checked."""
    return {
        "id": new_id("order"),
        "entity": "order",
        "amount": body["amount"],
        "amount_paid": 0,
        "amount_due": body["amount"],
        "currency": body["currency"],
        "receipt": body.get("receipt"),
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": body.get("notes") or [],
        "created_at": now,
    }


def new_payment(order: Entity, *, method: str, payer: Entity, now: int) -> Entity:
    """A payment of an order in status ``created``; ``payer`` may hold email, contact, description, notes."""
    return {
        "id": new_id("pay"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "base_amount": order["amount"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "amount_transferred": 0,
        "refund_status": None,
        "captured": False,
        "description": payer.get("description") or None,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        "email": payer.get("email") or NO_EMAIL,
        "contact": payer.get("contact") or NO_CONTACT,
        "notes": payer.get("notes") or [],
        "fee": None,
        "tax": None,
        **_error(None),
        **_method_part(method),
        "created_at": now,
    }


def set_error(payment: Entity, reason: str | None) -> None:
    """Write a failure's five error fields into a payment, or clear them with None."""
    payment.update(_error(reason))


def error_of(payment: Entity) -> Entity:
    """The error object a failed payment gives to checkout and to the return address."""
    error = {name: payment[f"error_{name}"] for name in ERROR_FIELDS}
    return {**error, "metadata": {"payment_id": payment["id"], "order_id": payment["order_id"]}}


def new_refund(payment: Entity, *, amount: int, body: Entity, now: int) -> Entity:
    """A refund in status ``pending``; ``body`` may hold notes, receipt and speed."""
    speed = body.get("speed", "normal")
    return {
        "id": new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": body.get("notes") or [],
        "receipt": body.get("receipt"),
        "acquirer_data": {"arn": None},
        "created_at": now,
        "batch_id": None,
        "status": "pending",
        "speed_requested": speed,
        "speed_processed": "instant" if speed == "optimum" else "normal",
    }


def collection(items: list[Entity]) -> Entity:
    """The envelope of every list."""
    return {"entity": "collection", "count": len(items), "items": items}


def _error(reason: str | None) -> Entity:
    values = (None,) * 5 if reason is None else (*FAILURES[reason], reason)
    return {f"error_{name}": value for name, value in zip(ERROR_FIELDS, values, strict=True)}


def _digits(count: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(count))


def _method_part(method: str) -> Entity:
    if method == "card":
        card = new_id("card")
        return {
            "card_id": card,
            "card": {
                "id": card,
                "entity": "card",
                "name": "",
                "last4": "1007",
                "network": "Visa",
                "type": "credit",
                "issuer": None,
                "international": False,
                "emi": False,
                "sub_type": "consumer",
                "token_iin": None,
            },
            "acquirer_data": {"auth_code": _digits(6)},
        }
    if method == "netbanking":
        return {"bank": "HDFC", "acquirer_data": {"bank_transaction_id": _digits(7)}}
    if method == "wallet":
        return {"wallet": "amazonpay", "acquirer_data": {"transaction_id": None}}
    vpa = "success@razorpay"
    return {
        "vpa": vpa,
        "acquirer_data": {"rrn": _digits(12), "upi_transaction_id": secrets.token_hex(16).upper()},
        "upi": {"payer_account_type": "bank_account", "vpa": vpa, "flow": "intent"},
    }
