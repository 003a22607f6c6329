"""The people one books for: adding, changing, taking out and putting back."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app.accounts import services as accounts
from app.accounts.access import account_of
from app.accounts.forms import OwnPersonForm, PersonForm
from app.accounts.queries import Person, get_person, persons_of, removed_persons_of
from app.accounts.rules import own_path
from app.booking.services.family import take_out
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, NotFound, _
from app.web.doors import signed_in
from app.web.render import Notice, go, go_to, page
from app.web.visitor import WebRequest

_REMOVED = Notice(_("Taken out. Visits that are over stay in your list."))
_IS_OUT = Notice(
    _("You have taken this person out. Put them back below, and you can book for them again."), "news"
)
_BACK = Notice(_("Put back. You can book for them again."))


class _TakenOut(NotFound):
    """They were taken out, so they are found among those who can be put back."""


async def _person(request: WebRequest, person_id: UUID) -> Person:
    """One of the people of whoever asks; raises _TakenOut for one who was, NotFound for anybody else."""
    account_id = account_of(request).id
    if person_id in {one.id for one in await removed_persons_of(account_id)}:
        raise _TakenOut
    return await get_person(person_id, account_id=account_id)


def _where_they_are(request: WebRequest, _refusal: Any) -> Response[Any]:
    return go(request, "accounts.people", notice=_IS_OUT)


GONE: ExceptionHandlersMap = {_TakenOut: _where_they_are}


@get("/me/people", name="accounts.people", guards=[signed_in])
async def people_page(request: WebRequest) -> Response[Any]:
    """The people this account books for, and a form for one more."""
    return await _people_page(request, PersonForm(next=own_path(request.query_params.get("next")) or ""))


@post("/me/people", guards=[signed_in])
async def add_person(request: WebRequest) -> Response[Any]:
    """Add somebody, and go back to where the person came from."""
    account, f = account_of(request), await PersonForm.read(request)
    added = None
    if f.validate():
        added = await f.tried(accounts.add_person(account, **_typed(f), by=account.actor))
    if added is None:
        return await _people_page(request, f, status=422)
    notice = Notice(_("Added. You can now book for them too."))
    then = own_path(f.next.data)
    return go_to(request, then, notice=notice) if then else go(request, "accounts.people", notice=notice)


@get("/me/people/{person_id:uuid}", name="accounts.person", guards=[signed_in], exception_handlers=GONE)
async def person_page(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """One of these people, to change."""
    person = await _person(request, person_id)
    f = _form_of(person)(
        name=person.name,
        birth_year=str(person.birth_year or ""),
        sex=person.sex or "",
        mobile=person.mobile or "",
        relation=person.relation,
    )
    return page(request, "accounts/person.html", f=f, person=person)


@post("/me/people/{person_id:uuid}", guards=[signed_in], exception_handlers=GONE)
async def change_person(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Change them."""
    account, person = account_of(request), await _person(request, person_id)
    f = await _form_of(person).read(request)
    changed = None
    if f.validate():
        act = accounts.change_person(person_id, account=account, **_typed(f), by=account.actor)
        changed = await f.tried(act)
    if changed is None:
        return page(request, "accounts/person.html", status=422, f=f, person=person)
    return go(request, "accounts.people", notice=Notice(_("Saved.")))


def _form_of(person: Person) -> type[PersonForm]:
    return OwnPersonForm if person.is_self else PersonForm


def _typed(f: PersonForm) -> dict[str, str]:
    """A person's fields as they were typed; nothing typed is an empty text."""
    return {name: str(f.data.get(name) or "") for name in ("name", "birth_year", "sex", "mobile", "relation")}


async def _people_page(request: WebRequest, f: PersonForm, **answer: Any) -> Response[Any]:
    account = account_of(request)
    people, removed = await persons_of(account.id), await removed_persons_of(account.id)
    return page(
        request,
        "accounts/people.html",
        f=f,
        people=people,
        removed=removed,
        can_claim=account.role == "patient",
        **answer,
    )


async def _remove_page(request: WebRequest, person_id: UUID, **answer: Any) -> Response[Any]:
    person = await _person(request, person_id)
    return page(request, "desks/patient/remove_person.html", person=person, **answer)


async def _still_there(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The same page, with why they stay."""
    return await _remove_page(request, UUID(str(request.path_params["person_id"])), **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_still_there)}


@get("/me/people/{person_id:uuid}/remove", name="family.remove", guards=[signed_in], exception_handlers=GONE)
async def ask_remove(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """What taking somebody out means, before it is done."""
    return await _remove_page(request, person_id)


@post("/me/people/{person_id:uuid}/remove", guards=[signed_in], exception_handlers=STAYS)
async def remove(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """No longer book for them."""
    account = account_of(request)
    await take_out(person_id, account=account, by=account.actor)
    return go(request, "accounts.people", notice=_REMOVED)


async def _still_out(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The people as they are, with why nobody comes back."""
    return await _people_page(request, PersonForm(), **refused_with(refusal))


@post(
    "/me/people/{person_id:uuid}/back",
    name="family.back",
    guards=[signed_in],
    exception_handlers={Conflict: answered_by(_still_out)},
)
async def put_back(request: WebRequest, person_id: FromPath[UUID]) -> Response[Any]:
    """Book for them again."""
    account = account_of(request)
    await accounts.put_back_person(person_id, account=account, by=account.actor)
    return go(request, "accounts.people", notice=_BACK)


router = Router(
    "/",
    route_handlers=[people_page, add_person, person_page, change_person, ask_remove, remove, put_back],
)
