"""Oneself: what an account says about its holder."""

from typing import Any

from litestar import Response, Router, get, post

from app.accounts import services
from app.accounts.access import account_of
from app.accounts.forms import ProfileForm
from app.accounts.queries import find_photo_key, has_others
from app.booking.queries.family import has_booked
from app.errors import _
from app.web.doors import signed_in
from app.web.i18n import LANGUAGES
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/me", name="accounts.me", guards=[signed_in])
async def me_page(request: WebRequest) -> Response[Any]:
    """What we know of the account, to look at and change."""
    account = account_of(request)
    f = ProfileForm(name=account.name, mobile=account.mobile or "", language=account.language)
    return await _me_page(request, f)


@post("/me", guards=[signed_in])
async def change_me(request: WebRequest) -> Response[Any]:
    """Change it."""
    account, f = account_of(request), await ProfileForm.read(request)
    changed = None
    if f.validate():
        name, mobile, language = (str(f.data[field] or "") for field in ("name", "mobile", "language"))
        act = services.change_profile(account, name=name, mobile=mobile, language=language, by=account.actor)
        changed = await f.tried(act)
    if changed is None:
        return await _me_page(request, f, status=422)
    return go(request, "accounts.me", notice=Notice(_("Saved.")))


async def _me_page(request: WebRequest, f: ProfileForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    return page(
        request,
        "accounts/me.html",
        f=f,
        account=account,
        photo=await find_photo_key(account.id),
        has_visits=account.role != "patient" and await has_booked(account.id),
        has_people=account.role == "patient" or await has_others(account.id),
        languages=LANGUAGES,
        **answer,
    )


router = Router("/", route_handlers=[me_page, change_me])
