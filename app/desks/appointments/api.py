"""Appointments for programs: reading them, and what may happen to one."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from app.accounts.access import account_of
from app.booking import services as booking
from app.booking.access import scope_of, visit_for
from app.booking.queries import VisitFilter, visit_list
from app.booking.rules import MOVES
from app.checkout import services as checkout
from app.desks.appointments.json import (
    AppointmentAnswer,
    RefundAnswer,
    appointment_json,
    appointment_json_of,
    appointments_json,
)
from app.errors import Invalid, _
from app.web.doors import roles, signed_in
from app.web.page_number import PageNumber, PageSize
from app.web.visitor import WebRequest


class AppointmentsAnswer(Struct):
    """One page of appointments, the latest first."""

    items: list[AppointmentAnswer]
    page: int
    page_size: int
    total: int


class CancelledAnswer(Struct):
    """The appointment after it was cancelled, and what comes back."""

    appointment: AppointmentAnswer
    refund: RefundAnswer | UnsetType = UNSET


class MoveBody(Struct):
    """The slot to move to, and a note for the patient."""

    slot_id: UUID
    note: str = ""


class WishBody(Struct):
    """Why another time is asked for, and which times would suit."""

    note: str = ""
    wish: str = ""


class NoteBody(Struct):
    """A note for the patient."""

    note: str = ""


class CancelBody(Struct):
    """Why, and where the money goes."""

    reason: str = ""
    refund_to: Literal["source", "wallet"] = "source"


@get("/appointments", guards=[signed_in])
async def list_appointments(
    request: WebRequest,
    *,
    page: PageNumber = 1,
    page_size: PageSize = 20,
    status: FromQuery[str] = "",
    first: Annotated[date | None, QueryParameter(name="from")] = None,
    last: Annotated[date | None, QueryParameter(name="to")] = None,
    doctor_id: FromQuery[UUID | None] = None,
) -> AppointmentsAnswer:
    """Appointments the account may see; several states are separated by commas."""
    asked = VisitFilter(_states(status), first, last, doctor_id, newest_first=True)
    account = account_of(request)
    found = await visit_list(scope_of(account), asked, page=page, page_size=page_size)
    shown = await appointments_json(found.items, by=account.actor)
    return AppointmentsAnswer(shown, page, page_size, found.total)


def _states(text: str) -> tuple[str, ...]:
    states = tuple(state.strip() for state in text.split(",") if state.strip())
    if not set(states) <= set(MOVES):
        raise Invalid(fields={"status": _("There is no such status.")})
    return states


@get("/appointments/{appointment_id:uuid}", guards=[signed_in])
async def show_appointment(request: WebRequest, appointment_id: FromPath[UUID]) -> AppointmentAnswer:
    """One appointment."""
    account = account_of(request)
    return await appointment_json(await visit_for(appointment_id, account), by=account.actor)


@patch("/appointments/{appointment_id:uuid}/reschedule", guards=[roles("doctor", "reception", "admin")])
async def reschedule(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[MoveBody]
) -> AppointmentAnswer:
    """Move to another slot of the same doctor; 409 with `free`, three other times, when it is taken."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    await booking.reschedule(visit.id, slot_id=data.slot_id, note=data.note.strip(), by=account.actor)
    return await appointment_json_of(visit.id, by=account.actor)


@post("/appointments/{appointment_id:uuid}/reschedule-request", guards=[roles("patient")], status_code=202)
async def request_reschedule(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[WishBody | None] = None
) -> AppointmentAnswer:
    """Ask the clinic for another time."""
    account, asked = account_of(request), data or WishBody()
    visit = await visit_for(appointment_id, account)
    await booking.request_reschedule(
        visit.id, note=asked.note.strip(), wish=asked.wish.strip(), by=account.actor
    )
    return await appointment_json_of(visit.id, by=account.actor)


@delete("/appointments/{appointment_id:uuid}/cancel", guards=[signed_in], status_code=200)
async def cancel(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[CancelBody | None] = None
) -> CancelledAnswer:
    """Cancel; what was paid goes back in full to where it came from."""
    account, asked = account_of(request), data or CancelBody()
    if asked.refund_to != "source":
        raise Invalid(fields={"refund_to": _("Refunds to a wallet are not offered yet.")})
    visit = await visit_for(appointment_id, account)
    done = await checkout.cancel(visit.id, reason=asked.reason.strip(), by=account.actor)
    refund = RefundAnswer.of(done.refund) if done.refund else UNSET
    return CancelledAnswer(await appointment_json_of(visit.id, by=account.actor), refund)


@patch("/appointments/{appointment_id:uuid}/approve", guards=[roles("doctor", "reception")])
async def approve(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[NoteBody | None] = None
) -> AppointmentAnswer:
    """Take a visit that waits for approval."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    await booking.approve(visit.id, note=(data or NoteBody()).note.strip(), by=account.actor)
    return await appointment_json_of(visit.id, by=account.actor)


@patch("/appointments/{appointment_id:uuid}/decline", guards=[roles("doctor", "reception")])
async def decline(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[NoteBody | None] = None
) -> AppointmentAnswer:
    """Say no to a visit that waits for approval; what was paid goes back in full."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    await checkout.decline(visit.id, note=(data or NoteBody()).note.strip(), by=account.actor)
    return await appointment_json_of(visit.id, by=account.actor)


@patch("/appointments/{appointment_id:uuid}/complete", guards=[roles("doctor", "reception", "admin")])
async def complete(request: WebRequest, appointment_id: FromPath[UUID]) -> AppointmentAnswer:
    """The patient was seen."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    await booking.complete(visit.id, by=account.actor)
    return await appointment_json_of(visit.id, by=account.actor)


@patch("/appointments/{appointment_id:uuid}/no-show", guards=[roles("doctor", "reception", "admin")])
async def no_show(request: WebRequest, appointment_id: FromPath[UUID]) -> AppointmentAnswer:
    """The patient did not come."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    await booking.mark_no_show(visit.id, by=account.actor)
    return await appointment_json_of(visit.id, by=account.actor)


router = Router(
    "/api",
    route_handlers=[
        list_appointments,
        show_appointment,
        reschedule,
        request_reschedule,
        cancel,
        approve,
        decline,
        complete,
        no_show,
    ],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Appointments"],
)
