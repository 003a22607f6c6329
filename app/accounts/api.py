"""Accounts for programs: ending a session, confirming an address, the people one books for.

What answers with a user stands in `desks.account`, because a doctor's user has a part from the directory.
"""

from typing import Annotated

from litestar import Router, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from app.accounts import services
from app.accounts.access import account_of, address_of, where_of_program
from app.accounts.queries import Person, persons_of
from app.errors import Invalid, _
from app.web.doors import anyone, signed_in
from app.web.i18n import gettext
from app.web.pace import SAME_PACE
from app.web.visitor import WebRequest


class EmailProof(Struct):
    """Either the token of the letter's link, or the address and the code of the letter."""

    token: Annotated[str | None, Meta(description="what stands at the end of the letter's link")] = None
    email: Annotated[str | None, Meta(description="the address that was written to")] = None
    code: Annotated[str | None, Meta(description="the six digits of the newest letter")] = None


class Confirmed(Struct):
    """The address is proved."""

    email_verified: bool


class ForgottenPassword(Struct):
    """Whose password is forgotten."""

    email: Annotated[str, Meta(description="the address of the account")]


class LetterAsked(Struct):
    """What happens now; the answer is the same whether there is such an account or not."""

    detail: str


class NewPassword(Struct):
    """A new password, by the link of a letter."""

    token: Annotated[str, Meta(description="what stands at the end of the letter's link")]
    password: Annotated[str, Meta(description="8 to 128 characters, none of the 3,000 most common")]
    name: Annotated[
        str | None, Meta(description="of the holder; needed where the address was never confirmed before")
    ] = None


class PasswordChanged(Struct):
    """The password is the new one, and every session is over."""

    password_changed: bool


class PersonBody(Struct, kw_only=True):
    """Somebody this account shall book for."""

    name: Annotated[str, Meta(description="1 to 120 characters")]
    relation: Annotated[str, Meta(description="child, parent, spouse, sibling or other")]
    birth_year: Annotated[int, Meta(ge=0, description="4 digits")] | None = None
    sex: Annotated[str | None, Meta(description="female, male or other")] = None
    mobile: Annotated[str | None, Meta(description="E.164, or an Indian number of 10 digits")] = None


class PersonAnswer(Struct, kw_only=True):
    """Somebody this account books for."""

    id: str
    name: str
    relation: Annotated[str, Meta(description="self, child, parent, spouse, sibling or other")]
    birth_year: int | None
    sex: str | None
    mobile: Annotated[str | None, Meta(description="E.164")]


class PeoplePage(Struct):
    """One page of these people."""

    items: list[PersonAnswer]
    page: int
    page_size: int
    total: int


def _answer(person: Person) -> PersonAnswer:
    return PersonAnswer(
        id=str(person.id),
        name=person.name,
        relation=person.relation,
        birth_year=person.birth_year,
        sex=person.sex,
        mobile=person.mobile,
    )


@post("/auth/logout", guards=[signed_in], status_code=204)
async def log_out(request: WebRequest) -> None:
    """End the session of this access token at once, with everything it handed out."""
    account = account_of(request)
    if account.session_id is not None:
        await services.log_out(account.session_id, by=account.actor)


@post("/auth/verify-email", guards=[anyone], status_code=200, opt=SAME_PACE)
async def verify_email(request: WebRequest, data: JSONBody[EmailProof]) -> Confirmed:
    """Prove an e-mail address; each letter serves once."""
    if data.token is not None:
        await services.confirm_by_token(data.token)
    elif data.email is not None and data.code is not None:
        await services.confirm_by_code(data.email, data.code, address=address_of(request))
    else:
        raise Invalid(fields={"token": _("Give the token, or the e-mail address and the code.")})
    return Confirmed(email_verified=True)


@post("/auth/forgot-password", guards=[anyone], status_code=202, opt=SAME_PACE)
async def forgot_password(request: WebRequest, data: JSONBody[ForgottenPassword]) -> LetterAsked:
    """Send a letter with a link that serves once within an hour, if there is such an account."""
    await services.ask_reset(data.email, address=address_of(request))
    return LetterAsked(gettext("If there is an account with this address, an e-mail is on its way."))


@post("/auth/reset-password", guards=[anyone], status_code=200)
async def reset_password(request: WebRequest, data: JSONBody[NewPassword]) -> PasswordChanged:
    """Choose a password by the link of a letter; it confirms the address too, and signs nobody in."""
    where = where_of_program(request, None)
    await services.choose_password(data.token, data.password, where=where, accepts_in=None, name=data.name)
    return PasswordChanged(password_changed=True)


@get("/me/people", guards=[signed_in])
async def people(
    request: WebRequest,
    page: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1,
    page_size: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> PeoplePage:
    """The people this account books for, the account holder first."""
    everybody = await persons_of(account_of(request).id)
    shown = everybody[(page - 1) * page_size : page * page_size]
    return PeoplePage([_answer(one) for one in shown], page, page_size, len(everybody))


@post("/me/people", guards=[signed_in], status_code=201)
async def add_person(request: WebRequest, data: JSONBody[PersonBody]) -> PersonAnswer:
    """Add somebody to book for."""
    account = account_of(request)
    person = await services.add_person(
        account,
        name=data.name,
        relation=data.relation,
        birth_year=str(data.birth_year or ""),
        sex=data.sex,
        mobile=data.mobile,
        by=account.actor,
    )
    return _answer(person)


router = Router(
    path="/api",
    route_handlers=[log_out, verify_email, forgot_password, reset_password, people, add_person],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Accounts"],
)
