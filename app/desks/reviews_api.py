"""Reviews for other programs: writing one of a visit, reading those of a doctor."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from app.accounts.access import account_of
from app.booking.access import visit_for
from app.directory.queries import practice_of_doctor
from app.reviews import services
from app.reviews.queries import Review, get_review_of, reviews_shown, stars_of
from app.web.doors import anyone, roles
from app.web.filters import iso
from app.web.page_number import PageNumber, PageSize
from app.web.visitor import WebRequest


class ReviewBody(Struct):
    """How a visit was."""

    stars: Annotated[int, Meta(description="1 to 5")]
    text: Annotated[str, Meta(description="at most 2,000 characters")] = ""


class ReviewChange(Struct):
    """What shall be said otherwise; what is left out stays."""

    stars: Annotated[int | None, Meta(description="1 to 5")] = None
    text: Annotated[str | None, Meta(description="at most 2,000 characters")] = None


class ReviewAnswer(Struct):
    """A review; the author is named as in public, and `answer` is the doctor's, null without one.

    Times are in the clinic's offset.
    """

    id: UUID
    stars: int
    text: str
    author: str
    at: str
    answer: str | None
    changed_at: str | UnsetType = UNSET
    answered_at: str | UnsetType = UNSET

    @classmethod
    def of(cls, review: Review, *, zone: str) -> "ReviewAnswer":
        """As the API shows it."""
        answered = review.answered_at
        return cls(
            id=review.id,
            stars=review.stars,
            text=review.text,
            author=review.author,
            at=iso(review.created_at, zone),
            answer=review.answer if answered else None,
            changed_at=iso(review.changed_at, zone) if review.is_changed else UNSET,
            answered_at=iso(answered, zone) if answered else UNSET,
        )


class ReviewsAnswer(Struct):
    """One page of reviews, the newest first; `rating` is the mean of all of them, null without any."""

    items: list[ReviewAnswer]
    page: int
    page_size: int
    total: int
    rating: float | None


@post("/appointments/{appointment_id:uuid}/review", guards=[roles("patient")], status_code=201)
async def write(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[ReviewBody]
) -> ReviewAnswer:
    """Say how a completed visit was; 409 when that was done already."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    review = await services.write(visit.id, stars=data.stars, text=data.text, by=account.actor)
    return ReviewAnswer.of(review, zone=visit.zone)


@patch("/appointments/{appointment_id:uuid}/review", guards=[roles("patient")])
async def change(
    request: WebRequest, appointment_id: FromPath[UUID], data: JSONBody[ReviewChange]
) -> ReviewAnswer:
    """Say it otherwise."""
    account = account_of(request)
    visit = await visit_for(appointment_id, account)
    old = await get_review_of(visit.id)
    review = await services.change(old.id, stars=data.stars, text=data.text, by=account.actor)
    return ReviewAnswer.of(review, zone=visit.zone)


@get("/doctors/{doctor_id:uuid}/reviews", guards=[anyone])
async def list_reviews(
    doctor_id: FromPath[UUID], page: PageNumber = 1, page_size: PageSize = 20
) -> ReviewsAnswer:
    """What patients say of a doctor, the newest first."""
    practice = await practice_of_doctor(doctor_id)
    found = await reviews_shown(doctor_id, page=page, page_size=page_size)
    stars = await stars_of(doctor_id)
    items = [ReviewAnswer.of(review, zone=practice.zone) for review in found.items]
    return ReviewsAnswer(items, page, page_size, found.total, stars.average)


router = Router(
    "/api",
    route_handlers=[write, change, list_reviews],
    opt={"exclude_from_csrf": True},
    include_in_schema=True,
    tags=["Reviews"],
)
