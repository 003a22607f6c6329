"""Oneself, and the people one books for."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from app.accounts import services
from app.accounts.access import account_of
from app.accounts.forms import OwnPersonForm, PersonForm, ProfileForm
from app.accounts.queries import Person, find_photo_key, get_person, persons_of
from app.accounts.rules import own_path
from app.errors import _
from app.web.doors import signed_in
from app.web.i18n import LANGUAGES
from app.web.render import Notice, go, go_to, page
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


@get("/me/people", name="accounts.people", guards=[signed_in])
async def people_page(request: WebRequest) -> Response[Any]:
    """The people this account books for, and a form for one more."""
    people = await persons_of(account_of(request).id)
    f = PersonForm(next=own_path(request.query_params.get("next")) or "")
    return page(request, "accounts/people.html", f=f, people=people)


@post("/me/people", guards=[signed_in])
async def add_person(request: WebRequest) -> Response[Any]:
    """Add somebody, and go back to where the person came from."""
    account, f = account_of(request), await PersonForm.read(request)
    added = None
    if f.validate():
        added = await f.tried(services.add_person(account, **_typed(f), by=account.actor))
    if added is None:
        people = await persons_of(account.id)
        return page(request, "accounts/people.html", status=422, f=f, people=people)
    notice = Notice(_("Added. You can now book for them too."))
    then = own_path(f.next.data)
    return go_to(request, then, notice=notice) if then else go(request, "accounts.people", notice=notice)


@get("/me/people/{person_id:uuid}", name="accounts.person", guards=[signed_in])
async def person_page(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """One of these people, to change."""
    person = await get_person(person_id, account_id=account_of(request).id)
    f = _form_of(person)(
        name=person.name,
        birth_year=str(person.birth_year or ""),
        sex=person.sex or "",
        mobile=person.mobile or "",
        relation=person.relation,
    )
    return page(request, "accounts/person.html", f=f, person=person)


@post("/me/people/{person_id:uuid}", guards=[signed_in])
async def change_person(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Change them."""
    account = account_of(request)
    person = await get_person(person_id, account_id=account.id)
    f = await _form_of(person).read(request)
    changed = None
    if f.validate():
        act = services.change_person(person_id, account=account, **_typed(f), by=account.actor)
        changed = await f.tried(act)
    if changed is None:
        return page(request, "accounts/person.html", status=422, f=f, person=person)
    return go(request, "accounts.people", notice=Notice(_("Saved.")))


async def _me_page(request: WebRequest, f: ProfileForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    photo = await find_photo_key(account.id)
    return page(request, "accounts/me.html", f=f, account=account, photo=photo, languages=LANGUAGES, **answer)


def _form_of(person: Person) -> type[OwnPersonForm]:
    return OwnPersonForm if person.is_self else PersonForm


def _typed(f: OwnPersonForm) -> dict[str, str]:
    """A person's fields as they were typed; nothing typed is an empty text."""
    return {name: str(f.data.get(name) or "") for name in ("name", "birth_year", "sex", "mobile", "relation")}


ME = [me_page, change_me, people_page, add_person, person_page, change_person]
