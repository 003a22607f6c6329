"""The demo clinic: people with a public password, two doctors, and times for the coming days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app import clock
from app.accounts.services import create_account
from app.db.engine import execute, fetch_value, transaction
from app.directory.queries import Practice, find_clinic, find_doctor_of_user, get_practice, services_of
from app.directory.services import (
    add_clinic,
    add_practice,
    add_service,
    apply_as_doctor,
    approve,
    change_profile,
    join_staff,
)
from app.events.actor import SYSTEM
from app.scheduling.queries import offered_between
from app.scheduling.rules import Range, place, times_between
from app.scheduling.services import offer

PASSWORD = "demo-pass-2026"  # noqa: S105 - public on purpose; production refuses the demo
DAYS = 14
MINUTES = 30
SESSIONS = ((time(9), time(12, 30)), (time(16), time(18, 30)))
CLINIC = "shanti-clinic"


@dataclass(frozen=True)
class DemoDoctor:
    """What is written of a demo doctor; services are (name, minutes, fee in paise)."""

    name: str
    email: str
    mobile: str
    speciality: str
    designation: str
    qualifications: str
    registration_number: str
    about: str
    languages: tuple[str, ...]
    services: tuple[tuple[str, int, int], ...]


DOCTORS = (
    DemoDoctor(
        name="Dr Meera Kulkarni",
        email="meera@example.com",
        mobile="+919800000011",
        speciality="general_medicine",
        designation="Family physician",
        qualifications="MBBS, MD (General Medicine)",
        registration_number="MMC/DEMO/01234",
        about="Fevers, coughs, blood pressure, diabetes, and anything you are not sure about.\n\n"
        "Please bring earlier reports and the medicines you take.",
        languages=("English", "Hindi", "Marathi"),
        services=(("Consultation", 30, 50_000), ("Health check-up", 60, 1_20_000)),
    ),
    DemoDoctor(
        name="Dr Arjun Rao",
        email="arjun@example.com",
        mobile="+919800000012",
        speciality="dentistry",
        designation="Dental surgeon",
        qualifications="BDS, MDS",
        registration_number="MSDC/DEMO/05678",
        about="Toothache, fillings, cleaning and root canals, for grown-ups and for children.",
        languages=("English", "Hindi", "Kannada"),
        services=(("Consultation", 30, 60_000), ("Cleaning", 30, 1_00_000), ("Root canal", 60, 4_50_000)),
    ),
)

PEOPLE = (
    ("Asha Patil", "asha@example.com", "+919800000001", "patient"),
    ("Vikram Singh", "vikram@example.com", "+919800000002", "patient"),
    ("Admin", "admin@example.com", None, "admin"),
)


async def load() -> None:
    """Make the demo clinic where it is missing, and fill its calendar for the next 14 days.

    Safe to run at every start and beside a running server: what is there stays as it is.
    """
    async with transaction():
        await execute("SELECT pg_advisory_xact_lock(hashtext('demo'))")
        for name, email, mobile, role in PEOPLE:
            await create_account(name=name, email=email, mobile=mobile, password=PASSWORD, role=role)
        clinic_id = await find_clinic(CLINIC) or await _add_clinic()
        sunita = await create_account(
            name="Sunita Joshi", email="sunita@example.com", password=PASSWORD, role="reception"
        )
        await join_staff(sunita, clinic_id, by=SYSTEM)
        for doctor in DOCTORS:
            practice = await _practice(doctor, clinic_id)
            await _refill(practice, now=clock.now())


async def is_loaded() -> bool:
    """Whether the demo clinic is there, with its doctors."""
    doctors = await fetch_value(
        "SELECT count(*) FROM practices p JOIN clinics c ON c.id = p.clinic_id "
        "JOIN slots s ON s.practice_id = p.id WHERE c.slug = $1",
        CLINIC,
    )
    return bool(doctors)


async def _add_clinic() -> UUID:
    return await add_clinic(
        slug=CLINIC,
        name="Shanti Clinic",
        address="12 Prabhat Road, Deccan",
        city="Pune",
        pincode="411004",
        phone="+912025550142",
        time_zone="Asia/Kolkata",
        opening_text="Monday to Sunday, 9 am to 7 pm",
        by=SYSTEM,
    )


async def _practice(doctor: DemoDoctor, clinic_id: UUID) -> Practice:
    user_id = await create_account(
        name=doctor.name, email=doctor.email, mobile=doctor.mobile, password=PASSWORD, role="doctor"
    )
    known = await find_doctor_of_user(user_id)
    doctor_id = known.id if known else await _introduce(user_id, doctor)
    practice_id = await add_practice(doctor_id, clinic_id, by=SYSTEM)
    if not await services_of(practice_id):
        for name, minutes, fee in doctor.services:
            await add_service(practice_id, name=name, duration_minutes=minutes, fee_paise=fee, by=SYSTEM)
    return await get_practice(practice_id)


async def _introduce(user_id: UUID, doctor: DemoDoctor) -> UUID:
    doctor_id = await apply_as_doctor(user_id, name=doctor.name, speciality=doctor.speciality, by=SYSTEM)
    await approve(doctor_id, by=SYSTEM)
    await change_profile(
        doctor_id,
        designation=doctor.designation,
        qualifications=doctor.qualifications,
        registration_number=doctor.registration_number,
        about=doctor.about,
        languages=doctor.languages,
        by=SYSTEM,
    )
    return doctor_id


async def _refill(practice: Practice, *, now: datetime) -> None:
    today = clock.day_of(now, practice.zone_info)
    last = today + timedelta(days=DAYS)
    offered = await offered_between(
        practice.doctor_id,
        clock.at(today, time.min, practice.zone_info),
        clock.at(last, time.max, practice.zone_info),
    )
    for ahead in range(DAYS + 1):
        on = today + timedelta(days=ahead)
        times = _missing(on, practice, offered, now=now)
        if times:
            await offer(practice, on, times, duration_minutes=MINUTES, by=SYSTEM)


def _missing(on: date, practice: Practice, offered: list[Range], *, now: datetime) -> list[str]:
    """The usual times of a day that are still to come and run into nothing offered already."""
    zone = practice.zone_info
    usual = [
        text for start, end in SESSIONS for text in times_between(start, end, every=MINUTES, lasting=MINUTES)
    ]
    moments = {text: clock.at(on, time.fromisoformat(text), zone) for text in usual}
    to_come = [text for text in usual if moments[text] > now]
    if not to_come:
        return []
    ranges = place(on, to_come, zone, lasting=MINUTES, now=now)
    return [
        text
        for text, (start, end) in zip(to_come, ranges, strict=True)
        if not any(start < ends and begins < end for begins, ends in offered)
    ]
