"""A doctor in a list, as far as a patient needs to choose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from app import clock
from app.booking.queries import FoundDoctor
from app.directory.queries import Practice, Service, first_service
from app.directory.rules import speciality_name


@dataclass(frozen=True)
class DoctorCard:
    """Where, for how much (the first service), when there is time; `video` is "", "too" or "only".

    `free_at` is the next free time, or with `is_that_day` the first one of a day asked for.
    """

    practice: Practice
    service: Service | None
    video: str
    free_at: datetime | None
    is_today: bool
    is_that_day: bool = False

    @classmethod
    def of(
        cls, practice: Practice, services: Sequence[Service], next_free_at: datetime | None, *, now: datetime
    ) -> Self:
        """The card of a practice that offers `services` and is free next at a moment, or not at all."""
        modes = {service.mode for service in services}
        video = "" if "video" not in modes else "too" if "in_person" in modes else "only"
        today = clock.day_of(now, practice.zone_info)
        is_today = next_free_at is not None and clock.day_of(next_free_at, practice.zone_info) == today
        return cls(practice, first_service(services), video, next_free_at, is_today)

    @classmethod
    def found(cls, one: FoundDoctor, *, now: datetime) -> Self:
        """The card of a doctor found; where a day was asked for, with the first free time of that day."""
        card = cls.of(one.practice, one.services, one.free_that_day_at or one.next_free_at, now=now)
        return replace(card, is_that_day=one.free_that_day_at is not None)

    @property
    def speciality(self) -> str:
        """The speciality as a marked sentence."""
        return speciality_name(self.practice.speciality)
