"""What the directory's reads give back: plain frozen values, no lazy columns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record


@dataclass(frozen=True)
class Practice:
    """A doctor at a clinic, as every other room needs it.

    `zone` is the name of the clinic's time zone. `calendar_days`, `lead_minutes` and `walk_in_percent` are
    what counts: the practice's own where it has one, else the clinic's. `rating` is the average of the
    doctor's stars with one decimal, None before the first review.
    """

    id: UUID
    doctor_id: UUID
    doctor_user_id: UUID
    doctor_name: str
    doctor_slug: str
    speciality: str
    designation: str
    clinic_id: UUID
    clinic_name: str
    clinic_address: str
    clinic_city: str
    clinic_pincode: str
    clinic_phone: str
    clinic_opening_text: str
    zone: str
    calendar_days: int
    lead_minutes: int
    walk_in_percent: int
    approves_visits: bool
    meeting_link: str
    photo_key: str | None
    followers_count: int
    reviews_count: int
    rating: float | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def zone_info(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Policies:
    """What a practice decided for itself (None: as its clinic), and what the clinic has."""

    meeting_link: str
    calendar_days: int | None
    lead_minutes: int | None
    walk_in_percent: int | None
    clinic_calendar_days: int
    clinic_lead_minutes: int
    clinic_walk_in_percent: int

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Clinic:
    """A place with an address and its own policies."""

    id: UUID
    slug: str
    name: str
    address: str
    city: str
    pincode: str
    phone: str
    zone: str
    opening_text: str
    calendar_days: int
    lead_minutes: int
    walk_in_percent: int

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Doctor:
    """What a doctor's own page says beside the practice; `is_approved` tells whether patients see it."""

    id: UUID
    user_id: UUID
    slug: str
    name: str
    speciality: str
    designation: str
    qualifications: str
    registration_number: str
    about: str
    languages: list[str]
    is_approved: bool
    photo_key: str | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Service:
    """What a practice offers: how long it lasts, what it costs, in_person or video, with tax or without."""

    id: UUID
    practice_id: UUID
    name: str
    description: str
    category: str
    duration_minutes: int
    fee_paise: int
    mode: str
    is_taxable: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @classmethod
    def all_of(cls, text: str) -> list[Self]:
        """From the JSON of a column that holds all services of a practice."""
        return [
            cls(**{**one, "id": UUID(one["id"]), "practice_id": UUID(one["practice_id"])})
            for one in json.loads(text)
        ]


@dataclass(frozen=True)
class ShownDoctor:
    """All that a doctor's page says of her; `is_followed` by the person who looks."""

    practice: Practice
    doctor: Doctor
    services: list[Service]
    is_followed: bool


@dataclass(frozen=True)
class Followable:
    """A doctor as who follows her needs it; `is_open` when patients see her, else only who follows does."""

    doctor_id: UUID
    name: str
    is_open: bool

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class FollowedDoctor:
    """A doctor somebody follows: where she is seen, or was last when `is_open` is False."""

    practice: Practice
    is_open: bool


@dataclass(frozen=True)
class Choices:
    """What the boxes of the search page offer, of which there are doctors.

    Cities and languages stand by name, keys of specialities with the most practised first.
    """

    cities: list[str]
    languages: list[str]
    specialities: list[str]


def first_service(services: Sequence[Service]) -> Service | None:
    """The one that counts when nobody has chosen: the first in person, else the first; None without any."""
    return next((one for one in services if one.mode == "in_person"), services[0] if services else None)
