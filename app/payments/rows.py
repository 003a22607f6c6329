"""What payments' questions are answered with, and what its services give back."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self
from uuid import UUID

from asyncpg import Record


@dataclass(frozen=True)
class Payment:
    """What one appointment costs, and the sums captured, on their way back and given back, in paise."""

    id: UUID
    appointment_id: UUID
    payer_id: UUID
    method: str
    status: str
    amount_paise: int
    captured_paise: int
    refunding_paise: int
    refunded_paise: int
    receipt: str
    razorpay_order_id: str | None
    razorpay_payment_id: str | None
    failure_reason: str | None
    created_at: datetime
    captured_at: datetime | None
    order_tries: int
    order_claimed_at: datetime | None
    next_ask_at: datetime | None
    asks: int
    final_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def left_paise(self) -> int:
        """Captured money that is neither given back nor on its way back."""
        return self.captured_paise - self.refunding_paise - self.refunded_paise


@dataclass(frozen=True)
class Refund:
    """Money on its way back to where it came from; `status` is pending, processed or failed."""

    id: UUID
    payment_id: UUID
    razorpay_payment_id: str
    amount_paise: int
    status: str
    why: str
    idempotency_key: str
    razorpay_refund_id: str | None
    created_at: datetime
    next_ask_at: datetime
    processed_at: datetime | None
    failure_reason: str | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class MoneyEntry:
    """One thing that happened to the money of an appointment; 0 paise where nothing was moved."""

    at: datetime
    event: str
    by_role: str
    amount_paise: int


@dataclass(frozen=True)
class Delivery:
    """A signed message of the gateway, as it came."""

    event_id: str
    name: str
    razorpay_order_id: str | None
    body: str
    handled_at: datetime | None


PAYMENT_COLUMNS = ", ".join(f"p.{field.name}" for field in fields(Payment))
"""The columns of a payment in a query that calls the table `p`."""

REFUND_COLUMNS = ", ".join(f"r.{field.name}" for field in fields(Refund))
"""The columns of a refund in a query that calls the table `r`."""
