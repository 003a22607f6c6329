"""Doctors, their services and their times for other programs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app import clock
from app.accounts.access import account_of
from app.booking.queries import find_doctors, next_free, open_slots
from app.booking.services import withdraw_slot
from app.directory.queries import (
    Asked,
    Practice,
    Service,
    first_service,
    get_service,
    practice_of_doctor,
    practice_of_user,
    services_of,
)
from app.directory.rules import Sort, speciality_key
from app.directory.services import follow, unfollow
from app.scheduling.services import offer
from app.web.doors import anyone, roles
from app.web.filters import iso
from app.web.limiting import SEARCH
from app.web.page_number import PageNumber, PageSize
from app.web.visitor import WebRequest

Paise = Annotated[int | None, QueryParameter(name="max_fee", ge=0)]
Day = Annotated[date | None, QueryParameter(name="date")]


class ServiceAnswer(msgspec.Struct):
    """What a doctor offers; `fee` is in paise."""

    id: UUID
    name: str
    description: str
    category: str
    duration_minutes: int
    fee: int
    mode: str
    is_taxable: bool
    currency: str = "INR"

    @classmethod
    def of(cls, service: Service) -> "ServiceAnswer":
        """As the API shows it."""
        return cls(
            service.id,
            service.name,
            service.description,
            service.category,
            service.duration_minutes,
            service.fee_paise,
            service.mode,
            service.is_taxable,
        )


class DoctorAnswer(msgspec.Struct):
    """A doctor whom patients can book; `fee` in paise and `next_free_at` are those of the first service.

    `rating` is the average of the stars with one decimal, null before the first review.
    """

    id: UUID
    name: str
    specialization: str
    designation: str
    city: str
    clinic: str
    fee: int | None
    next_free_at: str | None
    rating: float | None
    reviews_count: int
    followers_count: int
    services: list[ServiceAnswer]
    currency: str = "INR"

    @classmethod
    def of(cls, practice: Practice, services: Sequence[Service], free_at: datetime | None) -> "DoctorAnswer":
        """As the API shows it; `free_at` is when the practice can next be seen."""
        first = first_service(services)
        return cls(
            id=practice.doctor_id,
            name=practice.doctor_name,
            specialization=practice.speciality,
            designation=practice.designation,
            city=practice.clinic_city,
            clinic=practice.clinic_name,
            fee=first.fee_paise if first else None,
            next_free_at=iso(free_at, practice.zone) if free_at else None,
            rating=practice.rating,
            reviews_count=practice.reviews_count,
            followers_count=practice.followers_count,
            services=[ServiceAnswer.of(service) for service in services],
        )


class DoctorsAnswer(msgspec.Struct):
    """One page of doctors."""

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


@get("/doctors", guards=[anyone], opt=SEARCH)
async def list_doctors(
    *,
    page: PageNumber = 1,
    page_size: PageSize = 20,
    q: FromQuery[str] = "",
    specialization: FromQuery[str | None] = None,
    city: FromQuery[str | None] = None,
    language: FromQuery[str | None] = None,
    max_fee: Paise = None,
    on: Day = None,
    sort: FromQuery[Sort | None] = None,
) -> DoctorsAnswer:
    """Doctors who fit: by default the best match first, without `q` the most followed."""
    key = speciality_key(specialization) if specialization else None
    asked = Asked(q, key, city or None, language or None, max_fee, on, sort)
    found = await find_doctors(asked, page=page, page_size=page_size, now=clock.now())
    items = [DoctorAnswer.of(one.practice, one.services, one.next_free_at) for one in found.items]
    return DoctorsAnswer(items, page, page_size, found.total)


@get("/doctors/{doctor_id:uuid}", guards=[anyone])
async def show_doctor(doctor_id: FromPath[UUID]) -> DoctorAnswer:
    """One doctor."""
    practice = await practice_of_doctor(doctor_id)
    free = await next_free([practice.id], now=clock.now())
    return DoctorAnswer.of(practice, await services_of(practice.id), free.get(practice.id))


@put("/doctors/{doctor_id:uuid}/follow", guards=[roles("patient")], status_code=204)
async def follow_doctor(request: WebRequest, doctor_id: FromPath[UUID]) -> None:
    """Hear when the doctor opens new days; following twice is once."""
    account = account_of(request)
    await follow(doctor_id, user_id=account.id, by=account.actor)


@delete("/doctors/{doctor_id:uuid}/follow", guards=[roles("patient")])
async def unfollow_doctor(request: WebRequest, doctor_id: FromPath[UUID]) -> None:
    """Hear of the doctor no longer; doing so twice is once."""
    account = account_of(request)
    await unfollow(doctor_id, user_id=account.id, by=account.actor)


@get("/doctors/{doctor_id:uuid}/services", guards=[anyone])
async def list_services(doctor_id: FromPath[UUID]) -> ServicesAnswer:
    """What a doctor offers."""
    practice = await practice_of_doctor(doctor_id)
    return ServicesAnswer([ServiceAnswer.of(service) for service in await services_of(practice.id)])


@get("/availability", guards=[anyone], opt=SEARCH)
async def free_times(
    doctor_id: FromQuery[UUID],
    on: Annotated[date, QueryParameter(name="date")],
    service_id: FromQuery[UUID | None] = None,
) -> SlotsAnswer:
    """The free times of a day; with `service_id` only those at which that service can begin."""
    practice = await practice_of_doctor(doctor_id)
    service = await get_service(service_id, practice_id=practice.id) if service_id else None
    minutes = service.duration_minutes if service else None
    return _slots(await open_slots(practice.id, on, minutes=minutes, now=clock.now()), practice.zone)


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
    route_handlers=[
        list_doctors,
        show_doctor,
        follow_doctor,
        unfollow_doctor,
        list_services,
        free_times,
        add_times,
        remove_time,
    ],
    include_in_schema=True,
    tags=["Doctors and times"],
)
