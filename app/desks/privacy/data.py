"""One's own data: what was agreed to, and a copy to take along."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of, where_of
from app.accounts.errors import NoSuchCopy
from app.accounts.forms import AcceptForm, AskCopyForm
from app.accounts.pages.noticing import notice_language
from app.accounts.queries import Account
from app.accounts.records import consents_of, find_open_export, find_ready_export, get_ready_export
from app.accounts.rules import NOTICE_VERSION
from app.accounts.services import accept_notice, totp
from app.accounts.services.exports import ask_export, file_of_export
from app.accounts.services.own_second_step import prove
from app.accounts.where import Where
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
    """Accept the notice as the page showed it; another version, or a language it is not in, is refused."""
    account, f = account_of(request), await AcceptForm.read(request)
    if not f.validate():
        return await _data_page(request, AskCopyForm(), refusal=f, status=422)
    await accept_notice(account.id, language=str(f.language.data), through="page")
    return go(request, "privacy.data", notice=Notice(_("Thank you. That is written down.")))


@post("/me/data/copy", name="privacy.export", guards=[signed_in])
async def ask_copy(request: WebRequest) -> Response[Any]:
    """Ask for a copy of everything, with the password."""
    account, f = account_of(request), await AskCopyForm.read(request)
    asked = None
    if f.validate():
        asked = await f.tried(_ask(account, f, where_of(request)))
    if asked is None:
        return await _data_page(request, f, **f.answer)
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


async def _ask(account: Account, f: AskCopyForm, where: Where) -> UUID:
    proof = await prove(account, password=str(f.password.data), code=f.code.data or "", where=where)
    return await ask_export(account, proof=proof)


async def _data_page(
    request: WebRequest, f: AskCopyForm, *, refusal: AcceptForm | None = None, **answer: Any
) -> Response[Any]:
    account, now = account_of(request), clock.now()
    consents = await consents_of(account.id)
    return page(
        request,
        "desks/privacy/data.html",
        part="copy",
        f=f,
        refusal=refusal,
        read_in=notice_language(),
        email=account.email,
        has_second_step=await totp.is_on(account.id),
        zone=clock.HOUSE_ZONE.key,
        version=NOTICE_VERSION,
        consents=consents,
        is_asked=not any(consent.is_of_today for consent in consents),
        making=await find_open_export(account.id, now=now),
        ready=await find_ready_export(account.id, now=now),
        **answer,
    )


DATA = [data_page, accept, ask_copy, download]
