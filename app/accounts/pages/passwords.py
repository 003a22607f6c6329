"""A password: forgotten, chosen by a letter, changed."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import account_of, address_of, where_of
from app.accounts.cookies import (
    confirming,
    hand_over,
    remember_confirming,
    remember_device,
    take_back,
)
from app.accounts.forms import ChangePasswordForm, ChoosePasswordForm, FirstPasswordForm, ForgotForm
from app.accounts.pages.going_on import way_on
from app.accounts.pages.noticing import notice_language
from app.accounts.queries import Account, get_user
from app.accounts.records import consents_of
from app.accounts.rules import own_path
from app.accounts.services.password import CHOOSING
from app.errors import _
from app.web.doors import anyone, signed_in
from app.web.pace import SAME_PACE
from app.web.render import Notice, go, go_to, page
from app.web.visitor import WebRequest


@get("/login/forgot", name="accounts.forgot", guards=[anyone])
async def forgot_page(request: WebRequest) -> Response[Any]:
    """Asks for the address of the account whose password is forgotten."""
    then = own_path(request.query_params.get("next")) or ""
    email = request.user.email if request.user else confirming(request).email
    return page(request, "accounts/forgot.html", f=ForgotForm(email=email, next=then))


@post("/login/forgot", guards=[anyone], opt=SAME_PACE)
async def forgot(request: WebRequest) -> Response[Any]:
    """Send a letter if there is an account; the answer is the same if there is none."""
    f = await ForgotForm.read(request)
    if not f.validate():
        return page(request, "accounts/forgot.html", status=422, f=f)
    await services.ask_reset(str(f.email.data), address=address_of(request))
    answer, waits = go(request, "accounts.forgot_sent"), confirming(request)
    return remember_confirming(
        answer, email=waits.email, then=own_path(f.next.data) or waits.then, letter=waits.letter
    )


@get("/login/forgot/sent", name="accounts.forgot_sent", guards=[anyone])
async def forgot_sent_page(request: WebRequest) -> Response[Any]:
    """What to do now."""
    return page(request, "accounts/forgot_sent.html")


@get("/login/reset/{token:str}", name="accounts.reset", guards=[anyone])
async def reset_page(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """What the letter's link opens: the form; opening it changes nothing."""
    return await _reset_page(request, token, None)


@post("/login/reset/{token:str}", guards=[anyone])
async def reset(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Choose the password."""
    form = FirstPasswordForm if await _lacks_notice(token) else ChoosePasswordForm
    f, account = await form.read(request), None
    if f.validate():
        accepts_in = notice_language() if form is FirstPasswordForm else None
        act = services.choose_password(
            token, str(f.password.data), where=where_of(request), accepts_in=accepts_in
        )
        account = await f.tried(act)
    if account is None:
        return await _reset_page(request, token, f)
    return await _enter_anew(request, account)


@get("/me/password", name="accounts.change_password", guards=[signed_in])
async def change_password_page(request: WebRequest) -> Response[Any]:
    """Asks for the password of now and the next."""
    return page(request, "accounts/change_password.html", f=ChangePasswordForm())


@post("/me/password", guards=[signed_in])
async def change_password(request: WebRequest) -> Response[Any]:
    """Change it; this browser goes on with a fresh session, all others are logged out."""
    f, tokens = await ChangePasswordForm.read(request), None
    if f.validate():
        act = services.change_password(
            account_of(request),
            current=str(f.current.data),
            password=str(f.password.data),
            where=where_of(request),
        )
        tokens = await f.tried(act)
    if tokens is None:
        return page(request, "accounts/change_password.html", f=f, **f.answer)
    notice = Notice(_("Your password is changed. Everywhere else you are logged out."))
    return hand_over(go(request, "accounts.security", notice=notice), tokens)


async def _lacks_notice(token: str) -> bool:
    proof = await services.find_proof(token, *CHOOSING)
    return proof is not None and not (proof.is_verified and await consents_of(proof.user_id))


async def _reset_page(request: WebRequest, token: str, f: ChoosePasswordForm | None) -> Response[Any]:
    """The form, or that the link leads nowhere any more."""
    proof = await services.find_proof(token, *CHOOSING)
    if proof is None:
        return page(request, "accounts/reset_over.html", status=422 if f else 404)
    form = FirstPasswordForm if await _lacks_notice(token) else ChoosePasswordForm
    return page(
        request,
        "accounts/reset.html",
        status=422 if f else 200,
        f=f or form(),
        token=token,
        account=await get_user(proof.user_id),
        is_first=proof.purpose == "set_password",
    )


async def _enter_anew(request: WebRequest, account: Account) -> Response[Any]:
    """Sign in whoever has chosen a password by a letter; staff log in, since more may be asked of them.

    The letter proves the mailbox, so this browser is known even to those, and no lock of strangers' holds it.
    """
    user = request.user
    if isinstance(user, Account) and user.id != account.id and user.session_id is not None:
        await services.log_out(user.session_id, by=user.actor)
    notice = Notice(_("Your password is changed."))
    where = where_of(request)
    assert where.device_id is not None
    if account.actor.is_staff:
        return remember_device(take_back(go(request, "accounts.login", notice=notice)), where.device_id)
    tokens = await services.open_session(
        account.id, address=where.address, device=where.device, device_id=where.device_id
    )
    then = way_on(request, account.role, confirming(request).then)
    return hand_over(go_to(request, then, notice=notice), tokens)


PASSWORDS = [
    forgot_page,
    forgot,
    forgot_sent_page,
    reset_page,
    reset,
    change_password_page,
    change_password,
]
