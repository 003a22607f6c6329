"""What a doctor offers: adding, changing, moving and retiring services."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from app.accounts.access import account_of
from app.desks.doctor.fields import USUAL_MINUTES, MinutesField, RupeesField
from app.desks.doctor.seen import CHANGED, SeenForm
from app.desks.refusals import answered_by
from app.directory import services as directory
from app.directory.errors import NoSuchService
from app.directory.queries import (
    Practice,
    Service,
    find_practice_of_user,
    first_service,
    get_service,
    practice_of_user,
    retired_services_of,
    services_of,
)
from app.errors import Invalid, NotFound, _
from app.web.doors import roles
from app.web.forms import one_line, strip
from app.web.i18n import gettext
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

DOCTORS = roles("doctor")

_ADDED = Notice(_("Added. Patients can book it from now on."))
_SAVED = Notice(_("Saved. Visits booked before stay as they were."))
_NOT_OFFERED = Notice(
    _("That service was changed or retired meanwhile, perhaps in another window. This is the list now."),
    "refused",
)
_RETIRED = Notice(_("You offer it no longer. Visits booked for it stay as they were."))

MODES = {"in_person": _("At the clinic"), "video": _("By video")}


class ServiceForm(SeenForm):
    """Fields have the names at which the directory refuses; the fee is typed in rupees and read as paise."""

    name = StringField(
        _("Name"), [DataRequired(_("Give the service's name, up to 120 letters."))], filters=[one_line]
    )
    description = TextAreaField(_("What it includes"), filters=[strip])
    category = StringField(
        _("Category"), filters=[one_line], description=_("Such as Consultation, Follow-up, Procedure.")
    )
    duration_minutes = MinutesField(_("Minutes"), blank=_("Say how many minutes a visit lasts."))
    fee_paise = RupeesField(_("Fee in rupees"), blank=_("Write the fee in rupees; 0 when it is free."))
    mode = RadioField(_("Where"), [InputRequired(_("Choose one from the list."))])
    is_taxable = BooleanField(_("The fee includes GST"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the places there are to choose from, in the reader's language."""
        super().__init__(*args, **kwargs)
        self.mode.choices = [(key, gettext(words)) for key, words in MODES.items()]

    @property
    def terms(self) -> dict[str, Any]:
        """What was typed, as the directory takes it."""
        texts = {name: str(self.data[name] or "") for name in ("name", "description", "category", "mode")}
        return texts | {name: self.data[name] for name in ("duration_minutes", "fee_paise", "is_taxable")}

    async def tried(self, act: Awaitable[UUID]) -> bool:
        """Whether the act was done; else the fields say why not."""
        try:
            await act
        except Invalid as refusal:
            self.take(refusal)
            return False
        return True


@get("/doctor/services", name="doctor.services", guards=[DOCTORS])
async def list_services(request: WebRequest) -> Response[Any]:
    """What is offered, in the order patients see it, and what was; before approval what happens next."""
    practice = await find_practice_of_user(account_of(request).id)
    shown = await _all_of(practice) if practice else {}
    return page(request, "desks/doctor/services.html", practice=practice, **shown)


@get("/doctor/services/new", name="doctor.services.add", guards=[DOCTORS])
async def new_service(request: WebRequest) -> Response[Any]:
    """The form for one more."""
    practice = await practice_of_user(account_of(request).id)
    f = ServiceForm(data={"duration_minutes": USUAL_MINUTES, "mode": "in_person"})
    return _service_page(request, practice, f)


@post("/doctor/services/new", guards=[DOCTORS])
async def add_service(request: WebRequest) -> Response[Any]:
    """Offer it."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    f = await ServiceForm.read(request)
    if not f.validate() or not await f.tried(directory.add_service(practice.id, **f.terms, by=account.actor)):
        return _service_page(request, practice, f, status=422)
    return go(request, "doctor.services", notice=_ADDED)


@get("/doctor/services/{service_id:uuid}", name="doctor.service", guards=[DOCTORS])
async def show_service(request: WebRequest, service_id: FromPath[UUID]) -> Response[Any]:
    """One of them, to change."""
    practice, service = await _own(request, service_id)
    return _service_page(request, practice, ServiceForm(obj=service).as_stored(), service=service)


@post("/doctor/services/{service_id:uuid}", guards=[DOCTORS])
async def change_service(request: WebRequest, service_id: FromPath[UUID]) -> Response[Any]:
    """Offer it on other terms from now on."""
    by = account_of(request).actor
    practice, service = await _own(request, service_id)
    f = await ServiceForm.read(request)
    if not f.validate():
        return _service_page(request, practice, f, service=service, status=422)
    if f.overtaken(ServiceForm(obj=service)):
        return _service_page(request, practice, f, service=service, status=409, notice=CHANGED)
    if not await f.tried(directory.change_service(service_id, practice_id=practice.id, **f.terms, by=by)):
        return _service_page(request, practice, f, service=service, status=422)
    return go(request, "doctor.services", notice=_SAVED)


@post("/doctor/services/{service_id:uuid}/move", name="doctor.service.move", guards=[DOCTORS])
async def move_service(request: WebRequest, service_id: FromPath[UUID]) -> Response[Any]:
    """Let it change places with the one above, or below it."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    is_up = (await request.form()).get("way") == "up"
    await directory.move_service(service_id, practice_id=practice.id, up=is_up, by=account.actor)
    return go(request, "doctor.services")


@get("/doctor/services/{service_id:uuid}/retire", name="doctor.service.retire", guards=[DOCTORS])
async def ask_to_retire(request: WebRequest, service_id: FromPath[UUID]) -> Response[Any]:
    """Say what it means to offer it no longer."""
    practice, service = await _own(request, service_id)
    is_last = len(await services_of(practice.id)) == 1
    return page(request, "desks/doctor/service_retire.html", service=service, is_last=is_last)


@post("/doctor/services/{service_id:uuid}/retire", guards=[DOCTORS])
async def retire_service(request: WebRequest, service_id: FromPath[UUID]) -> Response[Any]:
    """Offer it no longer."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    await directory.retire_service(service_id, practice_id=practice.id, by=account.actor)
    return go(request, "doctor.services", notice=_RETIRED)


async def _all_of(practice: Practice) -> dict[str, Any]:
    offered = await services_of(practice.id)
    return {
        "offered": offered,
        "first": first_service(offered),
        "retired": await retired_services_of(practice.id),
        "modes": MODES,
    }


async def _own(request: WebRequest, service_id: UUID) -> tuple[Practice, Service]:
    """The practice of the doctor signed in and a service it offers; raises NoOpenPractice, NoSuchService."""
    practice = await practice_of_user(account_of(request).id)
    return practice, await get_service(service_id, practice_id=practice.id)


async def _not_offered(request: WebRequest, refusal: NoSuchService) -> Response[Any]:
    """The list as it is now, to who came from one on which a service of the practice still stood."""
    practice = await practice_of_user(account_of(request).id)
    asked = request.path_params["service_id"]
    if all(service.id != asked for service in await retired_services_of(practice.id)):
        raise NotFound from refusal
    return go(request, "doctor.services", notice=_NOT_OFFERED)


def _service_page(
    request: WebRequest, practice: Practice, f: ServiceForm, *, service: Service | None = None, **answer: Any
) -> Response[Any]:
    return page(request, "desks/doctor/service.html", practice=practice, f=f, service=service, **answer)


router = Router(
    "/",
    route_handlers=[
        list_services,
        new_service,
        add_service,
        show_service,
        change_service,
        move_service,
        ask_to_retire,
        retire_service,
    ],
    exception_handlers={NoSuchService: answered_by(_not_offered)},
)
