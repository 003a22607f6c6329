"""One's own second step: an authenticator app, and recovery codes for when it is lost."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import segno
from litestar import Response, get, post

from app.accounts.access import account_of, where_of
from app.accounts.forms.second_step import AppCodeForm, PasswordAgainForm, SecondStepProofForm
from app.accounts.services import own_second_step, totp
from app.errors import _
from app.web.doors import roles
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

T = TypeVar("T")

STAFF = roles("doctor", "reception", "admin")
PATH = "/me/security/second-step"


@get(PATH, name="accounts.second_step", guards=[STAFF])
async def second_step_page(request: WebRequest) -> Response[Any]:
    """Whether it is on, and what can be done about it."""
    return await _overview(request, PasswordAgainForm())


@post(PATH, guards=[STAFF])
async def begin(request: WebRequest) -> Response[Any]:
    """Show the key to take into an app, to whoever knows the password."""
    account, f = account_of(request), await PasswordAgainForm.read(request)
    setup = None
    if f.validate():
        act = own_second_step.begin(account, password=str(f.password.data), where=where_of(request))
        setup = await f.tried(act)
    if setup is None:
        return await _overview(request, f, **f.answer)
    return _setup_page(request, setup, AppCodeForm(key_id=str(setup.key_id)))


@get(f"{PATH}/confirm", name="accounts.second_step_confirm", guards=[STAFF])
async def confirm_page(request: WebRequest) -> Response[Any]:
    """The key stands only in the answer to the password: a reload of that page begins again."""
    return go(request, "accounts.second_step")


@post(f"{PATH}/confirm", guards=[STAFF])
async def confirm(request: WebRequest) -> Response[Any]:
    """Turn it on with the app's first code, and show the recovery codes this once."""
    account, f = account_of(request), await AppCodeForm.read(request)
    setup = await totp.find_setup(account, str(f.key_id.data or ""))
    if setup is None:
        notice = Notice(_("That took too long, or was done elsewhere. Please look again."), "refused")
        return go(request, "accounts.second_step", notice=notice)
    codes = await f.tried(totp.confirm(account, str(f.code.data))) if f.validate() else None
    if codes is None:
        return _setup_page(request, setup, f, status=422)
    return page(request, "accounts/recovery_codes.html", codes=codes, is_new=True)


@get(f"{PATH}/codes", name="accounts.second_step_codes", guards=[STAFF])
async def codes_page(request: WebRequest) -> Response[Any]:
    """Ask before the recovery codes are replaced."""
    return await _proof_page(request, "accounts/second_step_codes.html", SecondStepProofForm())


@post(f"{PATH}/codes", guards=[STAFF])
async def renew_codes(request: WebRequest) -> Response[Any]:
    """Replace them, and show the new ones this once."""
    f = await SecondStepProofForm.read(request)
    codes = await _proved(request, f, own_second_step.renew)
    if codes is None:
        return await _proof_page(request, "accounts/second_step_codes.html", f, **f.answer)
    return page(request, "accounts/recovery_codes.html", codes=codes, is_new=False)


@get(f"{PATH}/off", name="accounts.second_step_off", guards=[STAFF])
async def off_page(request: WebRequest) -> Response[Any]:
    """Ask before it is turned off."""
    return await _proof_page(request, "accounts/second_step_off.html", SecondStepProofForm())


@post(f"{PATH}/off", guards=[STAFF])
async def turn_off(request: WebRequest) -> Response[Any]:
    """Turn it off."""
    f = await SecondStepProofForm.read(request)
    if await _proved(request, f, own_second_step.turn_off) is None:
        return await _proof_page(request, "accounts/second_step_off.html", f, **f.answer)
    return go(request, "accounts.second_step", notice=Notice(_("The second step is off.")))


async def _overview(request: WebRequest, f: PasswordAgainForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    is_on = await totp.is_on(account.id)
    left = await totp.codes_left(account.id)
    return page(request, "accounts/second_step.html", f=f, is_on=is_on, left=left, **answer)


async def _proved(request: WebRequest, f: SecondStepProofForm, act: Callable[..., Awaitable[T]]) -> T | None:
    """What an act behind password and code gives, or None where the form says what is wrong."""
    if not f.validate():
        return None
    password, code = str(f.password.data), str(f.code.data)
    return await f.tried(act(account_of(request), password=password, code=code, where=where_of(request)))


async def _proof_page(
    request: WebRequest, template: str, f: SecondStepProofForm, **answer: Any
) -> Response[Any]:
    """A page about a second step that is on; where it is off there is nothing to ask."""
    if not await totp.is_on(account_of(request).id):
        return go(request, "accounts.second_step")
    return page(request, template, f=f, **answer)


def _setup_page(request: WebRequest, setup: totp.Setup, f: AppCodeForm, **answer: Any) -> Response[Any]:
    secret = setup.secret_base32
    return page(
        request,
        "accounts/second_step_setup.html",
        f=f,
        uri=setup.uri,
        key=[secret[at : at + 4] for at in range(0, len(secret), 4)],
        picture=segno.make(setup.uri, error="m", micro=False).svg_data_uri(scale=4, light="#fff"),
        **answer,
    )


AUTHENTICATOR = [
    second_step_page,
    begin,
    confirm_page,
    confirm,
    codes_page,
    renew_codes,
    off_page,
    turn_off,
]
