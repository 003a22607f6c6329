"""The way back from the gateway's own page: a post from another site that carries no cookie.

It shows nothing, reads and sets no cookie, and trusts only the gateway's signature; where to go next is
said by our own query string in the address the gateway was given.
"""

import re
from urllib.parse import parse_qsl

from litestar import get, post
from litestar.response.redirect import Redirect

from app.checkout.services import take_return
from app.desks.patient.visit_page import JUST_PAID
from app.errors import DomainError, Unavailable
from app.web.doors import signed_by_gateway
from app.web.render import address
from app.web.visitor import WebRequest

_CODE = re.compile(r"[0-9A-Za-z]{4,16}")

_PROOF = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


def _way_back(request: WebRequest, name: str, query: str = "") -> Redirect:
    """On to a page of the visit the address speaks of; that page asks who is there, this one does not."""
    code = request.query_params.get("visit", "")
    path = address(request, name, code=code) if _CODE.fullmatch(code) else address(request, "visits.list")
    return Redirect(path + query, status_code=303)


def _not_taken(request: WebRequest, refusal: DomainError) -> Redirect:
    """Nothing was changed: the visit's page waits for the gateway, the checkout lets the payer try again."""
    if isinstance(refusal, Unavailable):
        return _way_back(request, "visits.show", JUST_PAID)
    return _way_back(request, "checkout.pay")


@post(
    "/checkout/return",
    name="checkout.return",
    guards=[signed_by_gateway],
    opt={"exclude_from_csrf": True, "no_session": True},
    exception_handlers={DomainError: _not_taken},
)
async def take(request: WebRequest) -> Redirect:
    """Take what the browser brings back from the gateway, whatever it is, and send it on."""
    body = (await request.body()).decode(errors="replace")
    brought = {name: value.replace("\x00", "") for name, value in parse_qsl(body)}
    if not all(name in brought for name in _PROOF):
        failed = any(name.startswith("error[") for name in brought)
        return _way_back(request, "checkout.pay", "?payment=failed" if failed else "")
    code = await take_return(*(brought[name] for name in _PROOF))
    return Redirect(address(request, "visits.show", code=code) + JUST_PAID, status_code=303)


@get(
    "/checkout/return",
    name="checkout.return_by_get",
    guards=[signed_by_gateway],
    opt={"exclude_from_csrf": True, "no_session": True},
)
async def take_by_get(request: WebRequest) -> Redirect:
    """A reload or an odd browser comes by GET and carries nothing: on to the visit."""
    return _way_back(request, "visits.show")
