"""A doctor in a list, as far as a patient needs to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app import clock
from app.directory.queries import Practice, Service, first_service
from app.directory.rules import speciality_name


@dataclass(frozen=True)
class DoctorCard:
    """Where, for how much (the first service), when there is time next; `video` is "", "too" or "only"."""

    practice: Practice
    service: Service | None
    video: str
    next_free_at: datetime | None
    is_today: bool

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

    @property
    def speciality(self) -> str:
        """The speciality as a marked sentence."""
        return speciality_name(self.practice.speciality)
