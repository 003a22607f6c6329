"""Writing, answering, reporting and judging reviews.

Whoever changes what counts locks the doctor's row first, so that the stars added and taken away are those of
the review as it stands, and the average is kept right in the same transaction.
"""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from app import clock
from app.booking.queries import get_appointment
from app.db.engine import execute, fetch_value, transaction
from app.directory.services import rate
from app.errors import NotFound
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.reviews.errors import (
    AlreadyReported,
    AlreadyReviewed,
    IsHidden,
    KeptAsItIs,
    NotCompleted,
    NothingToDecide,
    OwnReview,
)
from app.reviews.queries import Review, get_review, kept_for
from app.reviews.rules import check_answer, check_review, check_stars, check_why, tidy
from app.web.limits import spend

Decision = Literal["kept", "hidden"]


async def write(appointment_id: UUID, *, stars: int, text: str = "", by: Actor) -> Review:
    """Say how a completed visit was; once, by the account that booked it.

    Raises Invalid (fields stars, text), NotFound for a visit of somebody else, NotCompleted, AlreadyReviewed.
    """
    text = tidy(text)
    check_stars(stars)
    check_review(text)
    visit, now = await get_appointment(appointment_id), clock.now()
    if visit.booked_by_id is None or visit.booked_by_id != by.id:
        raise NotFound
    if visit.status != "completed":  # a state that nothing leaves
        raise NotCompleted
    async with transaction():
        await _lock_doctor(visit.doctor_id)
        review_id: UUID | None = await fetch_value(
            "INSERT INTO reviews (appointment_id, doctor_id, author_id, stars, text, created_at, changed_at) "
            "VALUES ($1,$2,$3,$4,$5,$6,$6) ON CONFLICT (appointment_id) DO NOTHING RETURNING id",
            visit.id,
            visit.doctor_id,
            by.id,
            stars,
            text,
            now,
        )
        if review_id is None:
            raise AlreadyReviewed
        await rate(visit.doctor_id, stars=stars, count=1)
        review = await get_review(review_id)
        await _tell(names.REVIEW_WRITTEN, review, by=by, facts={"stars": stars}, words={"text": text})
    return review


async def change(review_id: UUID, *, stars: int | None = None, text: str | None = None, by: Actor) -> Review:
    """Let the author say it otherwise; what is None stays, and the same again changes nothing.

    A hidden review stays hidden. Raises Invalid (fields stars, text), NotFound for a review of somebody else.
    """
    async with transaction():
        old = await _lock(review_id)
        if old.author_id != by.id:
            raise NotFound
        new_stars = old.stars if stars is None else stars
        new_text = old.text if text is None else tidy(text)
        check_stars(new_stars)
        check_review(new_text)
        if (new_stars, new_text) == (old.stars, old.text):
            return old
        await execute(
            "UPDATE reviews SET stars = $2, text = $3, changed_at = $4 WHERE id = $1",
            review_id,
            new_stars,
            new_text,
            clock.now(),
        )
        if not old.is_hidden:
            await rate(old.doctor_id, stars=new_stars - old.stars, count=0)
        facts = {"from_stars": old.stars, "stars": new_stars}
        await _tell(names.REVIEW_CHANGED, old, by=by, facts=facts, words={"text": new_text})
        return await get_review(review_id)


async def answer(review_id: UUID, *, text: str, by: Actor) -> Review:
    """Let the doctor answer, or say the answer otherwise. Raises Invalid (field answer), IsHidden."""
    text = tidy(text)
    check_answer(text)
    async with transaction():
        review = await _lock_shown(review_id)
        if review.answer == text:
            return review
        await execute(
            "UPDATE reviews SET answer = $2, answered_at = $3 WHERE id = $1", review_id, text, clock.now()
        )
        facts = {"was_answered": review.answered_at is not None}
        await _tell(names.REVIEW_ANSWERED, review, by=by, facts=facts, words={"answer": text})
        return await get_review(review_id)


async def take_back_answer(review_id: UUID, *, by: Actor) -> Review:
    """Let the doctor leave the review unanswered again; without an answer nothing changes."""
    async with transaction():
        review = await _lock(review_id)
        if review.answered_at is None:
            return review
        await execute("UPDATE reviews SET answer = '', answered_at = NULL WHERE id = $1", review_id)
        await _tell(names.REVIEW_ANSWER_REMOVED, review, by=by)
        return await get_review(review_id)


async def report(review_id: UUID, *, why: str, by: Actor) -> None:
    """Ask the administrator to look at a review, which stays shown meanwhile.

    A doctor whose report of it was decided against says it again only once the review has changed. Raises
    Invalid (field why), TooMany, OwnReview, IsHidden, AlreadyReported, KeptAsItIs.
    """
    why = tidy(why)
    check_why(why)
    await spend("review_report", str(by.id))
    async with transaction():
        review = await _lock_shown(review_id)
        if review.author_id == by.id:
            raise OwnReview
        if by.role == "doctor" and by.id and await kept_for(by.id, [review_id]):
            raise KeptAsItIs
        done = await execute(
            "INSERT INTO review_reports (review_id, reported_by_id, why, created_at) VALUES ($1,$2,$3,$4) "
            "ON CONFLICT (review_id, reported_by_id) WHERE decided_at IS NULL DO NOTHING",
            review_id,
            by.id,
            why,
            clock.now(),
        )
        if done != "INSERT 0 1":
            raise AlreadyReported
        await _tell(names.REVIEW_REPORTED, review, by=by, words={"why": why})


async def decide(review_id: UUID, decision: Decision, *, by: Actor) -> Review:
    """Answer every open report of a review at once: keep it, or hide it, so that it counts for nothing.

    Raises NothingToDecide where no report is open, as once another administrator has decided.
    """
    async with transaction():
        review = await _lock(review_id)
        done = await execute(
            "UPDATE review_reports SET decided_at = $2, decided_by_id = $3, decision = $4 "
            "WHERE review_id = $1 AND decided_at IS NULL",
            review_id,
            clock.now(),
            by.id,
            decision,
        )
        if done == "UPDATE 0":
            raise NothingToDecide
        if decision == "hidden":
            await _show(review, hides=True)
        await _tell(names.REVIEW_DECIDED, review, by=by, facts={"decision": decision})
        return await get_review(review_id)


async def show_again(review_id: UUID, *, by: Actor) -> Review:
    """Let the public read a hidden review again, and count it; raises NothingToDecide for a shown one."""
    async with transaction():
        review = await _lock(review_id)
        if not review.is_hidden:
            raise NothingToDecide
        await _show(review, hides=False)
        await _tell(names.REVIEW_DECIDED, review, by=by, facts={"decision": "shown again"})
        return await get_review(review_id)


async def _show(review: Review, *, hides: bool) -> None:
    """Take a review out of the average and from the public, or put it back."""
    sign = -1 if hides else 1
    hidden_at = clock.now() if hides else None
    await execute("UPDATE reviews SET hidden_at = $2 WHERE id = $1", review.id, hidden_at)
    await rate(review.doctor_id, stars=sign * review.stars, count=sign)


async def _lock_doctor(doctor_id: UUID) -> None:
    """Let nobody else change what counts for this doctor until the transaction ends."""
    await execute("SELECT FROM doctors WHERE id = $1 FOR NO KEY UPDATE", doctor_id)


async def _lock(review_id: UUID) -> Review:
    """The review as it stands once its doctor, whom it never changes, is locked; raises NoSuchReview."""
    await _lock_doctor((await get_review(review_id)).doctor_id)
    return await get_review(review_id)


async def _lock_shown(review_id: UUID) -> Review:
    """As `_lock`; raises IsHidden too."""
    review = await _lock(review_id)
    if review.is_hidden:
        raise IsHidden
    return review


async def _tell(
    event: str,
    review: Review,
    *,
    by: Actor,
    facts: Mapping[str, object] | None = None,
    words: Mapping[str, str] | None = None,
) -> None:
    """Publish a review's event; what somebody wrote stands apart, as theirs."""
    private = {by.id: words} if by.id and words and any(words.values()) else None
    about = {"doctor_id": review.doctor_id, "appointment_id": review.appointment_id, **(facts or {})}
    await publish(event, review.id, by=by, facts=about, private=private)
