"""The administrator lets doctors in or turns them down, adds them by hand, and says where they practise."""

from typing import Any, get_args
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.accounts.queries import Account, self_of
from app.booking.services.viewing import note_listed, note_seen
from app.desks.admin import adding
from app.desks.admin.doctor_forms import AddDoctorForm, ClinicForm, FindDoctorsForm, RejectForm
from app.desks.admin.listed import ADMINS, PAGE_SIZE
from app.directory import services as directory
from app.directory.queries import State, applications, count_waiting, get_application
from app.directory.queries.staff import clinic_names
from app.directory.rules import speciality_name
from app.errors import _
from app.web.page_number import page_number
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_APPROVED = Notice(_("Approved. A letter tells the doctor."))
_REJECTED = Notice(_("Turned down. A letter tells the doctor why, who may apply again."))
_PRACTISES = Notice(_("Saved. Patients find the doctor at this clinic now."))
_ADDED = Notice(_("Added. A letter with a link to choose a password is on its way."))
_MADE = Notice(_("The account is a doctor's now."))
_NO_CLINIC = _("No clinic yet")


@get("/admin/doctors", name="admin.doctors", guards=[ADMINS])
async def list_doctors(request: WebRequest) -> Response[Any]:
    """Who waits for a decision, or was approved or turned down."""
    f, state = FindDoctorsForm(formdata=request.query_params), _state(request)
    q, number = f.q.data or "", page_number(request)
    found = await applications(state, looked_for=q, page=number, page_size=PAGE_SIZE)
    await note_listed([one.person_id for one in found.items], by=account_of(request).actor)
    context: dict[str, Any] = {"waiting": await count_waiting(), "zone": clock.HOUSE_ZONE.key}
    return page(
        request, "desks/admin/doctors.html", f=f, state=state, found=found, name_of=speciality_name, **context
    )


def _state(request: WebRequest) -> State:
    asked = request.query_params.get("state", "")
    return next((one for one in get_args(State) if one == asked), "waiting")


@get("/admin/doctors/{doctor_id:uuid}", name="admin.doctor", guards=[ADMINS])
async def show_doctor(request: WebRequest, doctor_id: FromPath[UUID]) -> Response[Any]:
    """One doctor: the particulars, and what can be decided."""
    return await _doctor_page(request, doctor_id)


@post("/admin/doctors/{doctor_id:uuid}/approve", name="admin.doctor.approve", guards=[ADMINS])
async def approve(request: WebRequest, doctor_id: FromPath[UUID]) -> Response[Any]:
    """Let a doctor in, at a clinic or at none yet."""
    f = await ClinicForm.read(request)
    act = directory.approve(doctor_id, clinic_id=f.chosen, by=account_of(request).actor)
    if not await f.accepted(act):
        return await _doctor_page(request, doctor_id, f=f, **f.answer)
    return go(request, "admin.doctor", doctor_id=doctor_id, notice=_APPROVED)


@post("/admin/doctors/{doctor_id:uuid}/reject", name="admin.doctor.reject", guards=[ADMINS])
async def reject(request: WebRequest, doctor_id: FromPath[UUID]) -> Response[Any]:
    """Turn an application down."""
    f, by = await RejectForm.read(request), account_of(request).actor
    why = str(f.reason.data or "")
    if not f.validate() or not await f.accepted(directory.reject(doctor_id, why=why, by=by)):
        return await _doctor_page(request, doctor_id, why_form=f, **f.answer)
    return go(request, "admin.doctor", doctor_id=doctor_id, notice=_REJECTED)


@post("/admin/doctors/{doctor_id:uuid}/practice", name="admin.doctor.practice", guards=[ADMINS])
async def practise(request: WebRequest, doctor_id: FromPath[UUID]) -> Response[Any]:
    """Let an approved doctor practise at one more clinic."""
    f, by = await ClinicForm.read(request), account_of(request).actor
    act = directory.practise_at(doctor_id, f.chosen or UUID(int=0), by=by)
    if not await f.accepted(act):
        return await _doctor_page(request, doctor_id, f=f, **f.answer)
    return go(request, "admin.doctor", doctor_id=doctor_id, notice=_PRACTISES)


async def _doctor_page(
    request: WebRequest,
    doctor_id: UUID,
    *,
    f: ClinicForm | None = None,
    why_form: RejectForm | None = None,
    **answer: Any,
) -> Response[Any]:
    one = await get_application(doctor_id)
    if one.person_id is not None:
        await note_seen(one.person_id, by=account_of(request).actor)
    f = f or ClinicForm()
    f.with_clinics(await clinic_names(), _("Choose") if one.state == "approved" else _NO_CLINIC)
    return page(
        request,
        "desks/admin/doctor.html",
        one=one,
        f=f,
        why_form=why_form or RejectForm(),
        speciality=speciality_name(one.speciality),
        zone=clock.HOUSE_ZONE.key,
        **answer,
    )


@get("/admin/doctors/add", name="admin.doctors.add", guards=[ADMINS])
async def ask_add(request: WebRequest) -> Response[Any]:
    """Who shall be a doctor here."""
    return await _add_page(request, AddDoctorForm())


@post("/admin/doctors/add", guards=[ADMINS])
async def add(request: WebRequest) -> Response[Any]:
    """Add the doctor; where there is an account with the address, ask about that first."""
    f = await AddDoctorForm.read(request)
    known = await adding.account_with(str(f.email.data)) if f.validate() else None
    if known is not None and f.account.data != str(known.id):
        return await _add_page(request, f, known=known, status=409)
    doctor_id = None if f.errors else await f.tried(_added(f, known, by=account_of(request)))
    if doctor_id is None:
        return await _add_page(request, f, known=known, **f.answer)
    return go(request, "admin.doctor", doctor_id=doctor_id, notice=_MADE if known else _ADDED)


async def _added(f: AddDoctorForm, known: Account | None, *, by: Account) -> UUID:
    if known is not None:
        return await adding.make_doctor(known.id, said=f.said, clinic_id=f.chosen, by=by.actor)
    name, email = str(f.name.data), str(f.email.data)
    return await adding.add_doctor(name=name, email=email, said=f.said, clinic_id=f.chosen, by=by.actor)


async def _add_page(
    request: WebRequest, f: AddDoctorForm, *, known: Account | None = None, **answer: Any
) -> Response[Any]:
    if known is not None and known.role == "patient":
        await note_seen((await self_of(known.id)).id, by=account_of(request).actor)
    f.with_clinics(await clinic_names(), _NO_CLINIC)
    return page(request, "desks/admin/doctor_add.html", f=f, known=known, **answer)


router = Router("/", route_handlers=[list_doctors, ask_add, add, show_doctor, approve, reject, practise])
