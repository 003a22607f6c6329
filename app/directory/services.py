"""Changing the directory: who practises where, and what they offer."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute, fetch_value, transaction
from app.directory.errors import DoctorAlready, NoSuchDoctor
from app.directory.rules import LONGEST_NAME, check_clinic, check_service, slug_of, speciality_key
from app.errors import Invalid, _
from app.events import names
from app.events.actor import Actor
from app.events.services import publish

LONGEST_ABOUT = 4000
"""Characters; a page, not a book."""


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
    """Write what a doctor's own page says. Raises Invalid for text that is too long, NoSuchDoctor."""
    lines = {
        "designation": designation,
        "qualifications": qualifications,
        "registration_number": registration_number,
    }
    wrong = {name: _("Use up to 120 letters.") for name, text in lines.items() if len(text) > LONGEST_NAME}
    if len(about) > LONGEST_ABOUT:
        wrong["about"] = _("Use up to 4,000 letters.")
    if wrong:
        raise Invalid(fields=wrong)
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
        await publish(names.DOCTOR_PROFILE_CHANGED, doctor_id, by=by)


async def add_clinic(
    *,
    slug: str,
    name: str,
    address: str,
    city: str,
    pincode: str,
    phone: str,
    time_zone: str,
    by: Actor,
    opening_text: str = "",
    calendar_days: int = 60,
) -> UUID:
    """Open a clinic; `calendar_days` is how far ahead its calendar reaches. Raises Invalid."""
    check_clinic(name=name, pincode=pincode, time_zone=time_zone)
    async with transaction():
        clinic_id: UUID = await fetch_value(
            "INSERT INTO clinics (slug, name, address, city, pincode, phone, time_zone, opening_text, "
            "calendar_days, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) RETURNING id",
            slug,
            name,
            address,
            city,
            pincode,
            phone,
            time_zone,
            opening_text,
            calendar_days,
            clock.now(),
        )
        await publish(names.CLINIC_ADDED, clinic_id, by=by)
    return clinic_id


async def add_practice(doctor_id: UUID, clinic_id: UUID, *, by: Actor, approves_visits: bool = False) -> UUID:
    """Let a doctor practise at a clinic; doing so twice gives the same practice."""
    async with transaction():
        practice_id: UUID | None = await fetch_value(
            "INSERT INTO practices (doctor_id, clinic_id, approves_visits, created_at) VALUES ($1,$2,$3,$4) "
            "ON CONFLICT (doctor_id, clinic_id) DO NOTHING RETURNING id",
            doctor_id,
            clinic_id,
            approves_visits,
            clock.now(),
        )
        if practice_id is None:
            practice_id = await fetch_value(
                "SELECT id FROM practices WHERE doctor_id = $1 AND clinic_id = $2", doctor_id, clinic_id
            )
        else:
            facts = {"doctor_id": doctor_id, "clinic_id": clinic_id}
            await publish(names.PRACTICE_ADDED, practice_id, by=by, facts=facts)
    assert practice_id is not None  # practices are never deleted
    return practice_id


async def add_service(
    practice_id: UUID,
    *,
    name: str,
    duration_minutes: int,
    fee_paise: int,
    by: Actor,
    description: str = "",
    mode: str = "in_person",
) -> UUID:
    """Offer a service, behind those the practice has. Raises Invalid."""
    check_service(name=name, duration_minutes=duration_minutes, fee_paise=fee_paise, mode=mode)
    async with transaction():
        service_id: UUID = await fetch_value(
            "INSERT INTO services (practice_id, name, description, duration_minutes, fee_paise, mode, "
            "created_at, position) SELECT $1,$2,$3,$4,$5,$6,$7, coalesce(max(position) + 1, 0) "
            "FROM services WHERE practice_id = $1 RETURNING id",
            practice_id,
            name,
            description,
            duration_minutes,
            fee_paise,
            mode,
            clock.now(),
        )
        facts = {"practice_id": practice_id, "fee_paise": fee_paise, "duration_minutes": duration_minutes}
        await publish(names.SERVICE_ADDED, service_id, by=by, facts=facts)
    return service_id


async def join_staff(user_id: UUID, clinic_id: UUID, *, by: Actor) -> None:
    """Let a receptionist work for a clinic; one clinic each, so joining another moves."""
    async with transaction():
        done = await execute(
            "INSERT INTO staff (user_id, clinic_id, created_at) VALUES ($1,$2,$3) ON CONFLICT (user_id) "
            "DO UPDATE SET clinic_id = excluded.clinic_id WHERE staff.clinic_id <> excluded.clinic_id",
            user_id,
            clinic_id,
            clock.now(),
        )
        if done == "INSERT 0 1":
            await publish(names.STAFF_JOINED, user_id, by=by, facts={"clinic_id": clinic_id})


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
