"""Confirming an e-mail address by code or link."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import address_of
from app.accounts.cookies import Confirming, confirming, forget_confirming, remember_confirming
from app.accounts.forms import VerifyForm, VerifyLinkForm
from app.accounts.pages.going_on import enter_confirmed, go_on
from app.accounts.pages.noticing import notice_language
from app.accounts.queries import Account
from app.accounts.rules import own_path
from app.accounts.services import totp
from app.errors import _
from app.web.doors import anyone
from app.web.pace import SAME_PACE
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/verify", name="accounts.verify", guards=[anyone])
async def verify_page(request: WebRequest) -> Response[Any]:
    """Asks for the code of the letter that this browser waits for."""
    waits = await _waiting(request)
    then = own_path(request.query_params.get("next")) or own_path(waits.then) or ""
    if request.user is not None and request.user.is_verified:
        return go_on(request, request.user, then)
    return page(request, "accounts/verify.html", f=VerifyForm(next=then), waits=waits)


@post("/verify", guards=[anyone], opt=SAME_PACE)
async def verify(request: WebRequest) -> Response[Any]:
    """Confirm by code; it proves the address, and the browser waits for it, so it signs in."""
    f, waits, account = await VerifyForm.read(request), await _waiting(request), None
    if f.validate():
        act = services.confirm_own_letter(waits.letter, str(f.code.data), accepts_in=notice_language())
        account = await f.tried(act)
    if account is None:
        return page(request, "accounts/verify.html", f=f, waits=waits, **f.answer)
    return await _enter(request, account, f.next.data)


@post("/verify/again", name="accounts.verify_again", guards=[anyone], opt=SAME_PACE)
async def verify_again(request: WebRequest) -> Response[Any]:
    """Send another letter; the answer does not say whether the address waits for one."""
    f, waits = await VerifyForm.read(request), await _waiting(request)
    if not waits.email:
        return go(request, "accounts.verify")
    letter = await f.tried(_another_letter(request, waits))
    if letter is None:
        return page(request, "accounts/verify.html", f=f, waits=waits, **f.answer)
    sent = Notice(_("If this address waits to be confirmed, a new e-mail is on its way."), "news")
    answer = go(request, "accounts.verify", notice=sent)
    return remember_confirming(
        answer, email=waits.email, then=own_path(f.next.data) or waits.then, letter=letter
    )


@get("/verify/{token:str}", name="accounts.verify_link", guards=[anyone])
async def verify_link_page(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """What the letter's link opens: one button, since programs that scan mail open links too."""
    return await _link_page(request, token, VerifyLinkForm())


@post("/verify/{token:str}", guards=[anyone], opt=SAME_PACE)
async def verify_link(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Confirm by link; it signs in whoever waits for it here or types the password, and nobody else out."""
    f = await VerifyLinkForm.read(request)
    account = await f.tried(_confirm(request, token, str(f.password.data or "")))
    if account is None:
        return await _link_page(request, token, f, **f.answer)
    return await _enter(request, account, confirming(request).then)


async def _confirm(request: WebRequest, token: str, password: str) -> Account:
    return await services.confirm_by_link(
        token,
        letter=confirming(request).letter,
        account=_signed_in(request),
        password=password,
        address=address_of(request),
        accepts_in=notice_language(),
    )


async def _another_letter(request: WebRequest, waits: Confirming) -> UUID:
    user_id = request.user.id if request.user is not None else None
    return await services.ask_again(waits.email, waits.letter, user_id=user_id, address=address_of(request))


async def _enter(request: WebRequest, account: Account, then: str | None) -> Response[Any]:
    """Sign in whoever confirmed their address, unless their log-in asks for more than was shown here.

    Where somebody else is signed in nobody is signed in or out, by code as by link.
    """
    is_own = request.user is not None and request.user.id == account.id
    if request.user is not None and not is_own:
        notice = Notice(_("The e-mail address is confirmed."))
        return forget_confirming(go(request, "home", notice=notice))
    if not is_own and await totp.is_on(account.id):
        notice = Notice(_("Your e-mail address is confirmed. You can log in now."))
        return go(request, "accounts.login", notice=notice)
    return await enter_confirmed(request, account, then)


async def _waiting(request: WebRequest) -> Confirming:
    """What this browser waits for: for whoever is signed in the newest letter to their account."""
    kept, user = confirming(request), request.user
    if user is None or user.is_verified:
        return kept if kept.letter else Confirming(then=kept.then)
    return Confirming(user.email, kept.then, await services.newest_letter(user.email))


async def _link_page(request: WebRequest, token: str, f: VerifyLinkForm, **answer: Any) -> Response[Any]:
    proof, letter = await services.find_proof(token, "verify_email"), confirming(request).letter
    if proof is None:
        answer = answer or {"status": 404}
        return page(
            request, "accounts/verify_link.html", f=f, token=token, is_open=False, awaited=False, **answer
        )
    awaited = await services.is_awaited(proof, letter=letter, account=_signed_in(request))
    return page(
        request, "accounts/verify_link.html", f=f, token=token, is_open=True, awaited=awaited, **answer
    )


def _signed_in(request: WebRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None


VERIFYING = [verify_page, verify, verify_again, verify_link_page, verify_link]
