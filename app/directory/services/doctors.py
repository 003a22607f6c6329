"""Doctors: what they say of themselves, and what patients say of them."""

from collections.abc import Sequence
from uuid import UUID

from app.db.engine import execute, transaction
from app.directory.errors import NoSuchDoctor
from app.directory.rules import check_profile
from app.directory.services.listing import relist_doctors
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def change_profile(
    doctor_id: UUID,
    *,
    designation: str,
    qualifications: str,
    registration_number: str,
    about: str,
    languages: Sequence[str],
    by: Actor,
) -> None:
    """Write what a doctor's own page says. Raises Invalid at each field that does not fit, NoSuchDoctor."""
    lines = {
        "designation": designation,
        "qualifications": qualifications,
        "registration_number": registration_number,
    }
    check_profile(lines=lines, about=about, languages=languages)
    async with transaction():
        done = await execute(
            "UPDATE doctors SET designation = $2, qualifications = $3, registration_number = $4, about = $5, "
            "languages = $6 WHERE id = $1",
            doctor_id,
            *lines.values(),
            about,
            list(languages),
        )
        if done != "UPDATE 1":
            raise NoSuchDoctor
        await relist_doctors([doctor_id])
        await publish(names.DOCTOR_PROFILE_CHANGED, doctor_id, by=by)


async def rate(doctor_id: UUID, *, stars: int, count: int) -> None:
    """Add to what a doctor's average is made of: stars given, and how many gave them; both may be negative.

    Runs in the caller's transaction, together with the change of the reviews themselves. Raises NoSuchDoctor.
    """
    done = await execute(
        "UPDATE doctors SET stars_total = stars_total + $2, reviews_count = reviews_count + $3 WHERE id = $1",
        doctor_id,
        stars,
        count,
    )
    if done != "UPDATE 1":
        raise NoSuchDoctor
