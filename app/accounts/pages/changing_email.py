"""Another e-mail address for one's account."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import account_of, address_of, where_of
from app.accounts.cookies import forget_confirming
from app.accounts.forms import ChangeEmailForm, EmailCodeForm, LinkForm
from app.errors import _
from app.web.doors import signed_in
from app.web.pace import SAME_PACE
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/me/email", name="accounts.change_email", guards=[signed_in])
async def change_email_page(request: WebRequest) -> Response[Any]:
    """Asks for the new address and the password."""
    return await _ask_page(request, ChangeEmailForm())


@post("/me/email", guards=[signed_in], opt=SAME_PACE)
async def change_email(request: WebRequest) -> Response[Any]:
    """Write to the new address; the answer is the same where it is somebody else's."""
    f, asked = await ChangeEmailForm.read(request), None
    if f.validate():
        email, password = str(f.email.data), str(f.password.data)
        act = services.ask_email_change(
            account_of(request), email=email, password=password, where=where_of(request)
        )
        asked = await f.tried(act)
    if asked is None:
        return await _ask_page(request, f, **f.answer)
    return go(request, "accounts.confirm_email_change")


@get("/me/email/code", name="accounts.confirm_email_change", guards=[signed_in])
async def email_code_page(request: WebRequest) -> Response[Any]:
    """Asks for the code of the letter to the new address."""
    email = await services.email_waiting(account_of(request))
    if email is None:
        return go(request, "accounts.change_email")
    return page(request, "accounts/change_email_code.html", f=EmailCodeForm(), email=email)


@post("/me/email/code", guards=[signed_in])
async def email_code(request: WebRequest) -> Response[Any]:
    """Change the address by the code."""
    account, f, changed = account_of(request), await EmailCodeForm.read(request), None
    email = await services.email_waiting(account)
    if f.validate():
        act = services.change_email_by_code(account, str(f.code.data))
        changed = await f.tried(act)
    if changed is None:
        return page(request, "accounts/change_email_code.html", f=f, email=email, **f.answer)
    return _done(request)


@get("/me/email/{token:str}", name="accounts.email_link", guards=[signed_in])
async def email_link_page(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """What the letter's link opens for whoever is signed in: one button."""
    email = await services.email_of_change(account_of(request), token)
    status = 200 if email else 404
    return page(
        request, "accounts/change_email_link.html", status=status, f=LinkForm(), token=token, email=email
    )


@post("/me/email/{token:str}", guards=[signed_in])
async def email_link(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Change the address by the link."""
    f = LinkForm()
    act = services.change_email_by_link(account_of(request), token, address=address_of(request))
    if await f.tried(act) is None:
        email = await services.email_of_change(account_of(request), token)
        return page(request, "accounts/change_email_link.html", f=f, token=token, email=email, **f.answer)
    return _done(request)


async def _ask_page(request: WebRequest, f: ChangeEmailForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    waiting = await services.email_waiting(account)
    return page(request, "accounts/change_email.html", f=f, account=account, waiting=waiting, **answer)


def _done(request: WebRequest) -> Response[Any]:
    notice = Notice(_("Your e-mail address is changed. Everywhere else you are logged out."))
    return forget_confirming(go(request, "accounts.security", notice=notice))


CHANGING_EMAIL = [
    change_email_page,
    change_email,
    email_code_page,
    email_code,
    email_link_page,
    email_link,
]
