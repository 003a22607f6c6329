"""What a doctor decides where more than one thing is written: all of it, or nothing."""

from app import clock
from app.db.engine import transaction
from app.directory.queries import Doctor, Practice
from app.directory.services import change_practice, change_profile
from app.events.actor import Actor
from app.scheduling.services import extend


async def describe(
    doctor: Doctor,
    practice: Practice | None,
    *,
    designation: str,
    qualifications: str,
    registration_number: str,
    about: str,
    languages: list[str],
    meeting_link: str,
    by: Actor,
) -> None:
    """Write what patients read of a doctor, and where her visits by video take place once she has a practice.

    Raises Invalid at each field that does not fit.
    """
    async with transaction():
        await change_profile(
            doctor.id,
            designation=designation,
            qualifications=qualifications,
            registration_number=registration_number,
            about=about,
            languages=languages,
            by=by,
        )
        if practice is not None:
            await change_practice(practice.id, meeting_link=meeting_link, by=by)


async def set_rules(
    practice: Practice,
    *,
    lead_minutes: int | None,
    calendar_days: int | None,
    walk_in_percent: int | None,
    by: Actor,
) -> None:
    """Decide how a practice is booked online, and make its calendar so; `practice` is as it was until now.

    None is as the clinic has it. Raises Invalid at each field that does not fit.
    """
    async with transaction():
        await change_practice(
            practice.id,
            lead_minutes=lead_minutes,
            calendar_days=calendar_days,
            walk_in_percent=walk_in_percent,
            by=by,
        )
        await extend(practice.id, now=clock.now(), by=by, days_before=practice.calendar_days)
