"""One doctor's page with the slot picker, and the first page of a house with one doctor."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from app import clock
from app.booking.queries import OpenSlot
from app.desks.open_days import asked_day, asked_id
from app.desks.patient.found import about_doctor, picture_of, whole
from app.desks.patient.picker import picker_of
from app.desks.patient.visit_page import map_address
from app.directory.queries import ShownDoctor, doctor_shown
from app.directory.rules import speciality_name
from app.web.doors import anyone
from app.web.limiting import SEARCH
from app.web.render import Notice, address, page
from app.web.visitor import WebRequest

TEMPLATE = "desks/patient/doctor.html"


@get("/doctors/{slug:str}", name="doctors.show", guards=[anyone], opt=SEARCH)
async def show(request: WebRequest, slug: FromPath[str]) -> Response[str]:
    """A doctor's page, the picker open at the first day with a free time."""
    return await asked_page(request, slug, part="main")


@get("/doctors/{slug:str}/slots", name="doctors.slots", guards=[anyone], opt=SEARCH)
async def slots(request: WebRequest, slug: FromPath[str]) -> Response[str]:
    """The same page at another day or service, or the picker alone for htmx."""
    return await asked_page(request, slug, part="slot_picker")


async def asked_page(request: WebRequest, slug: str, **more: Any) -> Response[str]:
    """The page of a doctor at the day and the service that the address names."""
    on = asked_day(request.query_params.get("day"))
    service_id = asked_id(request.query_params.get("service"))
    return await slots_page(request, slug, on=on, service_id=service_id, **more)


async def slots_page(
    request: WebRequest,
    slug: str,
    *,
    on: date | None = None,
    service_id: UUID | None = None,
    part: str = "main",
    free: Sequence[OpenSlot] = (),
    notice: Notice | None = None,
    status: int = 200,
    **ahead: Any,
) -> Response[str]:
    """A doctor's page with the picker open at a day; `free` are offered instead of a lost one.

    `ahead`, what the visitor has ahead, makes it the first page of the house. Raises NoSuchDoctor.
    """
    user = request.user
    shown = await doctor_shown(slug, viewer_id=user.id if user else None)
    path = address(request, "doctors.slots", slug=slug)
    picker = await picker_of(
        shown.practice, shown.services, path, on=on, service_id=service_id, now=clock.now()
    )
    return page(
        request,
        TEMPLATE,
        part=part,
        also=["picked"] if part == "slot_picker" else (),
        notice=notice,
        status=status,
        picker=picker,
        instead=list(free),
        is_home=bool(ahead),
        **_of_doctor(request, shown),
        **ahead,
    )


def _of_doctor(request: WebRequest, shown: ShownDoctor) -> dict[str, Any]:
    """What the template is told of the doctor, beside the times."""
    practice = shown.practice
    return {
        "practice": practice,
        "doctor": shown.doctor,
        "follows": shown.is_followed,
        "back": _list_left(request),
        "speciality": speciality_name(practice.speciality),
        "canonical": whole(address(request, "doctors.show", slug=practice.doctor_slug)),
        "picture": picture_of(request, practice),
        "about": about_doctor(request, practice, shown.doctor, shown.services),
        "map": map_address(practice),
    }


def _list_left(request: WebRequest) -> str:
    """The list of doctors with the search and filters it had, where the visitor comes from there."""
    path = address(request, "doctors.list")
    here = f"{request.url.scheme}://{request.url.netloc}{path}?"
    came_from = request.headers.get("referer", "")
    return f"{path}?{came_from.removeprefix(here)}" if came_from.startswith(here) else path


router = Router("/", route_handlers=[show, slots])
