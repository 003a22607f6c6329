"""The way to a time: home, the list of doctors, a doctor's page with the slot picker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from app import clock
from app.booking.queries import OpenSlot, Visit, coming_visits, next_free
from app.booking.rules import MOST_OPEN_HOLDS
from app.desks.open_days import asked_day, asked_id
from app.desks.patient.picker import picker_of
from app.directory.queries import (
    Practice,
    Service,
    doctor_page,
    first_service,
    get_doctor,
    practice_by_slug,
    services_by_practice,
    services_of,
)
from app.directory.rules import speciality_name
from app.settings import settings
from app.web.doors import anyone
from app.web.render import Notice, address, page
from app.web.visitor import WebRequest

DOCTORS_AT_HOME = 3
DOCTORS_A_PAGE = 20
LAST_PAGE = 100_000
"""Beyond any list of ours; keeps a mistyped page number within the database's integers."""


@dataclass(frozen=True)
class DoctorCard:
    """A doctor in a list: where, for how much (the first service), and when there is time next."""

    practice: Practice
    service: Service | None
    next_free_at: datetime | None
    is_today: bool

    @property
    def speciality(self) -> str:
        """The speciality as a marked sentence."""
        return speciality_name(self.practice.speciality)


async def cards_of(practices: Sequence[Practice], *, now: datetime) -> list[DoctorCard]:
    """The practices as cards, in the same order."""
    ids = [practice.id for practice in practices]
    services, free = await services_by_practice(ids), await next_free(ids, now=now)

    def card(practice: Practice) -> DoctorCard:
        at = free.get(practice.id)
        today = clock.day_of(now, practice.zone_info)
        is_today = at is not None and clock.day_of(at, practice.zone_info) == today
        return DoctorCard(practice, first_service(services[practice.id]), at, is_today)

    return [card(practice) for practice in practices]


@get("/", name="home", guards=[anyone])
async def home(request: WebRequest) -> Response[str]:
    """The first page: how it works, doctors, and a signed-in patient's next visit."""
    now = clock.now()
    found = await doctor_page(page_size=DOCTORS_AT_HOME)
    cards = await cards_of(found.items, now=now)
    coming = await _coming(request, now=now)
    return page(
        request,
        "desks/patient/home.html",
        cards=cards,
        more=found.total > len(cards),
        held=next((visit for visit in coming if visit.status == "held"), None),
        visit=next((visit for visit in coming if visit.status != "held"), None),
    )


async def _coming(request: WebRequest, *, now: datetime) -> list[Visit]:
    """What a patient has ahead, as far as a visit behind all times they may hold."""
    if request.user is None or request.user.role != "patient":
        return []
    return await coming_visits(request.user.id, now=now, limit=MOST_OPEN_HOLDS + 1)


@get("/doctors", name="doctors.list", guards=[anyone])
async def doctors(request: WebRequest) -> Response[str]:
    """Every doctor, by name; a page number that is none, or too high, gives the nearest page."""
    asked = request.query_params.get("page", "")
    number = min(max(int(asked[:12]), 1), LAST_PAGE) if asked.isdecimal() else 1
    found = await doctor_page(page=number, page_size=DOCTORS_A_PAGE)
    if number > found.pages:
        found = await doctor_page(page=found.pages, page_size=DOCTORS_A_PAGE)
    cards = await cards_of(found.items, now=clock.now())
    return page(request, "desks/patient/doctors.html", found=found, cards=cards)


@get("/doctors/{slug:str}", name="doctors.show", guards=[anyone])
async def show(request: WebRequest, slug: FromPath[str]) -> Response[str]:
    """A doctor's page, the picker open at the first day with a free time."""
    return await _asked(request, slug, part="main")


@get("/doctors/{slug:str}/slots", name="doctors.slots", guards=[anyone])
async def slots(request: WebRequest, slug: FromPath[str]) -> Response[str]:
    """The same page at another day or service, or the picker alone for htmx."""
    return await _asked(request, slug, part="slot_picker")


async def _asked(request: WebRequest, slug: str, *, part: str) -> Response[str]:
    practice = await practice_by_slug(slug)
    on = asked_day(request.query_params.get("day"))
    service_id = asked_id(request.query_params.get("service"))
    return await slots_page(request, practice, on=on, service_id=service_id, part=part)


async def slots_page(
    request: WebRequest,
    practice: Practice,
    *,
    on: date | None = None,
    service_id: UUID | None = None,
    part: str = "main",
    free: Sequence[OpenSlot] = (),
    notice: Notice | None = None,
    status: int = 200,
) -> Response[str]:
    """A doctor's page with the picker open at a day; `free` are offered instead of a lost one."""
    path = address(request, "doctors.slots", slug=practice.doctor_slug)
    services = await services_of(practice.id)
    picker = await picker_of(practice, services, path, on=on, service_id=service_id, now=clock.now())
    more: dict[str, Any] = {"practice": practice, "picker": picker, "instead": list(free)}
    return page(
        request,
        "desks/patient/doctor.html",
        part=part,
        also=["picked"] if part == "slot_picker" else (),
        notice=notice,
        status=status,
        doctor=await get_doctor(practice.doctor_id),
        speciality=speciality_name(practice.speciality),
        canonical=settings().base_url + address(request, "doctors.show", slug=practice.doctor_slug),
        **more,
    )


router = Router("/", route_handlers=[home, doctors, show, slots])
