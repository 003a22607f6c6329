"""Which review, for whom: another doctor's is not found, and a hidden one only by those it concerns."""

from uuid import UUID

from app.accounts.queries import Account
from app.directory.queries import find_doctor_of_user
from app.reviews.errors import NoSuchReview
from app.reviews.queries import Review, get_review


async def review_about(review_id: UUID, account: Account) -> Review:
    """A review of the doctor who owns this account, hidden or not; raises NoSuchReview."""
    review = await get_review(review_id)
    doctor = await find_doctor_of_user(account.id)
    if doctor is None or review.doctor_id != doctor.id:
        raise NoSuchReview
    return review


async def public_review(review_id: UUID) -> Review:
    """A review that everybody may read; raises NoSuchReview."""
    review = await get_review(review_id)
    if review.is_hidden:
        raise NoSuchReview
    return review
