"""One's own data: what was agreed to, and a copy to take along."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.accounts.errors import NoSuchCopy
from app.accounts.forms import AskCopyForm
from app.accounts.pages.noticing import notice_language
from app.accounts.queries import Account
from app.accounts.records import consents_of, find_open_export, find_ready_export, get_ready_export
from app.accounts.rules import NOTICE_VERSION
from app.accounts.services import accept_notice, check_password
from app.accounts.services.exports import ask_export, file_of_export
from app.errors import _
from app.storage import files
from app.web.doors import signed_in
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest


@get("/me/data", name="privacy.data", guards=[signed_in])
async def data_page(request: WebRequest) -> Response[Any]:
    """What somebody agreed to, and what they can do with their data."""
    return await _data_page(request, AskCopyForm())


@post("/me/data/notice", name="privacy.accept", guards=[signed_in])
async def accept(request: WebRequest) -> Response[Any]:
    """Accept the notice as it stands now."""
    await accept_notice(account_of(request).id, language=notice_language(), through="page")
    return go(request, "privacy.data", notice=Notice(_("Thank you. That is written down.")))


@post("/me/data/copy", name="privacy.export", guards=[signed_in])
async def ask_copy(request: WebRequest) -> Response[Any]:
    """Ask for a copy of everything, with the password."""
    account, f = account_of(request), await AskCopyForm.read(request)
    asked = await f.tried(_ask(account, str(f.password.data))) if f.validate() else None
    if asked is None:
        return await _data_page(request, f, status=422)
    return go(request, "privacy.data", notice=Notice(_("Your copy is being made. An e-mail tells you when.")))


@get(
    "/me/data/copy/{copy_id:uuid}", name="privacy.download", guards=[signed_in], opt={"no_compression": True}
)
async def download(request: WebRequest, copy_id: FromPath[UUID]) -> Response[bytes]:
    """The copy itself, for nobody but its owner and for a week."""
    copy = await get_ready_export(copy_id, user_id=account_of(request).id, now=clock.now())
    content = await files.find(file_of_export(copy.id))
    if content is None:
        raise NoSuchCopy
    named = f'attachment; filename="parchi-{copy.asked_at.date().isoformat()}.zip"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(content, media_type="application/zip", headers=headers)


async def _ask(account: Account, password: str) -> UUID:
    await check_password(account, password)
    return await ask_export(account)


async def _data_page(request: WebRequest, f: AskCopyForm, **answer: Any) -> Response[Any]:
    account, now = account_of(request), clock.now()
    consents = await consents_of(account.id)
    return page(
        request,
        "desks/privacy/data.html",
        part="copy",
        f=f,
        email=account.email,
        zone=clock.HOUSE_ZONE.key,
        version=NOTICE_VERSION,
        consents=consents,
        is_asked=not any(consent.is_of_today for consent in consents),
        making=await find_open_export(account.id, now=now),
        ready=await find_ready_export(account.id, now=now),
        **answer,
    )


DATA = [data_page, accept, ask_copy, download]
