"""Reading reviews. Everybody sees those that are not hidden; how one came about stays with the visit."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.db.paging import Paged
from app.events import names
from app.events.queries import PastEvent, events_of
from app.reviews.errors import NoSuchReview
from app.reviews.rules import FEWEST_STARS, MOST_STARS, author_shown


@dataclass(frozen=True)
class Review:
    """What one account said after one visit, and the doctor's answer; `author_name` is not for the public."""

    id: UUID
    appointment_id: UUID
    doctor_id: UUID
    author_id: UUID
    author_name: str
    stars: int
    text: str
    created_at: datetime
    changed_at: datetime
    answer: str
    answered_at: datetime | None
    hidden_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From a row that has a column for each field."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def author(self) -> str:
        """How the author is called in public."""
        return author_shown(self.author_name)

    @property
    def is_changed(self) -> bool:
        """Whether the author has changed it since it was written."""
        return self.changed_at != self.created_at

    @property
    def is_hidden(self) -> bool:
        """Whether the administrator has taken it from the public."""
        return self.hidden_at is not None


@dataclass(frozen=True)
class Stars:
    """How many shown reviews of a doctor gave each number of stars, the best first."""

    counts: dict[int, int]

    @property
    def total(self) -> int:
        """How many reviews there are."""
        return sum(self.counts.values())

    @property
    def average(self) -> float | None:
        """The mean to one decimal, a half rounded up, or None without any review."""
        given = sum(stars * count for stars, count in self.counts.items())
        return (20 * given + self.total) // (2 * self.total) / 10 if self.total else None


@dataclass(frozen=True)
class Report:
    """One open report of a review: who finds that it should not be shown, and why.

    `by_person_id` is who reported it as somebody doctors see; None for who is none.
    """

    review_id: UUID
    why: str
    created_at: datetime
    by_name: str
    by_role: str
    by_person_id: UUID | None


@dataclass(frozen=True)
class Judged:
    """A review before the administrator: whom it is about, and what is held against it, oldest first.

    `person_id` is who was seen.
    """

    review: Review
    person_id: UUID
    doctor_name: str
    doctor_slug: str
    zone: str
    reports: list[Report]

    @property
    def person_ids(self) -> set[UUID]:
        """The patients something is told about: who was seen, and who reported."""
        return {self.person_id} | {one.by_person_id for one in self.reports if one.by_person_id}


_SELECT = """
SELECT r.id, r.appointment_id, r.doctor_id, r.author_id, u.name AS author_name, r.stars, r.text, r.created_at,
       r.changed_at, r.answer, r.answered_at, r.hidden_at
FROM reviews r JOIN users u ON u.id = r.author_id
"""
_NEWEST = "ORDER BY r.created_at DESC, r.id"


async def get_review(review_id: UUID) -> Review:
    """A review by its id, hidden or not; raises NoSuchReview."""
    row = await fetch_one(_SELECT + "WHERE r.id = $1", review_id)
    if row is None:
        raise NoSuchReview
    return Review.of(row)


async def find_review_of(appointment_id: UUID) -> Review | None:
    """The review of a visit, hidden or not, or None."""
    row = await fetch_one(_SELECT + "WHERE r.appointment_id = $1", appointment_id)
    return Review.of(row) if row else None


async def get_review_of(appointment_id: UUID) -> Review:
    """The review of a visit, hidden or not; raises NoSuchReview."""
    review = await find_review_of(appointment_id)
    if review is None:
        raise NoSuchReview
    return review


async def stars_of(doctor_id: UUID) -> Stars:
    """What a doctor's shown reviews give, counted anew."""
    rows = await fetch(
        "SELECT stars, count(*) AS given FROM reviews "
        "WHERE doctor_id = $1 AND hidden_at IS NULL GROUP BY stars",
        doctor_id,
    )
    given = {row["stars"]: row["given"] for row in rows}
    return Stars({stars: given.get(stars, 0) for stars in range(MOST_STARS, FEWEST_STARS - 1, -1)})


async def reviews_shown(
    doctor_id: UUID, *, page: int = 1, page_size: int = 20, nearest: bool = False
) -> Paged[Review]:
    """One page of what everybody may read about a doctor, the newest first.

    Beyond the last page it is empty, or, where the `nearest` is wanted, the last one.
    """
    where = "r.doctor_id = $1 AND r.hidden_at IS NULL"
    total = await fetch_value(f"SELECT count(*) FROM reviews r WHERE {where}", doctor_id)
    number = _nearest(page, page_size, total) if nearest else page
    return Paged(await _listed(where, doctor_id, number, page_size), number, page_size, total)


async def reviews_for_doctor(
    doctor_id: UUID, *, unanswered: bool = False, page: int = 1, page_size: int = 20
) -> Paged[Review]:
    """One page of all that was written about a doctor, hidden too, or of what waits for an answer.

    A page that is none gives the nearest.
    """
    where = "r.doctor_id = $1"
    if unanswered:
        where += " AND r.answered_at IS NULL AND r.hidden_at IS NULL"
    total = await fetch_value(f"SELECT count(*) FROM reviews r WHERE {where}", doctor_id)
    number = _nearest(page, page_size, total)
    return Paged(await _listed(where, doctor_id, number, page_size), number, page_size, total)


async def _listed(where: str, doctor_id: UUID, page: int, page_size: int) -> list[Review]:
    rows = await fetch(
        f"{_SELECT} WHERE {where} {_NEWEST} LIMIT $2 OFFSET $3", doctor_id, page_size, (page - 1) * page_size
    )
    return [Review.of(row) for row in rows]


def _nearest(page: int, page_size: int, total: int) -> int:
    """The page asked for, or the last one there is."""
    return min(page, max(1, -(-total // page_size)))


async def reported_by(account_id: UUID, review_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these reviews the account has reported and waits for a decision on."""
    rows = await fetch(
        "SELECT review_id FROM review_reports "
        "WHERE reported_by_id = $1 AND review_id = ANY($2::uuid[]) AND decided_at IS NULL",
        account_id,
        list(review_ids),
    )
    return {row["review_id"] for row in rows}


async def kept_for(account_id: UUID, review_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these reviews the account reported and the administrator kept, unchanged since."""
    rows = await fetch(
        """
        SELECT r.id FROM reviews r
        WHERE r.id = ANY($2::uuid[]) AND EXISTS (
            SELECT FROM review_reports o
            WHERE o.review_id = r.id AND o.reported_by_id = $1 AND o.decision = 'kept'
              AND o.decided_at >= r.changed_at)
        """,
        account_id,
        list(review_ids),
    )
    return {row["id"] for row in rows}


async def answers_to(review_id: UUID) -> list[PastEvent]:
    """Every answer a review was given, the first in front, those changed or taken back since too."""
    return [one for one in await events_of(review_id) if one.name == names.REVIEW_ANSWERED]


async def reported_reviews(*, page: int = 1, page_size: int = 20) -> Paged[Judged]:
    """One page of the reviews somebody reported and nobody decided on, the one that waits longest first.

    A page that is none gives the nearest.
    """
    return await _judged(
        """
        JOIN (SELECT review_id, min(created_at) AS since FROM review_reports WHERE decided_at IS NULL
              GROUP BY review_id) o ON o.review_id = r.id
        """,
        "ORDER BY o.since, r.id",
        page=page,
        page_size=page_size,
    )


async def hidden_reviews(*, page: int = 1, page_size: int = 20) -> Paged[Judged]:
    """One page of the reviews that were hidden, the latest first; a page that is none gives the nearest."""
    return await _judged(
        "WHERE r.hidden_at IS NOT NULL", "ORDER BY r.hidden_at DESC, r.id", page=page, page_size=page_size
    )


_ABOUT = """
SELECT q.*, a.person_id, d.name AS doctor_name, d.slug AS doctor_slug, c.time_zone AS zone
FROM ({reviews}) q
JOIN doctors d ON d.id = q.doctor_id
JOIN appointments a ON a.id = q.appointment_id
JOIN practices p ON p.id = a.practice_id
JOIN clinics c ON c.id = p.clinic_id
ORDER BY q.place
"""


async def _judged(which: str, order: str, *, page: int, page_size: int) -> Paged[Judged]:
    total = await fetch_value(f"SELECT count(*) FROM reviews r {which}")
    number = _nearest(page, page_size, total)
    numbered = _SELECT.replace("SELECT", f"SELECT row_number() OVER ({order}) AS place,", 1)
    rows = await fetch(
        _ABOUT.format(reviews=f"{numbered} {which} {order} LIMIT $1 OFFSET $2"),
        page_size,
        (number - 1) * page_size,
    )
    reports = await _open_reports([row["id"] for row in rows])
    items = [
        Judged(
            Review.of(row),
            row["person_id"],
            row["doctor_name"],
            row["doctor_slug"],
            row["zone"],
            reports[row["id"]],
        )
        for row in rows
    ]
    return Paged(items, number, page_size, total)


async def _open_reports(review_ids: Sequence[UUID]) -> dict[UUID, list[Report]]:
    found: dict[UUID, list[Report]] = {review_id: [] for review_id in review_ids}
    rows = await fetch(
        """
        SELECT o.review_id, o.why, o.created_at, u.name AS by_name, u.role AS by_role,
               p.id AS by_person_id
        FROM review_reports o JOIN users u ON u.id = o.reported_by_id
        LEFT JOIN persons p ON p.account_id = u.id AND p.relation = 'self'
        WHERE o.review_id = ANY($1::uuid[]) AND o.decided_at IS NULL ORDER BY o.created_at, o.id
        """,
        list(found),
    )
    for row in rows:
        found[row["review_id"]].append(Report(**dict(row)))
    return found
