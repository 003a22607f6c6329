"""Following doctors: to press on a doctor's page, and the list of those somebody follows."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.booking.queries import next_free
from app.desks.patient.cards import DoctorCard
from app.desks.patient.doctor import TEMPLATE
from app.directory import services as directory
from app.directory.queries import doctor_shown, followable, followed_by, services_by_practice
from app.errors import NotSignedIn, _
from app.web.doors import roles
from app.web.render import Notice, address, go, go_to, page, wants_part
from app.web.visitor import WebRequest

PATIENTS = roles("patient")


def _log_in_first(request: WebRequest, refusal: NotSignedIn, name: str = "doctors.show") -> Response[Any]:
    """To the log-in, and from there back to the doctor."""
    back = address(request, name, slug=request.path_params["slug"])
    log_in = f"{address(request, 'accounts.login')}?{urlencode({'next': back})}"
    return go_to(request, log_in, notice=Notice(refusal.message, "news"))


def _log_in_to_follow(request: WebRequest, refusal: NotSignedIn) -> Response[Any]:
    """To the log-in, and from there to what was pressed before."""
    return _log_in_first(request, refusal, "doctors.ask")


@get(
    "/doctors/{slug:str}/follow",
    name="doctors.ask",
    guards=[PATIENTS],
    exception_handlers={NotSignedIn: _log_in_to_follow},
)
async def ask(request: WebRequest, slug: FromPath[str]) -> Response[Any]:
    """Where log-in and sign-up come back to: followed by one press, or by the script."""
    shown = await doctor_shown(slug, viewer_id=account_of(request).id)
    return page(request, "desks/patient/follow.html", practice=shown.practice)


@post(
    "/doctors/{slug:str}/follow",
    name="doctors.follow",
    guards=[PATIENTS],
    exception_handlers={NotSignedIn: _log_in_to_follow},
)
async def follow(request: WebRequest, slug: FromPath[str]) -> Response[Any]:
    """Follow a doctor; doing so twice follows once."""
    account = account_of(request)
    doctor = await followable(slug, user_id=account.id)
    await directory.follow(doctor.doctor_id, user_id=account.id, by=account.actor)
    if wants_part(request):
        return await _follow_part(request, slug)
    notice = Notice(_("You follow %(doctor)s."), params={"doctor": doctor.name})
    return go(request, "doctors.show", notice=notice, slug=slug)


@post(
    "/doctors/{slug:str}/unfollow",
    name="doctors.unfollow",
    guards=[PATIENTS],
    exception_handlers={NotSignedIn: _log_in_first},
)
async def unfollow(request: WebRequest, slug: FromPath[str]) -> Response[Any]:
    """Follow a doctor no longer, seen or not; back to the list of one's own where it was pressed there."""
    account = account_of(request)
    doctor = await followable(slug, user_id=account.id)
    await directory.unfollow(doctor.doctor_id, user_id=account.id, by=account.actor)
    if wants_part(request) and doctor.is_open:
        return await _follow_part(request, slug)
    notice = Notice(_("You no longer follow %(doctor)s."), params={"doctor": doctor.name})
    if not doctor.is_open or (await request.form()).get("then") == "mine":
        return go(request, "doctors.mine", notice=notice)
    return go(request, "doctors.show", notice=notice, slug=slug)


async def _follow_part(request: WebRequest, slug: str) -> Response[Any]:
    shown = await doctor_shown(slug, viewer_id=account_of(request).id)
    return page(request, TEMPLATE, part="follow", practice=shown.practice, follows=shown.is_followed)


@get("/me/doctors", name="doctors.mine", guards=[PATIENTS])
async def mine(request: WebRequest) -> Response[Any]:
    """The doctors I follow: when they have time next, or that they see nobody here just now."""
    now = clock.now()
    followed = await followed_by(account_of(request).id)
    seen = [one.practice for one in followed if one.is_open]
    ids = [practice.id for practice in seen]
    services, free = await services_by_practice(ids), await next_free(ids, now=now)
    cards = [DoctorCard.of(one, services[one.id], free.get(one.id), now=now) for one in seen]
    away = [one.practice for one in followed if not one.is_open]
    return page(request, "desks/patient/my_doctors.html", cards=cards, away=away)


router = Router("/", route_handlers=[ask, follow, unfollow, mine])
