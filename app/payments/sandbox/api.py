"""Razorpay's REST paths for orders, payments and refunds, as the SDK calls them."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from typing import Any

from litestar import Request, Router, get, patch, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.payments.sandbox.book import Book
from app.payments.sandbox.checks import DEFAULT_COUNT, MAX_COUNT, check_id, whole
from app.payments.sandbox.errors import Refusal, invalid, no_such_id, not_applicable
from app.payments.sandbox.shapes import Entity, collection

Call = Request[Any, Any, Any]


def book_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Book:
    """The book this process serves."""
    book: Book = connection.app.state.book
    return book


def merchant(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let in who sends the key id and its secret by Basic auth, spelled so; raises Refusal otherwise."""
    settings = book_of(connection).settings
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    wanted = f"{settings.key_id}:{settings.key_secret}".encode()
    if scheme != "Basic" or not hmac.compare_digest(given, wanted):
        raise Refusal("Authentication failed", status=401)


async def json_body(request: Call) -> Entity:
    """The request's JSON object, {} for an empty body; raises Refusal for anything else."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}", parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise not_applicable("invalid request sent") from None
    if body == []:
        return {}
    if not isinstance(body, dict):
        raise not_applicable("invalid request sent")
    return body


@post("/orders", status_code=200)
async def create_order(request: Call) -> Entity:
    """POST /v1/orders"""
    return book_of(request).orders.create(await json_body(request))


@get("/orders")
async def list_orders(request: Call) -> Entity:
    """GET /v1/orders?count=&skip=&from=&to=&receipt=&authorized=&expand[]=payments"""
    query, book = request.query_params, book_of(request)
    authorized = query.get("authorized")
    if authorized not in (None, "0", "1"):
        raise invalid("The authorized must be 0 or 1.", field="authorized")
    since, until = _period(request)
    orders = book.orders.listed(
        receipt=query.get("receipt"),
        since=since,
        until=until,
        authorized=None if authorized is None else authorized == "1",
    )
    items = _page(request, orders)
    if query.get("expand[]") == "payments":
        items = [{**order, "payments": _payments_of(book, order["id"])} for order in items]
    return collection(items)


@get("/orders/{order_id:str}")
async def fetch_order(request: Call, order_id: str) -> Entity:
    """GET /v1/orders/:id"""
    return book_of(request).orders.get(order_id).body


@patch("/orders/{order_id:str}")
async def edit_order(request: Call, order_id: str) -> Entity:
    """PATCH /v1/orders/:id"""
    return book_of(request).orders.edit(order_id, await json_body(request))


@get("/orders/{order_id:str}/payments")
async def payments_of_order(request: Call, order_id: str) -> Entity:
    """GET /v1/orders/:id/payments"""
    book = book_of(request)
    book.orders.get(order_id)
    return _payments_of(book, order_id)


@get("/payments")
async def list_payments(request: Call) -> Entity:
    """GET /v1/payments?count=&skip=&from=&to="""
    return _listed(request, "payment")


@get("/payments/{payment_id:str}")
async def fetch_payment(request: Call, payment_id: str) -> Entity:
    """GET /v1/payments/:id"""
    return book_of(request).payments.get(payment_id).body


@patch("/payments/{payment_id:str}")
async def edit_payment(request: Call, payment_id: str) -> Entity:
    """PATCH /v1/payments/:id"""
    return book_of(request).payments.edit(payment_id, await json_body(request))


@post("/payments/{payment_id:str}/capture", status_code=200)
async def capture_payment(request: Call, payment_id: str) -> Entity:
    """POST /v1/payments/:id/capture"""
    return book_of(request).payments.capture(payment_id, await json_body(request))


@post("/payments/{payment_id:str}/refund", status_code=200)
async def refund_payment(request: Call, payment_id: str) -> Entity:
    """POST /v1/payments/:id/refund"""
    key = request.headers.get("x-refund-idempotency")
    return book_of(request).refunds.create(payment_id, await json_body(request), key=key)


@get("/payments/{payment_id:str}/refunds")
async def refunds_of_payment(request: Call, payment_id: str) -> Entity:
    """GET /v1/payments/:id/refunds?count=&skip=&from=&to="""
    book_of(request).payments.get(payment_id)
    return _listed(request, "refund", payment_id=payment_id)


@get("/payments/{payment_id:str}/refunds/{refund_id:str}")
async def refund_of_payment(request: Call, payment_id: str, refund_id: str) -> Entity:
    """GET /v1/payments/:id/refunds/:rid"""
    check_id(payment_id, "pay")
    refund = book_of(request).refunds.get(refund_id).body
    if refund["payment_id"] != payment_id:
        raise no_such_id()
    return refund


@post("/refunds", status_code=200)
async def create_refund(request: Call) -> Entity:
    """POST /v1/refunds, the same with the payment's id in the body"""
    body = await json_body(request)
    payment_id = str(body.pop("payment_id", ""))
    return book_of(request).refunds.create(payment_id, body, key=request.headers.get("x-refund-idempotency"))


@get("/refunds")
async def list_refunds(request: Call) -> Entity:
    """GET /v1/refunds?count=&skip=&from=&to="""
    return _listed(request, "refund")


@get("/refunds/{refund_id:str}")
async def fetch_refund(request: Call, refund_id: str) -> Entity:
    """GET /v1/refunds/:id"""
    return book_of(request).refunds.get(refund_id).body


@patch("/refunds/{refund_id:str}")
async def edit_refund(request: Call, refund_id: str) -> Entity:
    """PATCH /v1/refunds/:id"""
    return book_of(request).refunds.edit(refund_id, await json_body(request))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _period(request: Call) -> tuple[int, int]:
    return whole(request.query_params, "from", 0), whole(request.query_params, "to", 2**53)


def _page(request: Call, items: list[Entity]) -> list[Entity]:
    skip = whole(request.query_params, "skip", 0)
    count = whole(request.query_params, "count", DEFAULT_COUNT, least=1, most=MAX_COUNT)
    return items[skip : skip + count]


def _listed(request: Call, kind: str, *, payment_id: str | None = None) -> Entity:
    since, until = _period(request)
    records = book_of(request).store.records(
        kind, since=since, until=until, newest_first=True, payment_id=payment_id
    )
    return collection(_page(request, [record.body for record in records]))


def _payments_of(book: Book, order_id: str) -> Entity:
    records = book.store.records("payment", order_id=order_id, newest_first=True)
    return collection([record.body for record in records])


router = Router(
    "/v1",
    guards=[merchant],
    route_handlers=[
        create_order,
        list_orders,
        fetch_order,
        edit_order,
        payments_of_order,
        list_payments,
        fetch_payment,
        edit_payment,
        capture_payment,
        refund_payment,
        refunds_of_payment,
        refund_of_payment,
        create_refund,
        list_refunds,
        fetch_refund,
        edit_refund,
    ],
)
