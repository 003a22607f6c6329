"""The payer's side: the script a shop embeds, the page in its frame, and the hosted page without a script.

Both pages are the same test bank: choose a way of paying, then say what the bank shall answer. The frame
tells its outcome to the shop's page by postMessage; the hosted page sends it to the shop by a form, across
sites.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Response, get, post

from app.payments.sandbox import pages
from app.payments.sandbox.api import Call, book_of
from app.payments.sandbox.book import Book
from app.payments.sandbox.errors import URL_NOT_FOUND, Refusal, invalid
from app.payments.sandbox.shapes import Entity, error_of
from app.payments.sandbox.visit import Visit, check_visit, read_visit

STATIC = Path(__file__).parent / "static"
FILES = {"frame.js": "text/javascript", "hosted.js": "text/javascript", "sandbox.css": "text/css"}


@get("/v1/checkout.js", media_type="text/javascript")
async def checkout_script() -> bytes:
    """The script a shop's page includes; it opens the frame below on ``new Razorpay(options).open()``."""
    return (STATIC / "checkout.js").read_bytes()


@get("/v1/checkout/static/{file:str}")
async def static_file(file: str) -> Response[bytes]:
    """Style and scripts of the sandbox's own pages."""
    if file not in FILES:
        raise Refusal(URL_NOT_FOUND)
    return Response((STATIC / file).read_bytes(), media_type=FILES[file])


@get("/v1/checkout/frame")
async def frame(request: Call) -> Response[str]:
    """The page in the frame, opened by checkout.js with the shop's options in the query."""
    visit = read_visit(request.query_params)
    try:
        order = check_visit(book_of(request), visit)
    except Refusal as refusal:
        return pages.problem(visit, refusal, framed=True)
    return pages.choose(visit, order, framed=True)


@post("/v1/checkout/frame", status_code=200)
async def answer_in_frame(request: Call) -> Response[str]:
    """The bank's answer, chosen in the frame; the page tells it to the shop's page."""
    form, book = await request.form(), book_of(request)
    visit = read_visit(form)
    try:
        payment = _pay(book, visit, form)
    except Refusal as refusal:
        return pages.problem(visit, refusal, framed=True)
    if payment["status"] == "failed":
        order = book.orders.get(payment["order_id"]).body
        return pages.choose(visit, order, framed=True, failed=error_of(payment))
    return pages.paid_in_frame(visit, _proof(book, payment))


@post("/v1/checkout/embedded", status_code=200)
async def hosted(request: Call) -> Response[str]:
    """The hosted page: the shop's plain form leads here, across sites and without any script."""
    visit = read_visit(await request.form())
    try:
        order = check_visit(book_of(request), visit)
        if not visit.get("callback_url"):
            raise invalid("The callback_url field is required.", field="callback_url")
    except Refusal as refusal:
        return pages.problem(visit, refusal, framed=False)
    return pages.choose(visit, order, framed=False)


@post("/v1/checkout/embedded/answer", status_code=200)
async def answer_hosted(request: Call) -> Response[str]:
    """The bank's answer, chosen on the hosted page; leads back to the shop by a form."""
    form, book = await request.form(), book_of(request)
    visit = read_visit(form)
    if form.get("outcome") == "cancel":
        return pages.cancelled(visit)
    try:
        payment = _pay(book, visit, form)
    except Refusal as refusal:
        return pages.problem(visit, refusal, framed=False)
    if payment["status"] == "failed":
        return pages.back_to_shop(visit, "Payment failed", pages.error_fields(error_of(payment)))
    return pages.back_to_shop(visit, "Payment successful", _proof(book, payment))


def _pay(book: Book, visit: Visit, form: Mapping[str, Any]) -> Entity:
    """Make the payment; the same button of the same page pressed twice makes one."""
    succeeds = form.get("outcome") == "success"
    order_id = visit.get("order_id")
    key = f"{form.get('attempt') or secrets.token_hex(8)}:{succeeds}"
    earlier = book.payments.of_attempt(order_id, key)
    if earlier is not None:
        return earlier
    check_visit(book, visit)
    automatic = book.orders.get(order_id).private["automatic"]
    outcome = "failed" if not succeeds else "captured" if automatic else "authorized"
    return book.payments.pay(order_id, visit.attempt(outcome, str(form.get("method", ""))), key=key)


def _proof(book: Book, payment: Entity) -> dict[str, str]:
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": book.signature(payment["order_id"], payment["id"]),
    }


handlers = [checkout_script, static_file, frame, answer_in_frame, hosted, answer_hosted]
