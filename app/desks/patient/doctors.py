"""The way to a doctor: the first page, and the list that can be searched."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get

from app import clock
from app.booking.queries import FoundDoctor, Visit, coming_visits, find_doctors
from app.booking.rules import MOST_OPEN_HOLDS
from app.db.paging import Paged
from app.desks.patient.asking import Question
from app.desks.patient.cards import DoctorCard
from app.desks.patient.doctor import asked_page
from app.desks.patient.found import picture_of, whole
from app.directory.queries import Asked, choices, only_doctor
from app.directory.rules import speciality_name
from app.web.doors import anyone
from app.web.i18n import gettext
from app.web.limiting import SEARCH
from app.web.render import address, page, wants_part
from app.web.visitor import WebRequest

TEMPLATE = "desks/patient/doctors.html"

DOCTORS_AT_HOME = 3
DOCTORS_A_PAGE = 20
SPECIALITIES_AT_HOME = 6
"""How many of the most practised specialities stand on the first page before the others are unfolded."""


@get("/", name="home", guards=[anyone], opt=SEARCH)
async def home(request: WebRequest) -> Response[str]:
    """The first page: search, how it works, the next visit; with one doctor that doctor's own site."""
    ahead = await _ahead(request)
    if only := await only_doctor():
        return await asked_page(request, only, **ahead)
    return page(request, "desks/patient/home.html", **await _house(request), **ahead)


async def _house(request: WebRequest) -> dict[str, Any]:
    """What a house of several doctors shows first: the most followed of them, the specialities practised."""
    now = clock.now()
    found = await find_doctors(Asked(), page=1, page_size=DOCTORS_AT_HOME, now=now)
    listed = [(key, gettext(speciality_name(key))) for key in (await choices()).specialities]
    return {
        "cards": [DoctorCard.found(one, now=now) for one in found.items],
        "on": None,
        "more": found.pages > 1,
        "common": listed[:SPECIALITIES_AT_HOME],
        "others": listed[SPECIALITIES_AT_HOME:],
        "canonical": whole(address(request, "home")),
        "picture": picture_of(request),
    }


async def _ahead(request: WebRequest) -> dict[str, Any]:
    """What a patient has ahead, as far as a visit behind all times they may hold."""
    coming: list[Visit] = []
    if request.user is not None and request.user.role == "patient":
        coming = await coming_visits(request.user.id, now=clock.now(), limit=MOST_OPEN_HOLDS + 1)
    return {
        "held": next((visit for visit in coming if visit.status == "held"), None),
        "visit": next((visit for visit in coming if visit.status != "held"), None),
    }


@get("/doctors", name="doctors.list", guards=[anyone], opt=SEARCH)
async def doctors(request: WebRequest) -> Response[str]:
    """The doctors who fit what is asked for; a page number that is none gives the nearest page."""
    now = clock.now()
    question = Question.read(request, path=address(request, "doctors.list"), now=now)
    results = await _results(question, now=now)
    if not wants_part(request):
        return page(request, TEMPLATE, **results, **await _around(request, question))
    clean = {"HX-Push-Url": question.address(page=results["found"].page)}
    return page(request, TEMPLATE, part="results", also=["title", "count"], headers=clean, **results)


async def _results(question: Question, *, now: datetime) -> dict[str, Any]:
    """What the list itself shows."""
    found = await _found(question, now=now)
    cards = [DoctorCard.found(one, now=now) for one in found.items]
    return {"question": question, "found": found, "cards": cards, "on": question.asked.on}


async def _found(question: Question, *, now: datetime) -> Paged[FoundDoctor]:
    """The page asked for, or the last one where there are not so many."""
    found = await find_doctors(question.asked, page=question.page, page_size=DOCTORS_A_PAGE, now=now)
    if question.page <= found.pages:
        return found
    return await find_doctors(question.asked, page=found.pages, page_size=DOCTORS_A_PAGE, now=now)


async def _around(request: WebRequest, question: Question) -> dict[str, Any]:
    """What stands around the results on the whole page: what filters offer, addresses for machines."""
    return {
        "choices": question.choices(await choices()),
        "canonical": whole(question.canonical),
        "picture": picture_of(request),
    }


router = Router("/", route_handlers=[home, doctors])
