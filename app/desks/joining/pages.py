"""Pages for doctors who are new here: which way to come, applying, and the code of an invitation."""

from typing import Any

from litestar import Response, Router, get, post

from app.accounts.access import account_of, address_of
from app.accounts.cookies import remember_confirming, take_back
from app.accounts.pages.noticing import notice_language
from app.accounts.services import Begun, prepare
from app.desks.joining.forms import DoctorSignUpForm, InvitedForm, InvitedSignUpForm, WaitingInvitedForm
from app.desks.joining.services import sign_up_and_apply, use_code
from app.directory.queries import Application, application_of_user
from app.directory.services import OpenInvitation, read_invitation
from app.errors import _
from app.web.doors import anyone
from app.web.pace import SAME_PACE
from app.web.render import Notice, address, go, page
from app.web.visitor import WebRequest

_IN = Notice(_("You are in. Your account is a doctor's now, so please log in again."))
_IN_AT_ONCE = Notice(_("You are in. No administrator has to look at your application any more."))


@get("/join", name="join.choose", guards=[anyone])
async def choose(request: WebRequest) -> Response[Any]:
    """The ways there are to practise here."""
    return page(request, "desks/joining/choose.html")


@get("/join/doctor", name="join.doctor", guards=[anyone])
async def doctor_page(request: WebRequest) -> Response[Any]:
    """Account and application in one form; whoever has an account applies with that."""
    if request.user is not None:
        return go(request, "join.practise")
    return page(request, "desks/joining/doctor.html", f=DoctorSignUpForm())


@post("/join/doctor", guards=[anyone], opt=SAME_PACE)
async def apply_as_new(request: WebRequest) -> Response[Any]:
    """Make the account and apply; the answer is the same whether we know the address or not."""
    f = await DoctorSignUpForm.read(request)
    begun = await f.tried(_begin(request, f, None)) if f.validate() else None
    if begun is None:
        return page(request, "desks/joining/doctor.html", f=f, **f.answer)
    return _to_the_code(request, f, begun)


@get("/join/invitation", name="join.invitation", guards=[anyone])
async def invitation_page(request: WebRequest) -> Response[Any]:
    """The code, which the letter's link brings along, and what else is needed of whoever looks."""
    code, application = request.query_params.get("code", ""), await _own_application(request)
    f = _form_for(request, application)(invitation_code=code)
    if code:
        await f.tried(_look(request, code))
    answer = f.answer if f.wait else {}
    return page(request, "desks/joining/invitation.html", f=f, application=application, **answer)


@post("/join/invitation", guards=[anyone], opt=SAME_PACE)
async def use_invitation(request: WebRequest) -> Response[Any]:
    """Come in by it: with the account that is signed in, else with a new one."""
    application = await _own_application(request)
    f = await _form_for(request, application).read(request)
    answer = await f.tried(_let_in(request, f)) if f.validate() else None
    if answer is None:
        return page(request, "desks/joining/invitation.html", f=f, application=application, **f.answer)
    return answer


Invited = InvitedSignUpForm | InvitedForm | WaitingInvitedForm


async def _let_in(request: WebRequest, f: Invited) -> Response[Any]:
    """Use the invitation as the form says, and go on; raises what the services refuse."""
    code = str(f.invitation_code.data)
    if isinstance(f, InvitedSignUpForm):
        return _to_the_code(request, f, await _begin(request, f, await _look(request, code)))
    account, said = account_of(request), f.said if isinstance(f, InvitedForm) else None
    await use_code(account, code, said, address=address_of(request))
    if account.role == "doctor":
        return go(request, "doctor.day", notice=_IN_AT_ONCE)
    return take_back(go(request, "accounts.login", notice=_IN))


async def _look(request: WebRequest, code: str) -> OpenInvitation:
    return await read_invitation(code, address=address_of(request))


async def _begin(request: WebRequest, f: DoctorSignUpForm, invitation: OpenInvitation | None) -> Begun:
    """Begin account and application as the form says."""
    typed = {name: str(f.data[name] or "") for name in ("name", "email", "mobile", "password")}
    new = await prepare(**typed, role="doctor", address=address_of(request))
    return await sign_up_and_apply(new, f.said, invitation=invitation, accepts_in=notice_language())


def _to_the_code(request: WebRequest, f: DoctorSignUpForm, begun: Begun) -> Response[Any]:
    """To where the digits of the letter are typed, and from there to what becomes of the application."""
    then = address(request, "join.practise")
    answer = go(request, "accounts.verify")
    return remember_confirming(answer, email=str(f.email.data), then=then, letter=begun.confirmation_id)


async def _own_application(request: WebRequest) -> Application | None:
    return await application_of_user(request.user.id) if request.user is not None else None


def _form_for(
    request: WebRequest, application: Application | None
) -> type[InvitedSignUpForm] | type[InvitedForm] | type[WaitingInvitedForm]:
    """What is asked of a stranger, of somebody with an account, and of one who has applied."""
    if request.user is None:
        return InvitedSignUpForm
    return WaitingInvitedForm if application else InvitedForm


router = Router("/", route_handlers=[choose, doctor_page, apply_as_new, invitation_page, use_invitation])
