"""Doctors, their services and their times for other programs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app import clock
from app.accounts.access import account_of
from app.booking.queries import day_slots, next_free, open_slots
from app.booking.services import withdraw_slot
from app.directory.queries import (
    Practice,
    Service,
    doctor_page,
    first_service,
    get_service,
    practice_of_doctor,
    practice_of_user,
    services_by_practice,
    services_of,
)
from app.directory.rules import speciality_key
from app.errors import Invalid, _
from app.scheduling.services import offer
from app.web.doors import anyone, roles
from app.web.filters import iso
from app.web.visitor import WebRequest

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]
PageSize = Annotated[int, QueryParameter(name="page_size", ge=1, le=100)]


class ServiceAnswer(msgspec.Struct):
    """What a doctor offers; `fee` is in paise."""

    id: UUID
    name: str
    description: str
    duration_minutes: int
    fee: int
    mode: str
    currency: str = "INR"

    @classmethod
    def of(cls, service: Service) -> "ServiceAnswer":
        """As the API shows it."""
        return cls(
            service.id,
            service.name,
            service.description,
            service.duration_minutes,
            service.fee_paise,
            service.mode,
        )


class DoctorAnswer(msgspec.Struct):
    """A doctor whom patients can book; `fee` in paise is that of the first service in person.

    Nobody can rate or follow a doctor yet, so there is nothing to count.
    """

    id: UUID
    name: str
    specialization: str
    designation: str
    city: str
    clinic: str
    fee: int | None
    next_free_at: str | None
    services: list[ServiceAnswer]
    currency: str = "INR"
    rating: float | None = None
    reviews_count: int = 0
    followers_count: int = 0

    @classmethod
    def of(cls, practice: Practice, services: list[Service], free: Mapping[UUID, datetime]) -> "DoctorAnswer":
        """As the API shows it; `free` is when each practice can next be seen."""
        first, at = first_service(services), free.get(practice.id)
        return cls(
            id=practice.doctor_id,
            name=practice.doctor_name,
            specialization=practice.speciality,
            designation=practice.designation,
            city=practice.clinic_city,
            clinic=practice.clinic_name,
            fee=first.fee_paise if first else None,
            next_free_at=iso(at, practice.zone) if at else None,
            services=[ServiceAnswer.of(service) for service in services],
        )


class DoctorsAnswer(msgspec.Struct):
    """One page of doctors, by name."""

    items: list[DoctorAnswer]
    page: int
    page_size: int
    total: int


class SlotAnswer(msgspec.Struct):
    """A time on offer, in the clinic's offset; `state` is free, held or booked."""

    id: UUID
    starts_at: str
    ends_at: str
    state: str


class ServicesAnswer(msgspec.Struct):
    """What a doctor offers, in the doctor's own order."""

    services: list[ServiceAnswer]


class SlotsAnswer(msgspec.Struct):
    """Times, earliest first."""

    slots: list[SlotAnswer]


class NewTimes(msgspec.Struct, forbid_unknown_fields=False):
    """Times to offer on one of the clinic's days, as `HH:MM` on the clinic's clock."""

    date: date
    time_slots: list[str]
    duration_minutes: int = 30


def _slots(found: list[Any], zone: str) -> SlotsAnswer:
    return SlotsAnswer(
        [
            SlotAnswer(
                slot.id, iso(slot.starts_at, zone), iso(slot.ends_at, zone), getattr(slot, "state", "free")
            )
            for slot in found
        ]
    )


@get("/doctors", guards=[anyone])
async def list_doctors(
    page: PageNumber = 1,
    page_size: PageSize = 20,
    specialization: FromQuery[str | None] = None,
    city: FromQuery[str | None] = None,
) -> DoctorsAnswer:
    """Doctors, by name."""
    if city and not city.isprintable():
        raise Invalid(fields={"city": _("Write the city's name.")})
    key = speciality_key(specialization) if specialization else None
    found = await doctor_page(page=page, page_size=page_size, speciality=key, city=city or None)
    ids = [practice.id for practice in found.items]
    services, free = await services_by_practice(ids), await next_free(ids, now=clock.now())
    items = [DoctorAnswer.of(practice, services[practice.id], free) for practice in found.items]
    return DoctorsAnswer(items, page, page_size, found.total)


@get("/doctors/{doctor_id:uuid}", guards=[anyone])
async def show_doctor(doctor_id: FromPath[UUID]) -> DoctorAnswer:
    """One doctor."""
    practice = await practice_of_doctor(doctor_id)
    free = await next_free([practice.id], now=clock.now())
    return DoctorAnswer.of(practice, await services_of(practice.id), free)


@get("/doctors/{doctor_id:uuid}/services", guards=[anyone])
async def list_services(doctor_id: FromPath[UUID]) -> ServicesAnswer:
    """What a doctor offers."""
    practice = await practice_of_doctor(doctor_id)
    return ServicesAnswer([ServiceAnswer.of(service) for service in await services_of(practice.id)])


@get("/availability", guards=[anyone])
async def free_times(
    doctor_id: FromQuery[UUID],
    on: Annotated[date, QueryParameter(name="date")],
    service_id: FromQuery[UUID | None] = None,
) -> SlotsAnswer:
    """The free times of a day; with `service_id` only those at which that service can begin."""
    practice, now = await practice_of_doctor(doctor_id), clock.now()
    if service_id:
        service = await get_service(service_id, practice_id=practice.id)
        minutes = service.duration_minutes
        return _slots(await open_slots(practice.id, on, minutes=minutes, now=now), practice.zone)
    slots = await day_slots(practice.id, on, now=now)
    free = [slot for slot in slots if slot.state == "free" and slot.starts_at > now]
    return _slots(free, practice.zone)


@post("/availability/add", guards=[roles("doctor")])
async def add_times(request: WebRequest, data: JSONBody[NewTimes]) -> SlotsAnswer:
    """Offer several times of one day: all of them, or none and the reasons."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    slots = await offer(
        practice, data.date, data.time_slots, duration_minutes=data.duration_minutes, by=account.actor
    )
    return _slots(slots, practice.zone)


@delete("/availability/{slot_id:uuid}", guards=[roles("doctor")])
async def remove_time(request: WebRequest, slot_id: FromPath[UUID]) -> None:
    """Offer a time no longer; refused while somebody holds or has booked it."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    await withdraw_slot(slot_id, practice_id=practice.id, by=account.actor)


router = Router(
    "/api",
    route_handlers=[list_doctors, show_doctor, list_services, free_times, add_times, remove_time],
    include_in_schema=True,
    tags=["Doctors and times"],
)
