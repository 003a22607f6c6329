"""Whole cities of doctors with their visits, for trying and measuring: seeded, so the same each time.

Rows are copied in, so listeners hear nothing of them: no letter goes out, no order is known to the gateway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

import asyncpg

from app import clock
from app.accounts.passwords import hash_password
from app.db.engine import execute, fetch_value, transaction
from app.demo import people
from app.demo.clinic import PASSWORD
from app.demo.heap import Heap, new_id
from app.demo.opinions import Opinions
from app.demo.rows import Patient
from app.demo.size import Size
from app.demo.visits import Booker
from app.directory.queries import Practice, get_practice
from app.directory.rules import slug_of
from app.directory.services import relist
from app.directory.specialities import SPECIALITIES
from app.scheduling.services import extend
from app.settings import settings

ZONE = "Asia/Kolkata"
VISITS_EACH = 4
"""Visits an account has, on average."""
DOCTORS_EACH = 4
"""Doctors of one clinic, at most."""
FAMILY_SHARE, TEA_SHARE, EVENING_SHARE = 0.25, 0.4, 0.7


class AlreadyMade(Exception):
    """This seed's people are there; another seed makes others."""


class TooMuch(Exception):
    """More visits than the doctors have times for."""


@dataclass(frozen=True)
class MadeDoctor:
    """A doctor of the large demo: ids, the usual service and one twice as long, both (id, fee in paise)."""

    id: UUID
    user_id: UUID
    practice_id: UUID
    usual: tuple[UUID, int]
    longer: tuple[UUID, int]
    since: datetime


async def make(size: Size, *, say: Callable[[str], None]) -> None:
    """Make everything in one transaction, telling `say` what is done; raises AlreadyMade, TooMuch.

    Works beside a running server: nobody sees anything before the end.
    """
    dice, now = Random(size.seed), clock.now()  # noqa: S311 - not a secret, the same each time on purpose
    async with transaction():
        await execute("SELECT pg_advisory_xact_lock(hashtext('demo.large'))")
        if await fetch_value("SELECT EXISTS (SELECT FROM clinics WHERE slug = $1)", _clinic_slug(size, 0)):
            raise AlreadyMade
        maker = _Maker(size, dice, now, await hash_password(PASSWORD))
        doctors = maker.doctors()
        patients = maker.patients()
        await maker.heap.pour()
        say(f"{len(doctors)} doctors, {len(patients)} patients")
        practices = [await _open_calendar(doctor, now=now) for doctor in doctors]
        await relist([practice.id for practice in practices])
        say(f"times for {size.days} days")
        await _fill(size, dice, doctors, practices, patients, now=now)
    await _know_the_sizes()
    say(f"{size.visits} visits")
    doctor, patient = await _email_of(doctors[0].user_id), await _email_of(patients[0].id)
    say(f"Log in as {doctor} or {patient}, password {PASSWORD}")


async def _email_of(user_id: UUID) -> str:
    email: str = await fetch_value("SELECT email FROM users WHERE id = $1", user_id)
    return email


async def _know_the_sizes() -> None:
    """Let the database look how large its tables have become, which only their owner may ask for."""
    con = await asyncpg.connect(settings().owner_database_url)
    try:
        await con.execute("ANALYZE")
    finally:
        await con.close()


async def _open_calendar(doctor: MadeDoctor, *, now: datetime) -> Practice:
    await extend(doctor.practice_id, now=now)
    return await get_practice(doctor.practice_id)


async def _fill(
    size: Size,
    dice: Random,
    doctors: list[MadeDoctor],
    practices: list[Practice],
    patients: list[Patient],
    *,
    now: datetime,
) -> None:
    """Book the doctors' times, let the past visits be over, some of them reviewed, and count."""
    heap = Heap()
    opinions = Opinions(heap, dice, now)
    popularity = [dice.uniform(0.4, 1.0) for _doctor in doctors]
    left, weight = size.visits, sum(popularity)
    for doctor, practice, share in zip(doctors, practices, popularity, strict=True):
        wanted = round(left * share / weight) if weight > share else left
        booker = Booker(heap, dice, doctor, practice, patients, days=size.days, now=now)
        if not await booker.book(wanted):
            raise TooMuch
        opinions.of(doctor, booker.seen)
        left, weight = left - wanted, weight - share
        await heap.pour()
    await opinions.count([doctor.id for doctor in doctors])


class _Maker:
    """Puts people, clinics, services and weeks on the heap."""

    def __init__(self, size: Size, dice: Random, now: datetime, password_hash: str) -> None:
        self.heap = Heap()
        self._size, self._dice, self._now, self._hash = size, dice, now, password_hash

    def _account(self, name: str, role: str, number: int, since: datetime) -> UUID:
        user_id = new_id(self._dice)
        self.heap.add(
            "users",
            id=user_id,
            name=name,
            email=f"{slug_of(name)}.{role[0]}{number}.s{self._size.seed}@example.com",
            password_hash=self._hash,
            role=role,
            email_verified_at=since,
            created_at=since,
        )
        return user_id

    def patients(self) -> list[Patient]:
        """Accounts, some of which also book for a child or a parent."""
        found = []
        for number in range(max(1, self._size.visits // VISITS_EACH)):
            sex = self._dice.choice(("female", "male"))
            name = self._name(sex)
            since = self._now - timedelta(days=self._dice.randrange(self._size.days + 1, 900))
            user_id = self._account(name, "patient", number, since)
            born = self._dice.randrange(1950, 1998)
            persons = [self._person(user_id, name=name, sex=sex, relation="self", born=born, since=since)]
            if self._dice.random() < FAMILY_SHARE:
                relation, born = self._dice.choice((("child", born + 28), ("parent", born - 27)))
                sex = self._dice.choice(("female", "male"))
                persons.append(
                    self._person(
                        user_id, name=self._name(sex), sex=sex, relation=relation, born=born, since=since
                    )
                )
            found.append(Patient(user_id, tuple(persons), since))
        return found

    def _name(self, sex: str) -> str:
        first = self._dice.choice(people.WOMEN if sex == "female" else people.MEN)
        return f"{first} {self._dice.choice(people.SURNAMES)}"

    def _person(
        self, account_id: UUID, *, name: str, sex: str, relation: str, born: int, since: datetime
    ) -> UUID:
        person_id = new_id(self._dice)
        self.heap.add(
            "persons",
            id=person_id,
            account_id=account_id,
            name=name,
            birth_year=born,
            sex=sex,
            relation=relation,
            created_at=since,
        )
        return person_id

    def doctors(self) -> list[MadeDoctor]:
        """Doctors over all specialities and cities, up to four in a clinic."""
        cities, keys, found = list(people.CITIES), list(SPECIALITIES), []
        clinics: dict[str, tuple[UUID, int]] = {}
        for number in range(self._size.doctors):
            city = cities[number % len(cities)]
            clinic_id, inside = clinics.get(city, (None, DOCTORS_EACH))
            if clinic_id is None or inside == DOCTORS_EACH:
                clinic_id, inside = self._clinic(number, city), 0
            clinics[city] = (clinic_id, inside + 1)
            found.append(self._doctor(number, keys[(number * 7 + number // 20) % len(keys)], city, clinic_id))
        return found

    def _clinic(self, number: int, city: str) -> UUID:
        clinic_id = new_id(self._dice)
        prefix, areas, _languages = people.CITIES[city]
        area = self._dice.choice(areas)
        word, kind = self._dice.choice(people.CLINIC_WORDS), self._dice.choice(people.CLINIC_KINDS)
        self.heap.add(
            "clinics",
            id=clinic_id,
            slug=_clinic_slug(self._size, number),
            name=f"{word} {kind}",
            address=f"{self._dice.randrange(1, 300)} {self._dice.choice(people.ROADS)}, {area}",
            city=city,
            pincode=f"{prefix}{self._dice.randrange(1, 90):02}",
            phone="+912025550142",
            time_zone=ZONE,
            opening_text="Monday to Saturday, 8 am to 8 pm",
            calendar_days=self._size.days,
            created_at=self._now,
        )
        return clinic_id

    def _doctor(self, number: int, speciality: str, city: str, clinic_id: UUID) -> MadeDoctor:
        sex = self._dice.choice(("female", "male"))
        name = f"Dr {self._name(sex)}"
        since = self._now - timedelta(days=self._dice.randrange(self._size.days + 1, 1500))
        user_id, doctor_id, practice_id = (
            self._account(name, "doctor", number, since),
            new_id(self._dice),
            new_id(self._dice),
        )
        spoken = people.CITIES[city][2]
        self.heap.add(
            "doctors",
            id=doctor_id,
            user_id=user_id,
            slug=f"{slug_of(name)}-{number}-s{self._size.seed}",
            name=name,
            speciality=speciality,
            designation=self._dice.choice(people.DESIGNATIONS),
            qualifications=self._dice.choice(people.TRAINING),
            registration_number=f"DEMO/{self._size.seed}/{number:05}",
            about=self._dice.choice(people.ABOUT),
            languages=["English", "Hindi", *self._dice.sample(spoken, self._dice.randint(1, len(spoken)))],
            approved_at=since,
            created_at=since,
        )
        self.heap.add("practices", id=practice_id, doctor_id=doctor_id, clinic_id=clinic_id, created_at=since)
        minutes = self._dice.choice((15, 15, 20, 20, 30))
        fee = self._dice.randrange(6, 31) * 5_000
        usual = self._service(
            practice_id, name="Consultation", minutes=minutes, fee=fee, position=0, since=since
        )
        long = self._dice.choice(people.LONG_VISITS)
        longer = self._service(
            practice_id, name=long, minutes=2 * minutes, fee=2 * fee, position=1, since=since
        )
        self._week(practice_id, minutes, since)
        return MadeDoctor(doctor_id, user_id, practice_id, (usual, fee), (longer, 2 * fee), since)

    def _service(
        self, practice_id: UUID, *, name: str, minutes: int, fee: int, position: int, since: datetime
    ) -> UUID:
        service_id = new_id(self._dice)
        self.heap.add(
            "services",
            id=service_id,
            practice_id=practice_id,
            name=name,
            duration_minutes=minutes,
            fee_paise=fee,
            mode="in_person",
            position=position,
            created_at=since,
        )
        return service_id

    def _week(self, practice_id: UUID, minutes: int, since: datetime) -> None:
        """Mornings on six days, evenings on most of them, a tea break in some mornings."""
        opens, evening = self._dice.choice((8, 9, 10)), self._dice.choice((16, 17))
        has_break = self._dice.random() < TEA_SHARE
        for weekday in range(6):
            hours = [(opens, opens + 4)]
            if self._dice.random() < EVENING_SHARE:
                hours.append((evening, evening + 3))
            for first, last in hours:
                session_id = new_id(self._dice)
                self.heap.add(
                    "weekly_sessions",
                    id=session_id,
                    practice_id=practice_id,
                    weekday=weekday,
                    starts=time(first),
                    ends=time(last),
                    slot_minutes=minutes,
                    created_at=since,
                )
                if has_break and first == opens:
                    tea = time(opens + 2)
                    self.heap.add(
                        "session_breaks", session_id=session_id, starts=tea, ends=tea.replace(minute=15)
                    )


def _clinic_slug(size: Size, number: int) -> str:
    return f"demo-{size.seed}-{number}"
