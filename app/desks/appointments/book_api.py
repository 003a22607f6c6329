"""Booking for programs: a time is held and its order made in one call."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, post
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from app.accounts.access import account_of
from app.accounts.queries import Account
from app.checkout import services as checkout
from app.desks.appointments.json import AppointmentAnswer, appointment_json_of
from app.payments.queries import Payment
from app.settings import settings
from app.web.doors import verified
from app.web.idempotency import once
from app.web.visitor import WebRequest


class BookBody(Struct, kw_only=True):
    """Which time, for whom and what."""

    slot_id: UUID
    service_id: Annotated[UUID | None, Meta(description="else the doctor's first service in person")] = None
    person_id: Annotated[UUID | None, Meta(description="one of the account's persons, else its owner")] = None
    reason: Annotated[str, Meta(description="at most 500 characters")] = ""
    pay_with: Annotated[str, Meta(description="razorpay; wallet and clinic are not offered yet")] = "razorpay"


class OrderAnswer(Struct):
    """The order to open the gateway's checkout with; `amount` is in paise."""

    id: str
    amount: int
    currency: str
    key_id: str

    @classmethod
    def of(cls, payment: Payment) -> "OrderAnswer":
        """Of a payment whose order was made."""
        return cls(payment.razorpay_order_id or "", payment.amount_paise, "INR", settings().razorpay_key_id)


class BookedAnswer(Struct):
    """The held appointment. Without `order` the gateway is down: ask for it by create-order later."""

    appointment: AppointmentAnswer
    order: OrderAnswer | UnsetType = UNSET


async def _book(data: BookBody, account: Account) -> BookedAnswer:
    held = await checkout.start(
        data.slot_id,
        service_id=data.service_id,
        person_id=data.person_id,
        reason=data.reason,
        pay_with=data.pay_with,
        account=account,
    )
    payment = await checkout.try_order(held.id) if held.status == "held" else None
    order = OrderAnswer.of(payment) if payment else UNSET
    return BookedAnswer(await appointment_json_of(held.id, by=account.actor), order)


@post("/appointments/book", guards=[verified("patient")], status_code=201)
async def book(request: WebRequest, data: JSONBody[BookBody]) -> Response[BookedAnswer]:
    """Hold a time and open its payment; 409 with `free`, three other times, when it is taken."""
    account = account_of(request)
    return await once(request, lambda: _book(data, account), status=201)


router = Router(
    "/api",
    route_handlers=[book],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Appointments"],
)
