"""A face: shown to whom it may be shown, and put there or taken away by its owner."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE as TOO_MUCH

from app.accounts import services
from app.accounts.access import account_of
from app.accounts.forms import PhotoForm
from app.accounts.photos import EDGES, MOST_BYTES, TOO_LARGE
from app.accounts.queries import find_photo, find_photo_key
from app.accounts.rules import own_path
from app.errors import NotFound, _
from app.storage import files
from app.web.doors import anyone, signed_in
from app.web.errors import on_http_error
from app.web.forms import LONGEST_BODY
from app.web.render import Notice, go, go_to, page
from app.web.security import NO_TOKEN_COOKIE
from app.web.visitor import WebRequest

_EDGE_OF = {f"{edge}.webp": edge for edge in EDGES}
_FOR_A_DAY = "private, max-age=86400, immutable"
"""Another photo has another address, so the answer to this one never changes; but it may be taken back, so
only browsers that have seen it keep it, no cache that others share, and they for a day: soon after a doctor
has left nobody is shown the picture any more."""


@get(
    "/photos/{key:str}/{size:str}",
    name="photos.show",
    guards=[anyone],
    opt={"no_compression": True, **NO_TOKEN_COOKIE},
)
async def show_photo(request: WebRequest, key: FromPath[str], size: FromPath[str]) -> Response[bytes]:
    """The photo of a doctor who can be found to anyone, any other only to its owner.

    `size` is 96.webp or 256.webp.
    """
    edge, photo = _EDGE_OF.get(size), await find_photo(key)
    if edge is None or photo is None or not (photo.is_public or _is_theirs(request, photo.user_id)):
        raise NotFound
    picture = await files.find(services.file_of(key, edge))
    if picture is None:
        raise NotFound
    headers = {"Cache-Control": _FOR_A_DAY} if photo.is_public else {}
    return Response(picture, media_type="image/webp", headers=headers)


def _is_theirs(request: WebRequest, user_id: object) -> bool:
    return request.user is not None and request.user.id == user_id


@get("/me/photo", name="accounts.photo", guards=[signed_in])
async def photo_page(request: WebRequest) -> Response[Any]:
    """The photo there is, and a form for another one."""
    return await _photo_page(request, PhotoForm(next=own_path(request.query_params.get("next")) or ""))


def _too_much(request: WebRequest, refusal: HTTPException) -> Response[Any]:
    """Say on the page itself what was too large to be read at all."""
    if refusal.status_code != TOO_MUCH:
        return on_http_error(request, refusal)
    return go(request, "accounts.photo", notice=Notice(TOO_LARGE, "refused"))


@post(
    "/me/photo",
    guards=[signed_in],
    request_max_body_size=MOST_BYTES + LONGEST_BODY,
    exception_handlers={HTTPException: _too_much},
)
async def change_photo(request: WebRequest) -> Response[Any]:
    """Show this photo from now on, and go back to where the person came from."""
    account, f = account_of(request), await PhotoForm.read(request)
    sent = (await request.form()).get("photo")
    upload = await sent.read() if isinstance(sent, UploadFile) else b""
    if await f.tried(services.change_photo(account, upload, by=account.actor)) is None:
        return await _photo_page(request, f, status=422)
    return go_to(request, own_path(f.next.data) or "/me", notice=Notice(_("This is your photo now.")))


@get("/me/photo/remove", name="accounts.photo_remove", guards=[signed_in])
async def ask_to_remove(request: WebRequest) -> Response[Any]:
    """Say what removing the photo means."""
    then = own_path(request.query_params.get("next")) or ""
    return await _photo_page(request, PhotoForm(next=then), template="accounts/photo_remove.html")


@post("/me/photo/remove", guards=[signed_in])
async def remove_photo(request: WebRequest) -> Response[Any]:
    """Show no photo any more."""
    account, f = account_of(request), await PhotoForm.read(request)
    await services.remove_photo(account, by=account.actor)
    return go_to(request, own_path(f.next.data) or "/me", notice=Notice(_("The photo is removed.")))


async def _photo_page(
    request: WebRequest, f: PhotoForm, *, template: str = "accounts/photo.html", **answer: Any
) -> Response[Any]:
    account = account_of(request)
    then = own_path(f.next.data) or "/me"
    key = await find_photo_key(account.id)
    return page(request, template, f=f, account=account, photo=key, then=then, **answer)


PHOTOS = [show_photo, photo_page, change_photo, ask_to_remove, remove_photo]
