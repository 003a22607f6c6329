"""Doctors: applying, being let in, and what they say of themselves."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute, fetch_value, transaction
from app.directory.errors import DoctorAlready, NoSuchDoctor
from app.directory.rules import check_profile, slug_of, speciality_key
from app.directory.services.listing import relist_doctors
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def apply_as_doctor(user_id: UUID, *, name: str, speciality: str, by: Actor) -> UUID:
    """Write an account into the directory as a doctor whom nobody sees before approval.

    `speciality` is a key of SPECIALITIES, its words joined in any way. Gives back the doctor's id.
    Raises Invalid (field specialization), DoctorAlready.
    """
    key = speciality_key(speciality)
    async with transaction():
        doctor_id: UUID = await fetch_value(
            "INSERT INTO doctors (user_id, slug, name, speciality, created_at) VALUES ($1,$2,$3,$4,$5) "
            "ON CONFLICT (user_id) DO NOTHING RETURNING id",
            user_id,
            await _free_slug(name),
            name,
            key,
            clock.now(),
        )
        if not doctor_id:
            raise DoctorAlready
        await publish(names.DOCTOR_APPLIED, doctor_id, by=by, facts={"speciality": key})
    return doctor_id


async def _free_slug(name: str) -> str:
    """An address nobody has: the name alone where it is free, else with a few random signs.

    The lock lets one name at a time be looked up, until the transaction ends.
    """
    slug = slug_of(name)
    await execute("SELECT pg_advisory_xact_lock(hashtext('doctors.slug'), hashtext($1))", slug)
    is_taken = await fetch_value("SELECT EXISTS (SELECT FROM doctors WHERE slug = $1)", slug)
    return f"{slug}-{uuid4().hex[:6]}" if is_taken else slug


async def approve(doctor_id: UUID, *, by: Actor) -> None:
    """Let patients see a doctor; approving twice approves once. Raises NoSuchDoctor."""
    async with transaction():
        done = await execute(
            "UPDATE doctors SET approved_at = $2 WHERE id = $1 AND approved_at IS NULL",
            doctor_id,
            clock.now(),
        )
        if done == "UPDATE 1":
            await relist_doctors([doctor_id])
            await publish(names.DOCTOR_APPROVED, doctor_id, by=by)
        elif not await fetch_value("SELECT EXISTS (SELECT FROM doctors WHERE id = $1)", doctor_id):
            raise NoSuchDoctor


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
