"""Confirming an e-mail address by code or link."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import address_of
from app.accounts.cookies import confirming, remember_confirming
from app.accounts.forms import AskAgainForm, LinkForm, VerifyForm
from app.accounts.pages.going_on import enter_confirmed, go_on
from app.accounts.rules import own_path
from app.errors import _
from app.web.doors import anyone
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/verify", name="accounts.verify", guards=[anyone])
async def verify_page(request: WebRequest) -> Response[Any]:
    """Asks for the code of the letter."""
    email, kept = confirming(request)
    then = own_path(request.query_params.get("next")) or own_path(kept) or ""
    if request.user is not None and request.user.is_verified:
        return go_on(request, request.user, then)
    f = VerifyForm(email=request.user.email if request.user else email, next=then)
    return page(request, "accounts/verify.html", f=f, knows_address=bool(f.email.data))


@post("/verify", guards=[anyone])
async def verify(request: WebRequest) -> Response[Any]:
    """Confirm by code; the code proves the address, so it signs in."""
    f = await VerifyForm.read(request)
    account = None
    if f.validate():
        email, code = str(f.email.data), str(f.code.data)
        account = await f.tried(services.confirm_by_code(email, code, address=address_of(request)))
    if account is None:
        return page(request, "accounts/verify.html", status=422, f=f, knows_address=not f.email.errors)
    return await enter_confirmed(request, account, f.next.data)


@post("/verify/again", name="accounts.verify_again", guards=[anyone])
async def verify_again(request: WebRequest) -> Response[Any]:
    """Send another letter; the answer does not say whether the address waits for one."""
    f = await AskAgainForm.read(request)
    email, then = str(f.email.data or ""), confirming(request)[1]
    await services.ask_again(email)
    sent = Notice(_("If this address waits to be confirmed, a new e-mail is on its way."), "news")
    return remember_confirming(go(request, "accounts.verify", notice=sent), email=email, then=then)


@get("/verify/{token:str}", name="accounts.verify_link", guards=[anyone])
async def verify_link_page(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """What the letter's link opens: one button, since programs that scan mail open links too."""
    return page(request, "accounts/verify_link.html", f=LinkForm(), token=token)


@post("/verify/{token:str}", guards=[anyone])
async def verify_link(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Confirm by link; it signs in only the browser that asked, so nobody is led into a strange account."""
    f = LinkForm()
    account = await f.tried(services.confirm_by_token(token))
    if account is None:
        return page(request, "accounts/verify_link.html", status=422, f=f, token=token)
    email, then = confirming(request)
    signed_in = request.user is not None and request.user.id == account.id
    if signed_in or email.lower() == account.email:
        return await enter_confirmed(request, account, then)
    notice = Notice(_("Your e-mail address is confirmed. You can log in now."))
    return go(request, "accounts.login", notice=notice)


VERIFYING = [verify_page, verify, verify_again, verify_link_page, verify_link]
