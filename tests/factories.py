"""The cast and what they need: short ways to a doctor, a patient, a slot, a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx

from app import clock
from app.accounts.codes import device_token
from app.accounts.passwords import hash_for_mobile, hash_password
from app.accounts.queries import Account, get_user
from app.accounts.services.known_devices import learn_device
from app.accounts.tokens import access_token
from app.db.engine import execute, fetch_value
from app.directory.services import relist
from app.jobs.worker import drain
from app.settings import settings

PASSWORD = "demo-pass-2026"
NOBODY = UUID(int=0)
KOLKATA = ZoneInfo("Asia/Kolkata")

_numbers = count(1)
_hashes: dict[str, str] = {}


@dataclass(frozen=True)
class Cast:
    """Somebody who acts in a test."""

    id: UUID
    name: str
    email: str
    role: str
    password: str = PASSWORD

    async def account(self) -> Account:
        """The account as services take it."""
        return await get_user(self.id)


@dataclass(frozen=True)
class CastDoctor(Cast):
    """A doctor with one practice and one service."""

    doctor_id: UUID = NOBODY
    practice_id: UUID = NOBODY
    clinic_id: UUID = NOBODY
    service_id: UUID = NOBODY
    slug: str = ""


async def _hash() -> str:
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = await hash_password(PASSWORD)
    return _hashes[PASSWORD]


async def _user(name: str, role: str, *, verified: bool, mobile: str | None = None) -> tuple[UUID, str]:
    email = f"{name.rsplit(maxsplit=1)[-1].lower()}{next(_numbers)}@example.com"
    now = clock.now()
    user_id = await fetch_value(
        "INSERT INTO users "
        "(name, email, mobile, password_hash, mobile_hash, role, email_verified_at, created_at) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8) RETURNING id",
        name,
        email,
        mobile,
        await _hash(),
        await hash_for_mobile(PASSWORD, mobile),
        role,
        now if verified else None,
        now,
    )
    return user_id, email


async def a_patient(name: str = "Asha", *, verified: bool = True, mobile: str | None = None) -> Cast:
    """A patient who can book for herself."""
    user_id, email = await _user(name, "patient", verified=verified, mobile=mobile)
    await a_person(user_id, name=name, relation="self")
    return Cast(user_id, name, email, "patient")


async def a_person(account_id: UUID, *, name: str = "Ravi", relation: str = "child") -> UUID:
    """Somebody an account books for."""
    person: UUID = await fetch_value(
        "INSERT INTO persons (account_id, name, relation, created_at) VALUES ($1,$2,$3,$4) RETURNING id",
        account_id,
        name,
        relation,
        clock.now(),
    )
    return person


async def a_clinic(name: str = "Shanti Clinic", *, zone: str = "Asia/Kolkata", city: str = "Pune") -> UUID:
    """A clinic with nobody in it yet."""
    clinic: UUID = await fetch_value(
        "INSERT INTO clinics (slug, name, address, city, pincode, phone, time_zone, created_at) "
        "VALUES ($1,$2,'12 MG Road',$5,'411001','+912012345678',$3,$4) RETURNING id",
        f"clinic-{next(_numbers)}",
        name,
        zone,
        clock.now(),
        city,
    )
    return clinic


async def a_doctor(
    name: str = "Dr Meera",
    *,
    clinic_id: UUID | None = None,
    fee_paise: int = 50_000,
    minutes: int = 30,
    approves_visits: bool = False,
    zone: str = "Asia/Kolkata",
    approved: bool = True,
    speciality: str = "general_medicine",
    city: str = "Pune",
    languages: Sequence[str] = (),
) -> CastDoctor:
    """An approved doctor with a practice at a clinic and one service, found by search."""
    user_id, email = await _user(name, "doctor", verified=True)
    clinic = clinic_id or await a_clinic(zone=zone, city=city)
    slug = f"doctor-{next(_numbers)}"
    now = clock.now()
    doctor_id = await fetch_value(
        "INSERT INTO doctors (user_id, slug, name, speciality, designation, languages, approved_at, "
        "created_at) VALUES ($1,$2,$3,$4,'Physician',$5,$6,$7) RETURNING id",
        user_id,
        slug,
        name,
        speciality,
        list(languages),
        now if approved else None,
        now,
    )
    practice_id = await fetch_value(
        "INSERT INTO practices (doctor_id, clinic_id, approves_visits, created_at) "
        "VALUES ($1,$2,$3,$4) RETURNING id",
        doctor_id,
        clinic,
        approves_visits,
        now,
    )
    service_id = await a_service(practice_id, minutes=minutes, fee_paise=fee_paise)
    return CastDoctor(
        user_id, name, email, "doctor", PASSWORD, doctor_id, practice_id, clinic, service_id, slug
    )


async def a_service(
    practice_id: UUID,
    *,
    name: str = "Consultation",
    minutes: int = 30,
    fee_paise: int = 50_000,
    position: int = 0,
    mode: str = "in_person",
) -> UUID:
    """A service of a practice; search knows of it."""
    service: UUID = await fetch_value(
        "INSERT INTO services (practice_id, name, duration_minutes, fee_paise, mode, position, created_at) "
        "VALUES ($1,$2,$3,$4,$7,$5,$6) RETURNING id",
        practice_id,
        name,
        minutes,
        fee_paise,
        position,
        clock.now(),
        mode,
    )
    await relist([practice_id])
    return service


async def a_receptionist(clinic_id: UUID, name: str = "Sunita") -> Cast:
    """Reception of one clinic."""
    user_id, email = await _user(name, "reception", verified=True)
    await execute(
        "INSERT INTO staff (user_id, clinic_id, created_at) VALUES ($1,$2,$3)",
        user_id,
        clinic_id,
        clock.now(),
    )
    return Cast(user_id, name, email, "reception")


async def an_admin(name: str = "Admin") -> Cast:
    """Who runs the platform."""
    user_id, email = await _user(name, "admin", verified=True)
    return Cast(user_id, name, email, "admin")


def clinic_day(days_ahead: int = 1, zone: ZoneInfo = KOLKATA) -> date:
    """A calendar day of the clinic, counted from today."""
    return clock.day_of(clock.now(), zone) + timedelta(days=days_ahead)


async def a_slot(
    doctor: CastDoctor,
    *,
    at: str = "10:00",
    days_ahead: int = 1,
    minutes: int = 30,
    zone: ZoneInfo = KOLKATA,
    starts_at: datetime | None = None,
) -> UUID:
    """One slot offered, by default tomorrow at ten."""
    on = clinic_day(days_ahead, zone)
    start = starts_at or datetime.combine(on, time.fromisoformat(at), tzinfo=zone).astimezone(UTC)
    slot: UUID = await fetch_value(
        "INSERT INTO slots (practice_id, doctor_id, starts_at, ends_at, on_date, created_at) "
        "VALUES ($1,$2,$3,$4,$5,$6) RETURNING id",
        doctor.practice_id,
        doctor.doctor_id,
        start,
        start + timedelta(minutes=minutes),
        clock.day_of(start, zone),
        clock.now(),
    )
    return slot


async def run_jobs() -> None:
    """Do what the worker would: every job that is due, until none is."""
    await drain()


async def known_device(person: Cast) -> str:
    """What a browser or program keeps that `person` has logged in on before."""
    device_id = uuid4()
    await learn_device(person.id, device_id, address="127.0.0.1", device="tests")
    return device_token(device_id)


async def bearer(api: httpx.AsyncClient, person: Cast) -> httpx.AsyncClient:
    """The same client, carrying a fresh access token of `person`, who has used this program before."""
    log_in = {"identifier": person.email, "password": person.password}
    answer = await api.post("/api/auth/login", json={**log_in, "device_token": await known_device(person)})
    assert answer.status_code == 200, answer.text
    api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return api


async def paid_at_gateway(
    order_id: str, *, outcome: str = "captured", webhook: bool = False, **more: object
) -> dict[str, str]:
    """Pay an order at the sandbox as on the gateway's page; gives the three fields of the return."""
    async with httpx.AsyncClient(base_url=settings().razorpay_base_url, timeout=10) as control:
        answer = await control.post(
            "/sandbox/pay", json={"order_id": order_id, "outcome": outcome, "webhook": webhook, **more}
        )
        assert answer.status_code == 200, answer.text
        fields: dict[str, str] = answer.json()
        return fields


async def sandbox_ledger() -> dict[str, list[dict[str, object]]]:
    """Every order, payment and refund the gateway knows."""
    async with httpx.AsyncClient(base_url=settings().razorpay_base_url, timeout=10) as control:
        ledger: dict[str, list[dict[str, object]]] = (await control.get("/sandbox/ledger")).json()
        return ledger


async def token_of(person: Cast) -> str:
    """An access token of a fresh session, without the cost of a log-in."""
    now = clock.now()
    session_id = await fetch_value(
        "INSERT INTO sessions (user_id, created_at, last_seen_at, expires_at, address, device) "
        "VALUES ($1,$2,$2,$3,'127.0.0.1','tests') RETURNING id",
        person.id,
        now,
        now + timedelta(days=1),
    )
    return access_token(person.id, session_id, now=now)
