"""What booking's questions are answered with, and what its services give back."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Self
from uuid import UUID

from asyncpg import Record


@dataclass(frozen=True)
class OpenSlot:
    """A time on offer; `state` is free, held or booked. A kept one is for walk-ins, not offered online.

    `is_by_hand`, of a time that was typed and not made from the week, is known of a whole day's slots only.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime
    state: str = "free"
    is_kept: bool = False
    is_by_hand: bool = False


@dataclass(frozen=True)
class DayCount:
    """How many times are free on one day of the clinic's calendar."""

    on: date
    free: int


@dataclass(frozen=True)
class WeekSlots:
    """The days that are shown together, and the free times of the one that is open.

    `nearest` is the free time closest to the open day when it has none itself; None without any.
    """

    on: date
    days: list[DayCount]
    slots: list[OpenSlot]
    nearest: OpenSlot | None


@dataclass(frozen=True)
class Appointment:
    """One claim on a time. A walk-in without a time has neither slot nor times."""

    id: UUID
    code: str
    practice_id: UUID
    doctor_id: UUID
    service_id: UUID
    person_id: UUID
    booked_by_id: UUID | None
    slot_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    on_date: date
    status: str
    token_number: int | None
    token_on: date | None
    amount_paise: int
    reason: str
    hold_expires_at: datetime | None
    hold_extended_at: datetime | None
    approve_until: datetime | None
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    def is_lapsed(self, now: datetime) -> bool:
        """Whether this is a hold whose time is over, so that it stands in nobody's way."""
        return self.status == "held" and self.hold_expires_at is not None and self.hold_expires_at <= now

    def has_begun(self, now: datetime) -> bool:
        """Whether the visit's time has come."""
        return self.starts_at is not None and self.starts_at <= now


COLUMNS = ", ".join(f"a.{field.name}" for field in fields(Appointment))
"""The columns of an appointment in a query that calls the table `a`."""


@dataclass(frozen=True)
class OpenRequest:
    """A patient's wish for another time that nobody has answered yet."""

    id: UUID
    note: str
    wish: str
    created_at: datetime


@dataclass(frozen=True)
class Visit(Appointment):
    """An appointment with the names a page or an API answer shows beside it."""

    doctor_name: str
    doctor_slug: str
    doctor_user_id: UUID
    speciality: str
    designation: str
    clinic_id: UUID
    clinic_name: str
    clinic_address: str
    clinic_city: str
    clinic_pincode: str
    clinic_phone: str
    zone: str
    approves_visits: bool
    service_name: str
    service_minutes: int
    service_mode: str
    meeting_link: str
    person_name: str
    person_birth_year: int | None
    person_sex: str | None
    person_mobile: str | None
    booked_by_name: str | None
    request_id: UUID | None
    request_note: str | None
    request_wish: str | None
    request_at: datetime | None

    @property
    def request(self) -> OpenRequest | None:
        """The patient's open request for another time, if there is one."""
        if self.request_id is None or self.request_at is None:
            return None
        return OpenRequest(self.request_id, self.request_note or "", self.request_wish or "", self.request_at)

    @property
    def minutes(self) -> int:
        """How long the visit takes."""
        if self.starts_at is None or self.ends_at is None:
            return self.service_minutes
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to a visit: states before and after, who (by role), and the note they left.

    A move names the beginnings of both times.
    """

    at: datetime
    event: str
    old: str | None
    new: str | None
    by_role: str
    note: str
    moved_from: datetime | None = None
    moved_to: datetime | None = None
