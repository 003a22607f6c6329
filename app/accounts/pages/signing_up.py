"""Signing up."""

from typing import Any

from litestar import Response, get, post

from app.accounts import services
from app.accounts.access import address_of
from app.accounts.cookies import remember_confirming
from app.accounts.forms import SignUpForm
from app.accounts.pages.going_on import go_on
from app.accounts.rules import own_path
from app.web.doors import anyone
from app.web.render import go, page
from app.web.visitor import WebRequest


@get("/signup", name="accounts.sign_up", guards=[anyone])
async def sign_up_page(request: WebRequest) -> Response[Any]:
    """The sign-up form; whoever is signed in already goes on."""
    then = own_path(request.query_params.get("next")) or ""
    if request.user is not None:
        return go_on(request, request.user, then)
    return page(request, "accounts/sign_up.html", f=SignUpForm(next=then))


@post("/signup", guards=[anyone])
async def sign_up(request: WebRequest) -> Response[Any]:
    """Sign up; the answer is the same whether we know the address or not, the letter tells."""
    f = await SignUpForm.read(request)
    if not f.validate():
        return page(request, "accounts/sign_up.html", status=422, f=f)
    typed = {name: str(f.data[name] or "") for name in ("name", "email", "mobile", "password")}
    await services.sign_up(**typed, role="patient", address=address_of(request))
    answer = go(request, "accounts.verify")
    return remember_confirming(answer, email=typed["email"], then=own_path(f.next.data) or "")


SIGNING_UP = [sign_up_page, sign_up]
