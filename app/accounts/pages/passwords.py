"""A password: forgotten, chosen by a letter, changed."""

from dataclasses import asdict
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
    typed_before,
)
from app.accounts.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    FirstPasswordForm,
    ForgotForm,
    OwnersFirstForm,
)
from app.accounts.pages.going_on import end_shown, sign_in, way_on
from app.accounts.pages.noticing import notice_language
from app.accounts.queries import Account
from app.accounts.rules import own_path
from app.accounts.services.password import Choice, find_choice
from app.errors import _
from app.web.doors import anyone, signed_in
from app.web.pace import SAME_PACE
from app.web.render import Notice, go, go_to, page
from app.web.visitor import WebRequest

_READY = Notice(_("Your account is ready."))
_CHANGED = Notice(_("Your password is changed."))


@get("/login/forgot", name="accounts.forgot", guards=[anyone])
async def forgot_page(request: WebRequest) -> Response[Any]:
    """Asks for the address of the account whose password is forgotten: the one just tried, if it was one."""
    then, typed = own_path(request.query_params.get("next")) or "", typed_before(request)
    email = request.user.email if request.user else typed if "@" in typed else ""
    return page(request, "accounts/forgot.html", f=ForgotForm(email=email, next=then))


@post("/login/forgot", guards=[anyone], opt=SAME_PACE)
async def forgot(request: WebRequest) -> Response[Any]:
    """Send a letter if there is an account; the answer is the same if there is none."""
    f = await ForgotForm.read(request)
    if f.validate():
        await f.tried(services.ask_reset(str(f.email.data), address=address_of(request)))
    if f.errors:
        return page(request, "accounts/forgot.html", f=f, **f.answer)
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
    choice = await find_choice(token)
    return _reset_page(request, token, choice, _form_for(choice)())


@post("/login/reset/{token:str}", guards=[anyone])
async def reset(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Choose the password."""
    choice = await find_choice(token)
    f, account = await _form_for(choice).read(request), None
    if f.validate():
        account = await f.tried(_choose(request, token, f))
    if account is None:
        return _reset_page(request, token, choice, f, **f.answer)
    return await _enter_anew(request, account, _READY if choice and choice.is_first else _CHANGED)


@get("/me/password", name="accounts.change_password", guards=[signed_in])
async def change_password_page(request: WebRequest) -> Response[Any]:
    """Asks for the password of now and the next."""
    return page(request, "accounts/change_password.html", f=ChangePasswordForm())


@post("/me/password", guards=[signed_in])
async def change_password(request: WebRequest) -> Response[Any]:
    """Change it; this browser goes on with a fresh session, all others are logged out."""
    f, tokens = await ChangePasswordForm.read(request), None
    if f.validate():
        current, password, where = str(f.current.data), str(f.password.data), where_of(request)
        act = services.change_password(account_of(request), current=current, password=password, where=where)
        tokens = await f.tried(act)
    if tokens is None:
        return page(request, "accounts/change_password.html", f=f, **f.answer)
    notice = Notice(_("Your password is changed. Everywhere else you are logged out."))
    return hand_over(go(request, "accounts.security", notice=notice), tokens)


def _form_for(choice: Choice | None) -> type[ChoosePasswordForm]:
    """What is asked with the password of whom a link leads to."""
    if choice is not None and choice.lacks_name:
        return OwnersFirstForm
    return FirstPasswordForm if choice is not None and choice.lacks_notice else ChoosePasswordForm


async def _choose(request: WebRequest, token: str, f: ChoosePasswordForm) -> Account:
    name = str(f.name.data) if isinstance(f, OwnersFirstForm) else None
    accepts_in = notice_language() if isinstance(f, FirstPasswordForm) else None
    where = where_of(request)
    return await services.choose_password(
        token, str(f.password.data), where=where, accepts_in=accepts_in, name=name
    )


def _reset_page(
    request: WebRequest, token: str, choice: Choice | None, f: ChoosePasswordForm, **answer: Any
) -> Response[Any]:
    """The form, or that the link leads nowhere any more."""
    if choice is None:
        return page(request, "accounts/reset_over.html", **(answer or {"status": 404}))
    return page(request, "accounts/reset.html", f=f, token=token, choice=choice, **answer)


async def _enter_anew(request: WebRequest, account: Account, notice: Notice) -> Response[Any]:
    """Sign in whoever has chosen a password by a letter; staff log in, since more may be asked of them.

    The letter proves the mailbox, so this browser is known even to those, and no lock of strangers' holds it.
    """
    where = where_of(request)
    if account.actor.is_staff:
        await end_shown(request)
        assert where.device_id is not None
        return remember_device(take_back(go(request, "accounts.login", notice=notice)), where.device_id)
    tokens = await services.open_session(account.id, **asdict(where))
    then = way_on(request, account.role, confirming(request).then)
    return await sign_in(request, go_to(request, then, notice=notice), tokens)


PASSWORDS = [
    forgot_page,
    forgot,
    forgot_sent_page,
    reset_page,
    reset,
    change_password_page,
    change_password,
]
