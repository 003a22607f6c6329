"""A way in for owners whom others' wrong passwords hold off: a link that makes this browser a known one."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import where_of
from app.accounts.cookies import remember_device, remember_typed
from app.accounts.forms import LinkForm, TrustForm
from app.errors import _
from app.web.doors import anyone
from app.web.pace import SAME_PACE
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/login/trust", name="accounts.trust_ask", guards=[anyone])
async def ask_page(request: WebRequest) -> Response[Any]:
    """Asks whom to send a link."""
    return page(request, "accounts/trust_ask.html", f=TrustForm())


@post("/login/trust", guards=[anyone], opt=SAME_PACE)
async def ask(request: WebRequest) -> Response[Any]:
    """Send a link; the answer does not say whether there is an account."""
    f, where = await TrustForm.read(request), where_of(request)
    if f.validate():
        await f.tried(services.ask_trust(str(f.identifier.data), where=where))
    if f.errors:
        return page(request, "accounts/trust_ask.html", f=f, **f.answer)
    assert where.device_id is not None
    answer = remember_typed(go(request, "accounts.trust_sent"), str(f.identifier.data))
    return remember_device(answer, where.device_id)


@get("/login/trust/sent", name="accounts.trust_sent", guards=[anyone])
async def sent_page(request: WebRequest) -> Response[Any]:
    """What to do now."""
    return page(request, "accounts/trust_sent.html")


@get("/login/trust/{token:str}", name="accounts.trust_link", guards=[anyone])
async def link_page(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """What the letter's link opens: one button, since programs that scan mail open links too."""
    return page(request, "accounts/trust_link.html", f=LinkForm(), token=token)


@post("/login/trust/{token:str}", guards=[anyone])
async def link(request: WebRequest, token: FromPath[str]) -> Response[Any]:
    """Know this browser from now on; logging in still takes the password."""
    f = LinkForm()
    if await f.tried(services.trust_device(token, where=where_of(request))) is None:
        return page(request, "accounts/trust_link.html", status=422, f=f, token=token)
    return go(request, "accounts.login", notice=Notice(_("You can log in here now.")))


TRUSTING = [ask_page, ask, sent_page, link_page, link]
