"""Paying for programs: the order, what the checkout brought back, refunds by a person's decision."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from app.accounts.access import account_of
from app.booking.access import visit_for
from app.checkout import services as checkout
from app.desks.appointments.book_api import OrderAnswer
from app.desks.appointments.json import AppointmentAnswer, RefundAnswer, appointment_json
from app.events.actor import Actor
from app.web.doors import roles
from app.web.idempotency import once
from app.web.visitor import WebRequest


class OrderBody(Struct):
    """Which appointment is to be paid."""

    appointment_id: UUID


class OrderMade(Struct):
    """The order to open the gateway's checkout with."""

    order: OrderAnswer


class ReturnBody(Struct):
    """The three values the gateway's checkout gives to its caller."""

    razorpay_order_id: str
    razorpay_payment_id: str
    razorpay_signature: str


class PaidAnswer(Struct):
    """The appointment as the payment left it."""

    appointment: AppointmentAnswer


class RefundBody(Struct):
    """What is to be given back."""

    appointment_id: UUID
    amount: Annotated[int | None, Meta(description="in paise, at least 100; else all that is left")] = None


class RefundAsked(Struct):
    """The refund on its way."""

    refund: RefundAnswer


async def _order(appointment_id: UUID) -> OrderMade:
    return OrderMade(OrderAnswer.of(await checkout.ensure_order(appointment_id)))


async def _refund(appointment_id: UUID, amount: int | None, by: Actor) -> RefundAsked:
    return RefundAsked(RefundAnswer.of(await checkout.refund(appointment_id, amount_paise=amount, by=by)))


@post("/payment/create-order", guards=[roles("patient")], status_code=200)
async def create_order(request: WebRequest, data: JSONBody[OrderBody]) -> Response[OrderMade]:
    """The order of a held appointment; the same one while the time is held."""
    visit = await visit_for(data.appointment_id, account_of(request))
    return await once(request, lambda: _order(visit.id))


@post("/payment/verify", guards=[roles("patient")], status_code=200)
async def verify(request: WebRequest, data: JSONBody[ReturnBody]) -> PaidAnswer:
    """Hand over what the checkout brought back; a signature that does not hold changes nothing."""
    account = account_of(request)
    code = await checkout.take_return(
        data.razorpay_order_id, data.razorpay_payment_id, data.razorpay_signature, payer_id=account.id
    )
    return PaidAnswer(await appointment_json(await visit_for(code, account), by=account.actor))


@post("/payment/refund", guards=[roles("admin")], status_code=200)
async def refund(request: WebRequest, data: JSONBody[RefundBody]) -> Response[RefundAsked]:
    """Give money back; the visit stays what it is."""
    account = account_of(request)
    visit = await visit_for(data.appointment_id, account)
    return await once(request, lambda: _refund(visit.id, data.amount, account.actor))


router = Router(
    "/api",
    route_handlers=[create_order, verify, refund],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Payments"],
)
