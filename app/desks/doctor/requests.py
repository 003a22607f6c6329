"""What waits for the doctor's answer: wishes for another time, and visits to approve."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from app import clock
from app.accounts.access import account_of
from app.booking import services as booking
from app.booking.access import scope_of, visit_for
from app.booking.queries import OpenSlot, Visit, open_requests, other_times
from app.booking.services.viewing import note_listed
from app.desks.doctor.acts import STAFF
from app.desks.doctor.appointment_page import NoteForm, appointment_page
from app.desks.open_days import asked_id
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, NotFound, _
from app.web.doors import roles
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

TIMES_OFFERED = 4
WITH_TIMES = 10
"""How many requests show times of their own; each of them asks the database once more."""

_ACCEPTED = Notice(_("The appointment is moved, and the patient is told."))
_DECLINED = Notice(_("The appointment stays where it is, and the patient is told."))


@dataclass(frozen=True)
class Waiting:
    """One visit that waits for an answer, and free times close to it for the most urgent wishes."""

    visit: Visit
    times: list[OpenSlot]


async def requests_page(
    request: WebRequest, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """Everything that waits, the most urgent first."""
    account, now = account_of(request), clock.now()
    found = await open_requests(scope_of(account), now=now)
    await note_listed([visit.person_id for visit in found], by=account.actor)
    waiting = [
        Waiting(
            visit,
            await other_times(
                visit.practice_id,
                near=visit.starts_at,
                minutes=visit.minutes,
                now=now,
                limit=TIMES_OFFERED,
                for_clinic=True,
            )
            if visit.request and visit.starts_at and place < WITH_TIMES
            else [],
        )
        for place, visit in enumerate(found)
    ]
    return page(
        request, "desks/doctor/requests.html", waiting=waiting, f=NoteForm(), notice=notice, status=status
    )


async def _look_again(request: WebRequest, refusal: Conflict) -> Response[Any]:
    return await requests_page(request, **refused_with(refusal))


AGAIN: ExceptionHandlersMap = {Conflict: answered_by(_look_again)}


@get("/doctor/requests", name="doctor.requests", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[Any]:
    """What waits for my answer."""
    return await requests_page(request)


@post(
    "/doctor/requests/{code:str}/accept",
    name="doctor.requests.accept",
    guards=[roles("doctor")],
    exception_handlers=AGAIN,
)
async def accept(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Move the visit to the time that was pressed."""
    account = account_of(request)
    visit = await visit_for(code, account)
    slot_id = asked_id((await request.form()).get("slot"))
    if slot_id is None:
        raise NotFound
    await booking.accept_request(visit.id, slot_id=slot_id, by=account.actor)
    return go(request, "doctor.requests", notice=_ACCEPTED)


@post(
    "/doctor/requests/{code:str}/decline",
    name="doctor.requests.decline",
    guards=[STAFF],
    exception_handlers=AGAIN,
)
async def decline(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Leave the visit where it is, and say why."""
    account = account_of(request)
    visit = await visit_for(code, account)
    f = await NoteForm.read(request)
    if not f.validate():
        return await appointment_page(request, visit, f=f, status=422)
    await booking.decline_request(visit.id, note=f.note.data or "", by=account.actor)
    if account.role == "doctor":
        return go(request, "doctor.requests", notice=_DECLINED)
    return go(request, "appointments.show", notice=_DECLINED, code=visit.code)


router = Router("/", route_handlers=[show, accept, decline])
