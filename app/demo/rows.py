"""What the large demo knows of its patients and visits before they are written."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Patient:
    """An account, the persons it books for, and since when it is there."""

    id: UUID
    persons: tuple[UUID, ...]
    since: datetime


@dataclass(frozen=True)
class Seen:
    """A completed visit, which its account may review."""

    appointment_id: UUID
    patient: Patient
    at: datetime


@dataclass(frozen=True)
class Time:
    """A time of a doctor; `slot_id` is None where the slot is still to be written, in the past."""

    slot_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    on_date: date


@dataclass
class Booking:
    """A visit before it is written: who, when, from when on, and how it went."""

    time: Time
    ends_at: datetime
    service: tuple[UUID, int]
    patient: Patient
    person_id: UUID
    booked_at: datetime
    status: str
    closed_at: datetime | None
    token: int = field(default=0)
