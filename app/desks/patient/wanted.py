"""The time somebody pressed, carried through log-in, and what to show when it cannot be had."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response

from app import clock
from app.accounts.access import account_of
from app.booking.errors import NoLongerFree, OwnLimit
from app.booking.queries import find_own_hold
from app.desks.patient.doctor import slots_page
from app.desks.patient.visits_list import visits_page
from app.desks.refusals import refused_with
from app.directory.errors import NoSuchService, ServiceChanged
from app.directory.queries import (
    Practice,
    Service,
    default_service,
    get_practice,
    get_service,
    practice_of_doctor,
)
from app.errors import DomainError, NotFound, NotSignedIn
from app.scheduling.queries import Slot, get_slot
from app.web.doors import EmailNotConfirmed
from app.web.render import Notice, address, go, go_to
from app.web.visitor import WebRequest


@dataclass(frozen=True)
class WantedTime:
    """What was pressed: a slot, and where known the service, the person and the reason."""

    slot_id: UUID
    service_id: UUID | None
    person_id: UUID | None
    reason: str

    @classmethod
    async def read(cls, request: WebRequest) -> Self:
        """From the address of a page or the fields of a form; raises NotFound for ids that cannot be any."""
        sent: dict[str, str] = {name: str(value) for name, value in request.query_params.items()}
        if request.method == "POST":
            sent = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        slot_id = _id_or_none(sent.get("slot", ""))
        if slot_id is None:
            raise NotFound
        return cls(
            slot_id,
            _id_or_none(sent.get("service", "")),
            _id_or_none(sent.get("person", "")),
            sent.get("reason", "").replace("\x00", "").strip(),
        )

    async def found(self) -> tuple[Practice, Service, Slot]:
        """The time in words: where, for what, when; raises NotFound."""
        slot = await get_slot(self.slot_id)
        practice = await get_practice(slot.practice_id)
        if self.service_id is None:
            return practice, await default_service(practice.id), slot
        return practice, await get_service(self.service_id, practice_id=practice.id), slot

    def page(self, request: WebRequest) -> str:
        """The address that tries this time again."""
        query = {"slot": str(self.slot_id), **({"service": str(self.service_id)} if self.service_id else {})}
        return f"{address(request, 'checkout.new')}?{urlencode(query)}"


def _id_or_none(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as malformed:
        raise NotFound from malformed


async def log_in_first(request: WebRequest, refusal: NotSignedIn) -> Response[Any]:
    """To the log-in, and from there back to the time."""
    return await _first(request, "accounts.login", refusal)


async def confirm_first(request: WebRequest, refusal: EmailNotConfirmed) -> Response[Any]:
    """To the page that asks for the code in the letter, and from there back to the time."""
    return await _first(request, "accounts.verify", refusal)


async def _first(request: WebRequest, name: str, refusal: DomainError) -> Response[Any]:
    wanted = await WantedTime.read(request)
    query = urlencode({"next": wanted.page(request)})
    return go_to(request, f"{address(request, name)}?{query}", notice=Notice(refusal.message, "news"))


async def other_times_page(request: WebRequest, refusal: NoLongerFree) -> Response[Any]:
    """The doctor's page at that day, with the times the refusal offers instead."""
    wanted = await WantedTime.read(request)
    slot = await get_slot(wanted.slot_id)
    practice = await practice_of_doctor(slot.doctor_id)
    return await slots_page(
        request,
        practice.doctor_slug,
        on=slot.on_date,
        service_id=wanted.service_id,
        free=refusal.free,
        **refused_with(refusal),
    )


async def other_terms_page(request: WebRequest, _refusal: NoSuchService | ServiceChanged) -> Response[Any]:
    """The doctor's page at that day, with what is offered now."""
    wanted = await WantedTime.read(request)
    slot = await get_slot(wanted.slot_id)
    practice = await practice_of_doctor(slot.doctor_id)
    changed = refused_with(ServiceChanged())
    return await slots_page(request, practice.doctor_slug, on=slot.on_date, **changed)


async def own_visits_page(request: WebRequest, refusal: OwnLimit) -> Response[Any]:
    """What stands in the way is their own: the same hold when it was pressed twice, else all visits."""
    wanted = await WantedTime.read(request)
    mine = await find_own_hold(wanted.slot_id, account_of(request).id, now=clock.now())
    if mine is not None:
        return go(request, "checkout.pay", code=mine.code)
    return await visits_page(request, **refused_with(refusal))
