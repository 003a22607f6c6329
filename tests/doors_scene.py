"""The clinic before whose doors everybody stands, and how one of them knocks."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import asyncpg
import httpx

from app import clock
from app.booking import services as booking
from app.checkout.services import take_return
from app.db.engine import execute
from app.directory.queries import get_practice
from app.directory.services import invite
from app.events.names import VIEWS
from app.reviews import services as reviews
from app.scheduling.rules import CalendarException
from app.scheduling.services import add_exception
from app.settings import settings
from app.web.limits import LIMITS
from tests import doors_table as table
from tests.accounts.devices import a_device
from tests.accounts.uploads import a_photo
from tests.booking.desk import a_desk_visit
from tests.booking.visits import acting
from tests.checkout.stories import Story, a_held_visit, pay
from tests.desks.privacy.copies import a_copy
from tests.doors_table import Door
from tests.factories import (
    PASSWORD,
    Cast,
    CastDoctor,
    a_doctor,
    a_patient,
    a_person,
    a_receptionist,
    a_slot,
    an_admin,
    clinic_day,
    token_of,
)

NOT_KEPT_BACK = {"migration", "applied_sql", "pgqueuer_schedules"}
MAY_CHANGE = {"sessions", "refresh_tokens", "limits"}
"""What being asked may leave behind: when somebody was last seen, and how often they tried. Beside these the
log may say what staff looked at (`VIEWS`), and nothing else."""

LETTER = (
    b"From: Parchi <hello@example.com>\r\nTo: asha@example.com\r\nSubject: Your visit\r\n"
    b"Date: Thu, 15 Jan 2026 09:30:00 +0000\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n"
)


RIGHTS = """
SELECT concat_ws(' ', email, role, email_verified_at IS NULL, blocked_at IS NULL) FROM users
UNION ALL SELECT concat_ws(' ', u.email, d.approved_at IS NULL)
    FROM doctors d JOIN users u ON u.id = d.user_id
UNION ALL SELECT concat_ws(' ', u.email, p.name, p.relation)
    FROM persons p JOIN users u ON u.id = p.account_id
UNION ALL SELECT concat_ws(' ', booked_by_id, person_id, doctor_id, practice_id, service_id, starts_at,
    status, amount_paise) FROM appointments
UNION ALL SELECT concat_ws(' ', payer_id, status, amount_paise) FROM payments
UNION ALL SELECT concat_ws(' ', amount_paise, why) FROM refunds
UNION ALL SELECT concat_ws(' ', practice_id, doctor_id, starts_at) FROM slots
ORDER BY 1
"""


_BUT_LOOKS = " WHERE name NOT IN ({})".format(", ".join(f"'{name}'" for name in VIEWS))


@dataclass
class Shelf:
    """The database's rows as they were when they were kept, to compare with and to put back."""

    owner: asyncpg.Connection
    tables: list[str]
    _print: str = ""
    _restore: str = ""
    _kept: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Shelf":
        """Keep everything as it is now."""
        rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row["tablename"] for row in rows if row["tablename"] not in NOT_KEPT_BACK]
        compared = " UNION ALL ".join(
            f"SELECT '{name}', count(*) || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
            f' FROM "{name}" t' + (_BUT_LOOKS if name == "events" else "")
            for name in tables
            if name not in MAY_CHANGE
        )
        restore = "SET session_replication_role = replica;" + "".join(
            f'DELETE FROM "{name}"; INSERT INTO "{name}" OVERRIDING SYSTEM VALUE SELECT * FROM kept."{name}";'
            for name in tables
        )
        await owner.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept;")
        await owner.execute("".join(f'CREATE TABLE kept."{n}" AS TABLE public."{n}";' for n in tables))
        shelf = cls(owner, tables, compared, restore)
        shelf._kept = await shelf.prints()
        return shelf

    async def prints(self) -> dict[str, str]:
        """What each table holds, as a short text that differs with it."""
        return {row[0]: row[1] for row in await self.owner.fetch(self._print)}

    async def changed(self) -> list[str]:
        """The tables that are not as they were."""
        now = await self.prints()
        return [name for name, kept in self._kept.items() if now[name] != kept]

    async def rights(self) -> list[str]:
        """Who may what, owns what and owes what, without the ids that differ from time to time."""
        return [row[0] for row in await self.owner.fetch(RIGHTS)]

    async def put_back(self) -> None:
        """Everything as it was, whatever happened in between."""
        await self.owner.execute(self._restore)


@dataclass
class Scene:
    """Everybody with a session of their own, and the things calls are about."""

    client: httpx.AsyncClient
    shelf: Shelf
    tokens: dict[str, str]
    stories: dict[str, Story]
    names: dict[str, Any]
    csrf: str
    built_at: float

    def filled(self, value: Any, state: str = "paid") -> Any:
        """A path, a query or a body with its `$names` and `{parameters}` filled in."""
        if isinstance(value, Mapping):
            return {name: self.filled(one, state) for name, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one, state) for one in value]
        if not isinstance(value, str):
            return value
        story = self.stories.get(state, self.stories["paid"])
        names = {**self.names, "code": story.code, "visit": str(story.visit_id)}
        if value == "$proof":
            return names["proof"]
        for name in sorted(names, key=len, reverse=True):
            value = value.replace(f"${name}", str(names[name]))
        return value

    def path(self, door: Door, state: str = "paid", **instead: str) -> str:
        """The address of a door, with the scene's things or others in the place of its parameters."""
        story = self.stories.get(state, self.stories["paid"])
        known = {
            **{name: str(value) for name, value in self.names.items()},
            "code": story.code,
            "appointment_id": str(story.visit_id),
        }
        path = door.path
        for parameter in door.parameters:
            name = parameter.partition(":")[0]
            path = path.replace(f"{{{parameter}}}", instead.get(name, known[name]))
        return path + (f"?{self.filled(door.query, state)}" if door.query else "")

    async def call(
        self,
        door: Door,
        who: str,
        state: str = "paid",
        *,
        path: str | None = None,
        send: Any = None,
        token: str | None = "",
        headers: Mapping[str, str] | None = None,
        with_cookies: bool = True,
    ) -> httpx.Response:
        """Knock: with a bearer at /api, else with cookies and the token that forms carry.

        `token` None leaves the form's token out, another one replaces it.
        """
        body = self.filled(door.send, state) if send is None else send
        session = self.tokens.get(who)
        more: dict[str, str] = dict(headers or {})
        options: dict[str, Any] = {}
        cookies = {"csrf": self.csrf} if with_cookies else {}
        if door.is_api:
            if session:
                more.setdefault("Authorization", f"Bearer {session}")
        elif session:
            cookies["access"] = session
        if door.is_page and cookies:
            more.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
        if isinstance(body, bytes):
            options["content"] = body
        elif not door.is_safe and door.is_page:
            form = dict(body)
            if token is not None:
                form["_csrf_token"] = token or self.csrf
            options["data"] = form
        elif not door.is_safe and body:
            more.setdefault("Content-Type", "application/json")
            options["content"] = json.dumps(body)
        self.client.cookies.clear()
        address = path or self.path(door, state)
        async with self.client.stream(door.method, address, headers=more, **options) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return httpx.Response(answer.status_code, headers=answer.headers)  # its body has no end
            await answer.aread()
        return answer


def heard(answer: httpx.Response) -> str:
    """What an answer says to who knocks, in the words of the table."""
    to = answer.headers.get("location", "")
    if answer.status_code >= 500:
        return f"an error {answer.status_code}"
    if answer.status_code == 401 or (answer.status_code == 303 and to.partition("?")[0] == "/login"):
        return table.SIGNED_OUT
    if "email-not-confirmed" in answer.text or to.startswith("/verify?next="):
        return table.CONFIRM_FIRST
    return {403: table.WRONG_ROLE, 404: table.NOT_THERE}.get(answer.status_code, table.ALLOWED)


@asynccontextmanager
async def the_scene(base_url: str, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    """The clinic with one visit in each state, and everybody logged in.

    It is built once and put back for each test, anew when its holds and sessions grow old.
    """
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:
        scene = _kept.get(base_url)
        if scene is None or time.monotonic() - scene.built_at > FRESH_FOR:
            scene = _kept[base_url] = await _built(client, owner)
        scene.client = client
        await scene.shelf.put_back()
        with _a_letter(scene.names["mail_id"]), patch.dict(LIMITS, _PATIENT):
            yield scene
        await scene.shelf.put_back()


async def _built(client: httpx.AsyncClient, owner: asyncpg.Connection) -> Scene:
    cast, doctor, beyond = await _cast()
    asha = cast["the patient"]
    stories, proof = await _visits(asha, doctor)
    names = {
        "email": asha.email,
        "password": PASSWORD,
        "day": clinic_day(1),
        "time": await a_slot(doctor, at="12:00"),
        "service": doctor.service_id,
        "doctor": doctor.doctor_id,
        "doctor_id": doctor.doctor_id,
        "slug": doctor.slug,
        "person": await a_person(asha.id, name="Ravi"),
        "somebody": cast["another patient"].id,
        "user_id": cast["another patient"].id,
        "clinic": doctor.clinic_id,
        "their_person": await a_person(cast["another patient"].id, name="Kiran"),
        "their_time": await a_slot(beyond, at="12:00"),
        "their_service": beyond.service_id,
        "their_doctor": beyond.doctor_id,
        "late_day": clinic_day(45),
        "exception_id": await _leave_of(doctor),
        "invitation_id": (await invite(by=acting(cast["an administrator"]))).id,
        "device_id": await a_device(asha, is_signed_in=False),
        "token": "no-such-token",
        "slip": (await a_desk_visit(doctor)).code,
        "name": "app.css",
        "path": "no-such-page",
        "service_id": doctor.service_id,
        "key": await a_photo(doctor),
        "size": "96.webp",
        "mail_id": f"1700000000.M1P{uuid4().hex[:6]}",
        "proof": proof,
    }
    stories["reviewed"], names["review_id"] = await _a_reviewed_visit(asha, doctor)
    names |= {"person_id": names["person"], "slot_id": names["time"]}
    theirs = await a_held_visit(patient=cast["another patient"], doctor=beyond, at="09:00")
    names |= {"their_visit": theirs.visit_id, "their_code": theirs.code}
    names["copy_id"] = await a_copy(asha)
    names["closing_id"] = await _a_closing(doctor, stories["paid"])
    tokens = {who: await token_of(person) for who, person in cast.items()}
    blocked = [person.id for who, person in cast.items() if who.startswith(BLOCKED)]
    await execute("UPDATE users SET blocked_at = $1 WHERE id = ANY($2)", clock.now(), blocked)
    csrf = (await client.get("/login")).cookies["csrf"]
    return Scene(client, await Shelf.of(owner), tokens, stories, names, csrf, time.monotonic())


_PATIENT = {
    name: replace(limit, most=10**6, promised=0)
    for name, limit in LIMITS.items()
    if limit.promised is not None
}
"""Limits of requests by their kind, which a test that knocks thousands of times a minute would reach."""

FRESH_FOR = 240
"""Seconds; holds and access tokens last 15 minutes, and no test here lasts one."""
_kept: dict[str, Scene] = {}

BLOCKED = "a blocked"


async def _cast() -> tuple[dict[str, Cast], CastDoctor, CastDoctor]:
    doctor = await a_doctor("Dr Meera")
    beyond = await a_doctor("Dr Arjun")
    new = await a_doctor("Dr Kabir")
    await execute("DELETE FROM services WHERE practice_id = $1", new.practice_id)
    await execute("DELETE FROM listings WHERE practice_id = $1", new.practice_id)
    await execute("DELETE FROM practices WHERE id = $1", new.practice_id)
    cast: dict[str, Cast] = {
        "a blocked patient": await a_patient("Blocked"),
        "a blocked doctor": await a_doctor("Dr Blocked", clinic_id=doctor.clinic_id),
        "a blocked administrator": await an_admin("Blocked"),
        "a patient without confirmed e-mail": await a_patient("Nila", verified=False),
        "the patient": await a_patient("Asha"),
        "another patient": await a_patient("Vikram"),
        "the doctor": doctor,
        "another doctor of the clinic": await a_doctor("Dr Farah", clinic_id=doctor.clinic_id),
        "a doctor of another clinic": beyond,
        "a doctor without a practice": new,
        "reception of the clinic": await a_receptionist(doctor.clinic_id, "Sunita"),
        "reception of another clinic": await a_receptionist(beyond.clinic_id, "Imran"),
        "an administrator": await an_admin("Admin"),
    }
    return cast, doctor, beyond


async def _leave_of(doctor: CastDoctor) -> UUID:
    """A day on which nobody has a visit, written down as leave."""
    leave = CalendarException("leave", clinic_day(40), clinic_day(40))
    done = await add_exception(await get_practice(doctor.practice_id), leave, by=acting(doctor))
    assert done.exception_id
    return done.exception_id


async def _visits(asha: Cast, doctor: CastDoctor) -> tuple[dict[str, Story], dict[str, str]]:
    """One visit of Asha's in each state, and the gateway's proof for the paid one."""
    stories = {}
    for state, at in zip(table.VISITS, ("09:00", "09:30", "10:00", "10:30"), strict=True):
        stories[state] = await a_held_visit(patient=asha, doctor=doctor, at=at)
        if state == "held":
            continue  # three holds may be open at once, so each of the others is paid before the next
        await execute("UPDATE practices SET approves_visits = $1", state == "pending")
        proof = await pay(stories[state])
        given = [proof[name] for name in PROOF]
        await take_return(*given)
        if state == "paid":
            kept = dict(zip(PROOF, given, strict=True))
    await booking.request_reschedule(stories["asked"].visit_id, wish="Any evening", by=acting(asha))
    states = {state: (await story.visit()).status for state, story in stories.items()}
    assert states == {"held": "held", "paid": "confirmed", "asked": "confirmed", "pending": "pending"}
    return stories, kept


async def _a_closing(doctor: CastDoctor, story: Story) -> UUID:
    """A closed time that a visit was affected by and left alone."""
    visit = await story.visit()
    assert visit.starts_at is not None
    wishes = [booking.Wish(visit.id, visit.starts_at, None)]
    closing_id = await booking.displace(doctor.practice_id, wishes, by=acting(doctor))
    await booking.tick_off(closing_id, visit.id, "left")
    return closing_id


async def _a_reviewed_visit(asha: Cast, doctor: CastDoctor) -> tuple[Story, UUID]:
    """A visit of Asha's that is over, and the id of her review of it."""
    await execute("UPDATE practices SET approves_visits = false")
    story = await a_held_visit(patient=asha, doctor=doctor, at="11:00")
    proof = await pay(story)
    await take_return(*(proof[name] for name in PROOF))
    await booking.complete(story.visit_id, by=acting(doctor))
    review = await reviews.write(story.visit_id, stars=5, text="Listened well.", by=acting(asha))
    return story, review.id


PROOF = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


@contextmanager
def _a_letter(name: str) -> Iterator[None]:
    """One mail in the local mailbox."""
    folder = settings().data_dir / "mailbox" / "new"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(LETTER)
    try:
        yield
    finally:
        file.unlink()
