"""What the patients of the large demo say of their doctors, and whom they follow."""

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from app.db.engine import execute
from app.demo import people
from app.demo.heap import Heap, new_id
from app.demo.rows import Seen

if TYPE_CHECKING:
    from app.demo.large import MadeDoctor

REVIEWED_SHARE = 0.3
"""Of the completed visits."""


class Opinions:
    """Reviews and followers, and the counts doctors carry of them."""

    def __init__(self, heap: Heap, dice: Random, now: datetime) -> None:
        self._heap, self._dice, self._now = heap, dice, now

    def of(self, doctor: "MadeDoctor", seen: list[Seen]) -> None:
        """Some of those who were seen write a review, some follow."""
        mood = self._dice.uniform(0.35, 0.85)
        followers: dict[UUID, datetime] = {}
        for visit in seen:
            if self._dice.random() < REVIEWED_SHARE:
                self._review(doctor, visit, mood)
            if self._dice.random() < mood / 3:
                followers.setdefault(visit.patient.id, visit.at)
        for user_id, at in followers.items():
            self._heap.add("follows", user_id=user_id, doctor_id=doctor.id, created_at=at)

    def _review(self, doctor: "MadeDoctor", visit: Seen, mood: float) -> None:
        stars = 1 + sum(self._dice.random() < mood + 0.12 for _star in range(4))
        words = people.PRAISE if stars > 3 else people.MIXED if stars == 3 else people.BLAME
        at = min(visit.at + timedelta(hours=self._dice.randrange(1, 72)), self._now)
        is_answered = self._dice.random() < 0.2
        self._heap.add(
            "reviews",
            id=new_id(self._dice),
            appointment_id=visit.appointment_id,
            doctor_id=doctor.id,
            author_id=visit.patient.id,
            stars=stars,
            text=self._dice.choice(words),
            created_at=at,
            changed_at=at,
            answer="Thank you for writing." if is_answered else "",
            answered_at=at if is_answered else None,
        )

    async def count(self, doctor_ids: list[UUID]) -> None:
        """Bring the doctors' counts up to what was written."""
        await execute(
            """
            UPDATE doctors d
            SET followers_count = (SELECT count(*) FROM follows f WHERE f.doctor_id = d.id),
                reviews_count = (SELECT count(*) FROM reviews r WHERE r.doctor_id = d.id),
                stars_total = (SELECT coalesce(sum(stars), 0) FROM reviews r WHERE r.doctor_id = d.id)
            WHERE d.id = ANY($1)
            """,
            doctor_ids,
        )
