"""Letters about what a doctor has done: answered a review, opened new days."""

from uuid import UUID

from app import clock
from app.booking.queries import visit_by_id
from app.directory.queries import get_practice
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.errors import Overtaken
from app.notifications.followers import days_to_tell
from app.notifications.letters.known import Context, letter, letter_to
from app.notifications.mail import lines_of
from app.reviews.queries import get_review

MOST_DAYS = 14
"""Days a letter names one by one; of more it says how many."""


@letter
async def review_answered(event: PastEvent) -> Context:
    """To the patient: what the doctor says to their review, as it stands now."""
    review = await get_review(event.subject_id)
    if review.answered_at is None or review.is_hidden:
        raise Overtaken
    visit = await visit_by_id(review.appointment_id)
    return {
        "doctor": visit.doctor_name,
        "zone": visit.zone,
        "starts_at": visit.starts_at,
        "on_date": visit.on_date,
        "answer": lines_of(review.answer),
        "link": links.visit(visit.code),
    }


@letter_to
async def new_days(event: PastEvent, reader_id: UUID) -> Context:
    """To a follower: the days a doctor has opened since they last heard, as far as they can be booked."""
    days = await days_to_tell(event.id, reader_id, now=clock.now())
    if not days:
        raise Overtaken
    practice = await get_practice(event.subject_id)
    return {
        "doctor": practice.doctor_name,
        "days": days[:MOST_DAYS],
        "more": len(days[MOST_DAYS:]),
        "link": links.doctor(practice.doctor_slug),
    }
