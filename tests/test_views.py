"""Who looked at whom is written down: once for each answer of staff that shows a patient, and else never."""

import json
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.accounts.queries import self_of
from app.booking.services.viewing import note_asked, note_listed, note_seen
from app.events.names import PATIENT_VIEWED, PATIENTS_LISTED, VIEWS
from tests.booking.visits import acting
from tests.browser import PART
from tests.doors_scene import Scene, the_scene
from tests.doors_table import ALLOWED, CAST, DOORS, NEW_LEAVE, OPEN_DOORS, THINGS, Door
from tests.factories import a_doctor, a_patient, a_person
from tests.surroundings import Surroundings

CANARY = "Vogelsang"
"""The patients' family name; in public, where it is written with its first letter only, nobody sees it."""

APPLICANT = UUID(int=4711)
"""The patient who has applied, as a doctor."""

STAFF = [who for who, role in CAST.items() if role in ("doctor", "reception", "admin")]

SHOWING = {
    "GET /doctor",
    "GET /appointments",
    "GET /appointments/{code:str}",
    "GET /appointments/{code:str}/complete",
    "GET /appointments/{code:str}/cancel",
    "GET /appointments/{code:str}/reschedule",
    "GET /doctor/requests",
    "GET /doctor/closings/{closing_id:uuid}",
    "GET /admin/reviews",
    "GET /admin/users",
    "GET /admin/users/{user_id:uuid}",
    "GET /admin/users/{user_id:uuid}/block",
    "GET /admin/users/{user_id:uuid}/log-out",
    "GET /admin/users/{user_id:uuid}/second-step",
    "GET /admin/staff/{user_id:uuid}",
    "GET /admin/staff/{user_id:uuid}/remove",
    "GET /admin/log-ins",
    "GET /admin/doctors",
    "GET /admin/doctors/{doctor_id:uuid}",
    "GET /api/admin/doctors/pending",
    "GET /api/appointments",
    "GET /api/appointments/{appointment_id:uuid}",
}
"""Calls whose answers show staff a patient in this scene; the tests find more, but never fewer."""


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        await _with_canaries(prepared, owner)
        prepared.names["doctor_id"] = APPLICANT
        yield prepared


async def _with_canaries(scene: Scene, owner: asyncpg.Connection) -> None:
    """Names to look for, a visit that is today, and what waits for the administrator: a review that was
    reported, a patient who applied as a doctor, and one who tried to log in."""
    await owner.execute(f"UPDATE persons SET name = 'Kanari {CANARY}'")
    await owner.execute(f"UPDATE users SET name = 'Kanari {CANARY}' WHERE role = 'patient'")
    await owner.execute(
        "UPDATE appointments SET on_date = on_date - 1, starts_at = starts_at - interval '1 day', "
        "ends_at = ends_at - interval '1 day' WHERE code = $1",
        scene.stories["asked"].code,
    )
    await owner.execute(
        "INSERT INTO review_reports (review_id, reported_by_id, why, created_at) VALUES ($1, $2, 'x', now())",
        scene.names["review_id"],
        scene.names["somebody"],
    )
    await owner.execute(
        "INSERT INTO doctors (id, user_id, slug, name, speciality, created_at, applied_at) "
        "SELECT $2, id, 'an-applicant', name, 'ent', now(), now() FROM users WHERE id = $1",
        scene.names["user_id"],
        APPLICANT,
    )
    await owner.execute(
        "INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, result) "
        "VALUES (gen_random_uuid(), now(), $1, '', '127.0.0.1', 'tests', 'wrong_password')",
        scene.names["user_id"],
    )


async def _looks(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await owner.fetch(
        "SELECT name, subject_id, by_id, facts FROM events WHERE name = ANY($1) ORDER BY seq", list(VIEWS)
    )
    return rows


def _asked(*, safe: bool) -> Iterator[tuple[Door, str]]:
    """Each call that ends, with each state of what it is about."""
    for door in DOORS:
        if door.is_safe == safe and not door.path.endswith("/live"):
            for state in THINGS.get(door.about, ("paid",)):
                yield door, state


def _shows(answer: httpx.Response) -> bool:
    return CANARY in answer.text


async def test_each_page_that_shows_staff_a_patient_is_written_down_once(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    wrong, shown, before = [], set(), 0
    for who in STAFF:
        for door, state in _asked(safe=True):
            answer = await scene.call(door, who, state)
            after = len(await _looks(owner))
            shown |= {door.call} if _shows(answer) else set()
            if after - before != _shows(answer):
                wrong.append(f"{door.call} by {who} about {state}: {after - before}, shown {_shows(answer)}")
            before = after
    assert not wrong, "\n".join(wrong)
    assert shown >= SHOWING, SHOWING - shown


async def test_so_is_each_part_of_one(scene: Scene, owner: asyncpg.Connection) -> None:
    """A part may hold less than the page it is of, and then the look is written down all the same."""
    wrong, before = [], 0
    for door, state in _asked(safe=True):
        if door.call in SHOWING and door.is_page:
            answer = await scene.call(door, _staff_let_in(door)[0], state, headers=PART)
            after = len(await _looks(owner))
            if not _shows(answer) <= after - before <= 1:
                wrong.append(f"{door.call} about {state}: {after - before}, shown {_shows(answer)}")
            before = after
    assert not wrong, "\n".join(wrong)
    assert before


async def test_so_is_the_answer_to_what_staff_does(scene: Scene, owner: asyncpg.Connection) -> None:
    wrong, shown = [], set()
    for door, state in _asked(safe=False):
        for who in _staff_let_in(door, state):
            answer = await scene.call(door, who, state)
            shown |= {door.call} if _shows(answer) else set()
            if len(await _looks(owner)) != _shows(answer):
                wrong.append(f"{door.call} by {who} about {state}: {len(await _looks(owner))}")
            await scene.shelf.put_back()
            await _with_canaries(scene, owner)
    assert not wrong, "\n".join(wrong)
    assert {call.rpartition("/")[2] for call in shown if "/api/appointments" in call} >= {
        "approve", "cancel", "complete", "decline", "reschedule",
    }  # fmt: skip
    assert shown >= {
        "POST /api/admin/users/{user_id:uuid}/block",
        "POST /api/admin/users/{user_id:uuid}/unblock",
        "POST /api/admin/doctors/{doctor_id:uuid}/approve",
        "POST /api/admin/doctors/{doctor_id:uuid}/reject",
    }


async def test_who_is_refused_an_act_has_looked_at_nobody(scene: Scene, owner: asyncpg.Connection) -> None:
    refused = 0
    for door, state in _asked(safe=False):
        for who in STAFF:
            if door.answer_to(who, state) != ALLOWED:
                answer = await scene.call(door, who, state)
                refused += 1
                assert not _shows(answer), f"{door.call} by {who} about {state}"
    assert refused > 200
    assert not await _looks(owner)


def _staff_let_in(door: Door, state: str = "paid") -> list[str]:
    """Who of the clinic and the administrator may; calls open to anybody are nobody's as staff."""
    return [
        who
        for who in ("the doctor", "reception of the clinic", "an administrator")
        if door.who not in OPEN_DOORS and door.answer_to(who, state) == ALLOWED
    ]


async def test_who_loses_a_time_is_shown_and_written_down(scene: Scene, owner: asyncpg.Connection) -> None:
    door = next(door for door in DOORS if door.call == "POST /doctor/exceptions")

    answer = await scene.call(door, "the doctor", send=scene.filled({**NEW_LEAVE, "first_on": "$day"}))

    assert _shows(answer)
    (look,) = await _looks(owner)
    assert look["name"] == PATIENTS_LISTED


async def test_a_look_says_who_saw_whom_and_about_what(scene: Scene, owner: asyncpg.Connection) -> None:
    story = scene.stories["paid"]
    visit = await story.visit()
    one = next(door for door in DOORS if door.call == "GET /appointments/{code:str}")
    several = next(door for door in DOORS if door.call == "GET /appointments")

    await scene.call(one, "the doctor")
    await scene.call(several, "the doctor")

    seen, listed = await _looks(owner)
    assert (seen["name"], seen["subject_id"], seen["by_id"]) == (
        PATIENT_VIEWED, visit.person_id, story.doctor.id,
    )  # fmt: skip
    assert json.loads(seen["facts"]) == {"appointment_id": str(visit.id)}
    assert (listed["name"], listed["subject_id"]) == (PATIENTS_LISTED, story.doctor.id)
    assert str(visit.person_id) in json.loads(listed["facts"])["person_ids"]


@pytest.mark.parametrize("asked", ["subject", "by"])
async def test_who_asks_the_log_about_a_patient_has_looked_at_one(
    scene: Scene, owner: asyncpg.Connection, asked: str
) -> None:
    visit = await scene.stories["paid"].visit()
    (account_id,) = await owner.fetchrow("SELECT account_id FROM persons WHERE id = $1", visit.person_id)
    ids = {"subject": (visit.person_id, account_id, visit.id), "by": (account_id,)}[asked]

    for number, one in enumerate(ids, 1):
        assert (await _log(scene, f"{asked}={one}")).status_code == 200
        looks = await _looks(owner)
        assert [look["name"] for look in looks] == [PATIENT_VIEWED] * number
        assert {look["subject_id"] for look in looks} == {visit.person_id}
        assert {look["by_id"] for look in looks} == {await _own_id(owner, "Admin")}


async def test_staff_has_a_person_too_whom_others_look_at_and_they_themselves_do_not(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    meera, admin = scene.stories["paid"].doctor, await _own_id(owner, "Admin")
    person_id = await a_person(meera.id, name="Meera", relation="self")
    await a_person(admin, name="Admin", relation="self")

    await _log(scene, f"by={meera.id}")
    (look,) = await _looks(owner)
    await _log(scene, f"by={admin}")
    await _log(scene, f"subject={meera.practice_id}")
    await _log(scene, "name=PATIENT_VIEWED")
    both = await _log(scene, f"subject={admin}&by={meera.id}")

    assert both.status_code == 200
    assert look["subject_id"] == person_id
    assert [one["subject_id"] for one in await _looks(owner)] == [person_id] * 2


async def test_nobody_looks_at_themselves(surroundings: Surroundings, owner: asyncpg.Connection) -> None:
    meera, ravi = await a_doctor("Dr Meera"), await a_patient("Ravi")
    own, other = await a_person(meera.id, relation="self"), (await self_of(ravi.id)).id

    await note_seen(own, by=acting(meera))
    await note_seen(None, by=acting(meera))
    await note_listed([own, None], by=acting(meera))
    await note_asked([meera.id, None], by=acting(meera))
    assert not await _looks(owner)
    await note_listed([own, other, None], by=acting(meera))

    (look,) = await _looks(owner)
    assert json.loads(look["facts"]) == {"person_ids": [str(other)]}


async def _log(scene: Scene, query: str) -> httpx.Response:
    door = next(door for door in DOORS if door.call == "GET /api/admin/audit")
    return await scene.call(door, "an administrator", path=f"{door.path}?{query}")


async def _own_id(owner: asyncpg.Connection, name: str) -> UUID:
    found: UUID = await owner.fetchval("SELECT id FROM users WHERE name = $1", name)
    return found


async def test_what_patients_see_of_their_own_is_not_written_down(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    seen = 0
    for door, state in _asked(safe=True):
        seen += _shows(await scene.call(door, "the patient", state))
    assert seen > 5
    assert not await _looks(owner)


async def test_a_look_that_cannot_be_written_down_is_not_granted(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    named = ", ".join(f"'{name}'" for name in VIEWS)
    await owner.execute(
        "CREATE FUNCTION no_looks() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is full'; END $$; "
        f"CREATE TRIGGER no_looks BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.name IN ({named})) "
        "EXECUTE FUNCTION no_looks()"
    )
    wrong = []
    try:
        for door, state in _asked(safe=True):
            if door.call in SHOWING and state in ("paid", "own"):
                answer = await scene.call(door, _staff_let_in(door)[0], state)
                if answer.status_code != 500 or _shows(answer):
                    wrong.append(f"{door.call}: {answer.status_code}, shown {_shows(answer)}")
    finally:
        await owner.execute("DROP TRIGGER no_looks ON events; DROP FUNCTION no_looks()")
    assert not wrong, "\n".join(wrong)


async def test_a_look_tells_no_open_page_anything(scene: Scene, surroundings: Surroundings) -> None:
    """A page told of a look would fetch itself again, which would be a look."""
    told: list[str] = []
    con = await asyncpg.connect(surroundings.owner_url)
    await con.add_listener("events", lambda *said: told.append(str(said[-1])))
    try:
        for door, state in _asked(safe=True):
            if door.call in SHOWING:
                await scene.call(door, _staff_let_in(door)[0], state)
        await con.fetchval("SELECT 1")
    finally:
        await con.close()
    assert not told
