"""Signing up."""

from typing import Any

from litestar import Response, get, post

from app.accounts import services
from app.accounts.access import address_of
from app.accounts.cookies import remember_confirming
from app.accounts.forms import SignUpForm
from app.accounts.pages.going_on import go_on
from app.accounts.pages.noticing import notice_language
from app.accounts.rules import own_path, read_email
from app.web.doors import anyone
from app.web.pace import SAME_PACE
from app.web.render import go, page
from app.web.visitor import WebRequest


@get("/signup", name="accounts.sign_up", guards=[anyone])
async def sign_up_page(request: WebRequest) -> Response[Any]:
    """The sign-up form; whoever is signed in already goes on."""
    then = own_path(request.query_params.get("next")) or ""
    if request.user is not None:
        return go_on(request, request.user, then)
    return page(request, "accounts/sign_up.html", f=SignUpForm(next=then))


@post("/signup", guards=[anyone], opt=SAME_PACE)
async def sign_up(request: WebRequest) -> Response[Any]:
    """Sign up; the answer is the same whether we know the address or not, the letter tells."""
    f = await SignUpForm.read(request)
    begun = None
    if f.validate():
        typed = {name: str(f.data[name] or "") for name in ("name", "email", "mobile", "password")}
        about = {"role": "patient", "address": address_of(request), "accepts_in": notice_language()}
        begun = await f.tried(services.sign_up(**typed, **about))
    if begun is None:
        return page(request, "accounts/sign_up.html", f=f, **f.answer)
    then, email = own_path(f.next.data) or "", read_email(str(f.email.data))
    return remember_confirming(
        go(request, "accounts.verify"), email=email, then=then, letter=begun.confirmation_id
    )


SIGNING_UP = [sign_up_page, sign_up]
