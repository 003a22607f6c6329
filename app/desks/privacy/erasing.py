"""The page on which somebody has their account erased."""

from typing import Any

from litestar import Response, get, post

from app import clock
from app.accounts.access import account_of, where_of
from app.accounts.cookies import take_back
from app.accounts.forms import EraseForm
from app.accounts.rules import ERASED_AFTER
from app.accounts.services import totp
from app.desks.privacy.leaving import close_for_good, in_the_way
from app.errors import _
from app.payments.queries import coming_back_paise
from app.web.doors import signed_in
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/me/data/erase", name="privacy.erase", guards=[signed_in])
async def erase_page(request: WebRequest) -> Response[Any]:
    """What erasing does, what stays and until when, and what stands in the way."""
    return await _erase_page(request, EraseForm())


@post("/me/data/erase", guards=[signed_in])
async def erase(request: WebRequest) -> Response[Any]:
    """Close the account for good, and sign out."""
    account, f = account_of(request), await EraseForm.read(request)
    closed = None
    if f.validate():
        typed = {"password": str(f.password.data), "code": f.code.data or ""}
        closed = await f.tried(close_for_good(account, **typed, where=where_of(request)))
    if closed is None:
        return await _erase_page(request, f, **f.answer)
    notice = Notice(_("Your account is closed and is being erased. A last e-mail says what that means."))
    return take_back(go(request, "home", notice=notice))


async def _erase_page(request: WebRequest, f: EraseForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    return page(
        request,
        "desks/privacy/erase.html",
        f=f,
        account=account,
        has_second_step=await totp.is_on(account.id),
        zone=clock.HOUSE_ZONE.key,
        kept_until=clock.now() + ERASED_AFTER,
        in_the_way=await in_the_way(account.id),
        coming_back=await coming_back_paise(account.id),
        **answer,
    )


ERASING = [erase_page, erase]
