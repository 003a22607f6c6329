"""What the gateway says of orders, payments and refunds, read strictly from its JSON.

An entity we cannot read is a gateway that is down, never a guess.
"""

from dataclasses import dataclass
from typing import Any

from app.payments.errors import GatewayDown


@dataclass(frozen=True)
class GatewayOrder:
    """What is to be paid, as the gateway knows it."""

    id: str
    receipt: str | None
    amount_paise: int
    currency: str


@dataclass(frozen=True)
class GatewayPayment:
    """One attempt to pay an order; `status` is created, authorized, captured, refunded or failed.

    `was_captured` tells a refunded payment whose money we once had from one that was never ours.
    """

    id: str
    order_id: str
    amount_paise: int
    currency: str
    status: str
    was_captured: bool = False
    refunded_paise: int = 0
    error_reason: str | None = None


@dataclass(frozen=True)
class GatewayRefund:
    """Money the gateway gives back; `status` is pending, processed or failed."""

    id: str
    payment_id: str
    amount_paise: int
    status: str
    receipt: str | None = None


def order_of(entity: dict[str, Any]) -> GatewayOrder:
    """Read an order entity; raises GatewayDown for one we cannot read."""
    return GatewayOrder(
        id=_text(entity, "id"),
        receipt=_text_or_none(entity, "receipt"),
        amount_paise=_paise(entity, "amount"),
        currency=_text(entity, "currency"),
    )


def payment_of(entity: dict[str, Any]) -> GatewayPayment | None:
    """Read a payment entity; None for one without an order. Raises GatewayDown for one we cannot read."""
    order_id = _text_or_none(entity, "order_id")
    if order_id is None:
        return None
    status = _text(entity, "status")
    return GatewayPayment(
        id=_text(entity, "id"),
        order_id=order_id,
        amount_paise=_paise(entity, "amount"),
        currency=_text(entity, "currency"),
        status=status,
        was_captured=status == "captured" or (status == "refunded" and entity.get("captured") is True),
        refunded_paise=_paise(entity, "amount_refunded") if entity.get("amount_refunded") else 0,
        error_reason=_reason(entity.get("error_reason")),
    )


def refund_of(entity: dict[str, Any]) -> GatewayRefund:
    """Read a refund entity; raises GatewayDown for one we cannot read."""
    return GatewayRefund(
        id=_text(entity, "id"),
        payment_id=_text(entity, "payment_id"),
        amount_paise=_paise(entity, "amount"),
        status=_text(entity, "status"),
        receipt=_text_or_none(entity, "receipt"),
    )


def items_of(answer: object) -> list[dict[str, Any]]:
    """The entities of a collection; raises GatewayDown for an answer that is none."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GatewayDown
    return items


def _text(entity: dict[str, Any], name: str) -> str:
    value = _text_or_none(entity, name)
    if value is None:
        raise GatewayDown
    return value


def _text_or_none(entity: object, name: str) -> str | None:
    value = entity.get(name) if isinstance(entity, dict) else None
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or len(value) > 255:
        raise GatewayDown
    return value


def _reason(value: object) -> str | None:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 255 else None


def _paise(entity: dict[str, Any], name: str) -> int:
    value = entity.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise GatewayDown
    return value
