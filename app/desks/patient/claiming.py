"""Joining somebody the desk wrote down: who holds a slip with a visit's code may; a mobile proves nothing."""

from typing import Any

from litestar import Response, Router, get, post
from wtforms import HiddenField, SelectField, StringField

from app.accounts.access import account_of, address_of
from app.accounts.forms import AccountForm, read_by, typed
from app.accounts.queries import Account, Person
from app.accounts.rules import RELATIONS, read_choice
from app.booking.services.family import claim, slip_for
from app.desks.refusals import answered_by, confirm_first
from app.errors import _
from app.web.doors import EmailNotConfirmed, verified
from app.web.forms import strip
from app.web.limits import spend
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

CLAIMANTS = verified("patient")
_JOINED = Notice(_("Joined. Their visits now stand in your list."))
_WHO = {"self": _("It is me"), **RELATIONS}


class ClaimForm(AccountForm):
    """The code on a slip."""

    code = StringField(_("Code on the slip"), [typed(_("Enter the code on the slip."))], filters=[strip])


class JoinForm(ClaimForm):
    """Who it is to the account, beside the code."""

    code = HiddenField(filters=[strip])
    relation = SelectField(
        _("Who are they to you?"),
        [read_by(read_choice(_WHO))],
        choices=[("", _("Choose")), *_WHO.items()],
        default="",
        validate_choice=False,
    )


async def _confirm_first(request: WebRequest, refusal: EmailNotConfirmed) -> Response[Any]:
    """To the page that asks for the code in the letter, and from there to the code on the slip."""
    return confirm_first(request, refusal, then=address(request, "family.claim"))


@get("/me/people/claim", name="family.claim", guards=[CLAIMANTS])
async def ask_code(request: WebRequest) -> Response[Any]:
    """Ask for the code on the slip."""
    return page(request, "desks/patient/claim.html", f=ClaimForm())


@post("/me/people/claim", guards=[CLAIMANTS], status_code=200)
async def look(request: WebRequest) -> Response[Any]:
    """Say whose slip it is, and ask who they are; nothing is joined yet."""
    f = await ClaimForm.read(request)
    await _count(request)
    slip = await f.tried(slip_for(f.code.data or "", account_of(request))) if f.validate() else None
    if slip is None:
        return page(request, "desks/patient/claim.html", status=422, f=f)
    return _join_page(request, JoinForm(code=f.code.data), slip.person_name)


@post("/me/people/claim/join", name="family.join", guards=[CLAIMANTS])
async def join(request: WebRequest) -> Response[Any]:
    """Join them to the account."""
    account, f = account_of(request), await JoinForm.read(request)
    await _count(request)
    slip = await f.tried(slip_for(f.code.data or "", account))
    if slip is None:
        return page(request, "desks/patient/claim.html", status=422, f=ClaimForm())
    if not f.validate() or await f.tried(_claimed(f, account)) is None:
        return _join_page(request, f, slip.person_name, status=422)
    return go(request, "accounts.people", notice=_JOINED)


async def _claimed(f: JoinForm, account: Account) -> Person:
    code, relation = f.code.data or "", f.relation.data or ""
    return await claim(code, relation=relation, account=account, by=account.actor)


async def _count(request: WebRequest) -> None:
    """Count one try to guess a code, of the account and of the network it comes from."""
    await spend("slip_code", str(account_of(request).id))
    await spend("slip_code_network", address_of(request))


def _join_page(request: WebRequest, f: JoinForm, name: str, *, status: int = 200) -> Response[Any]:
    return page(request, "desks/patient/join.html", status=status, f=f, name=_initials(name))


def _initials(name: str) -> str:
    """A name by its first letters, enough to know somebody by whom one knows."""
    return " ".join(f"{word[0]}…" for word in name.split())


router = Router(
    "/",
    route_handlers=[ask_code, look, join],
    exception_handlers={EmailNotConfirmed: answered_by(_confirm_first)},
)
