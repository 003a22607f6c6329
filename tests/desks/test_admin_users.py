"""The administrator finds accounts, reads what is known of one, and acts on it."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from app import clock
from app.accounts.services import block
from app.accounts.services.tries import RESULTS
from app.db.engine import execute, fetch, fetch_value, transaction
from app.desks.admin.event_words import EVENT_WORDS
from app.desks.admin.happened import words_of
from app.desks.admin.staffing import employ
from app.desks.admin.user_forms import RESULT_WORDS
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from tests.browser import Browser
from tests.factories import (
    Cast,
    a_clinic,
    a_doctor,
    a_patient,
    a_receptionist,
    an_admin,
    run_jobs,
    token_of,
)
from tests.surroundings import PostOffice


async def _as_admin(browser: Browser) -> Cast:
    admin = await an_admin("Admin")
    await as_visitor(browser, admin)
    return admin


async def as_visitor(browser: Browser, person: Cast) -> None:
    """Let the browser be somebody who has logged in on a device known long since."""
    browser.client.cookies.clear()
    browser.client.cookies.set("access", await token_of(person), domain="127.0.0.1")


def _by(person: Cast) -> Actor:
    return Actor(person.id, person.role)


def _events(name: str) -> str:
    return f"SELECT count(*) FROM events WHERE name = '{name}'"


async def _names(browser: Browser, **asked: str) -> set[str]:
    answer = await browser.get("/admin/users", **asked)
    assert answer.status_code == 200, answer.text
    return {row.get_text(strip=True) for row in answer.html.select("tbody th")}


async def test_people_are_found_by_parts_of_name_address_and_number(browser: Browser) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha Rao", mobile="+919820012345")
    vikram = await a_patient("Vikram Rao")

    assert await _names(browser, q="rao ASH") == {"Asha Rao"}
    assert await _names(browser, q=vikram.email[:-4]) == {"Vikram Rao"}
    assert await _names(browser, q="098200 12345") == {"Asha Rao"}
    assert await _names(browser, q="rao") == {"Asha Rao", "Vikram Rao"}
    assert await _names(browser, q="%") == set()
    assert asha.name in await _names(browser)


async def test_accounts_are_filtered_by_role_and_state(browser: Browser) -> None:
    admin = await _as_admin(browser)
    await a_patient("Nila", verified=False)
    blocked = await a_patient("Blocked")
    await block(blocked.id, why="", by=_by(admin))
    await a_doctor("Dr Meera")
    await a_doctor("Dr Kabir", approved=False)

    assert await _names(browser, role="doctor") == {"Dr Meera", "Dr Kabir"}
    assert await _names(browser, state="blocked") == {"Blocked"}
    assert await _names(browser, state="unconfirmed") == {"Nila"}
    assert await _names(browser, state="waiting") == {"Dr Kabir"}
    assert await _names(browser, state="waiting", role="patient") == set()


async def test_an_odd_filter_is_said_at_its_field(browser: Browser) -> None:
    await _as_admin(browser)

    answer = await browser.get("/admin/users", role="owner")

    assert answer.status_code == 422
    assert answer.error_of("role")


async def test_the_list_has_pages_that_keep_the_filters(browser: Browser) -> None:
    await _as_admin(browser)
    for number in range(21):
        await a_patient(f"Asha {number:02}")

    first = await browser.get("/admin/users", q="asha")
    last = await browser.get(first.one(".pager a[rel=next]")["href"])

    assert "21 accounts" in first.text
    assert len(first.html.select("tbody tr")) == 20
    assert [row.get_text(strip=True) for row in last.html.select("tbody th")] == ["Asha 00"]
    assert await _names(browser, q="asha", page="99") == {"Asha 00"}


async def test_whom_an_administrator_is_shown_is_written_down_once(browser: Browser) -> None:
    admin = await _as_admin(browser)
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    persons = {row["account_id"]: str(row["id"]) for row in await fetch("SELECT id, account_id FROM persons")}

    await browser.get("/admin/users")
    await browser.get(f"/admin/users/{asha.id}")

    listed = await fetch("SELECT subject_id, facts FROM events WHERE name = 'PATIENTS_LISTED'")
    assert [row["subject_id"] for row in listed] == [admin.id]
    assert set(json.loads(listed[0]["facts"])["person_ids"]) == {persons[asha.id], persons[vikram.id]}
    viewed = await fetch("SELECT subject_id FROM events WHERE name = 'PATIENT_VIEWED'")
    assert [str(row["subject_id"]) for row in viewed] == [persons[asha.id]]


async def test_the_page_of_an_account_tells_sessions_tries_and_what_happened(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    admin = await _as_admin(browser)
    asha = await a_patient("Asha", mobile="+919820012345")
    for password in ("not this one", asha.password):
        await api.post("/api/auth/login", json={"identifier": asha.email, "password": password})
    await block(asha.id, why="Rang forty times a day", by=_by(admin))

    answer = await browser.get(f"/admin/users/{asha.id}")

    for words in (
        asha.email,
        "Rang forty times a day",
        "Wrong password",
        "Came in",
        "Over",
        "Account blocked",
        "Admin (Administrator)",
        "Logged in",
    ):
        assert words in answer.text, words
    happened = answer.html.select("#happened tbody tr th")
    assert happened[0].get_text(strip=True) == "Account blocked"


def test_everything_that_can_happen_has_words() -> None:
    every = {value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}

    assert set(EVENT_WORDS) == every
    assert words_of("SOMETHING_NEW_HAPPENED") == "Something new happened"


async def test_what_happened_is_told_by_names_and_counts_and_never_by_ids(browser: Browser) -> None:
    admin = await _as_admin(browser)
    clinic, other = await a_clinic("Shanti Clinic"), await a_clinic("Second Clinic")
    sunita = await a_patient("Sunita")
    for place in (clinic, other):
        await employ(sunita.id, role="reception", clinic_id=place, by=_by(admin))
    async with transaction():
        by, listed = Actor(sunita.id, "reception"), {"person_ids": [str(uuid4()) for _n in range(3)]}
        await publish("PATIENTS_LISTED", sunita.id, by=by, facts=listed)
        odd = {"thing_id": str(uuid4()), "changed": ["odd_name"]}
        await publish("SOMETHING_ODD", uuid4(), by=by, facts=odd)

    page = await browser.get(f"/admin/users/{sunita.id}")

    told = " ".join(page.one("#happened").get_text(" ").split())
    for words in (
        "Role changed Admin (Administrator) from Patient to Reception",
        "Joined the staff of a clinic Admin (Administrator) Shanti Clinic",
        "Moved to another clinic Admin (Administrator) Second Clinic, Shanti Clinic",
        "Looked at a list of patients Sunita (Reception) 3 patients",
        "Something odd Sunita (Reception) odd name",
    ):
        assert words in told, told
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", told)


async def test_days_of_accounts_are_those_of_the_house(browser: Browser) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha")
    await execute("UPDATE users SET created_at = '2026-03-04 20:00+00' WHERE id = $1", asha.id)

    assert "Thu 5 Mar 2026" in (await browser.get("/admin/users", q="asha")).text


async def test_nobodys_account_is_not_found(browser: Browser) -> None:
    await _as_admin(browser)

    for path in ("", "/block", "/log-out", "/second-step"):
        assert (await browser.get(f"/admin/users/{uuid4()}{path}")).status_code == 404
    for path in ("/block", "/unblock", "/log-out", "/second-step", "/send-password-letter"):
        assert (await browser.post(f"/admin/users/{uuid4()}{path}")).status_code == 404


async def test_blocking_asks_first_then_tells_the_person_why(
    browser: Browser, post_office: PostOffice
) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha")

    asked = await browser.get(f"/admin/users/{asha.id}/block")
    assert "logged out everywhere" in asked.text
    assert await fetch_value(_events("USER_BLOCKED")) == 0
    done = await browser.post(f"/admin/users/{asha.id}/block", {"reason": "Shouted at\nreception"})

    after = await browser.follow(done)
    assert "The account is blocked" in after.text
    assert after.html.select("button[formaction$='/unblock']")
    await run_jobs()
    letter = post_office.to(asha.email)[-1]
    assert letter["Subject"] == "Your account is blocked"
    words = letter.get_body(("plain",)).get_content()
    assert [line for line in words.splitlines() if line.startswith(">")] == ["> Shouted at", "> reception"]


async def test_a_reason_that_is_too_long_is_kept_and_said(browser: Browser) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha")

    answer = await browser.post(f"/admin/users/{asha.id}/block", {"reason": "x" * 501})

    assert answer.status_code == 422
    assert "500" in answer.error_of("reason")
    assert answer.one("#reason").get_text().strip() == "x" * 501
    assert await fetch_value(_events("USER_BLOCKED")) == 0


async def test_an_unblocked_person_is_told_and_can_log_in(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    admin = await _as_admin(browser)
    asha = await a_patient("Asha")
    await block(asha.id, why="", by=_by(admin))

    await browser.post(f"/admin/users/{asha.id}/unblock")

    entered = {"identifier": asha.email, "password": asha.password}
    assert (await api.post("/api/auth/login", json=entered)).status_code == 200
    await run_jobs()
    assert "You can log in again" in [letter["Subject"] for letter in post_office.to(asha.email)]


async def test_ones_own_account_is_not_blocked_and_the_page_says_why(browser: Browser) -> None:
    admin = await _as_admin(browser)
    await an_admin("Other")

    answer = await browser.post(f"/admin/users/{admin.id}/block", {"reason": ""})

    assert answer.status_code == 409
    assert "This is your own account" in answer.text
    assert not answer.html.select("a[href$='/block']")
    assert (await browser.get("/admin/users")).status_code == 200


@pytest.mark.parametrize("act", ["block", "log-out", "second-step", "send-password-letter"])
async def test_what_asks_for_the_password_is_not_done_to_oneself_with_an_administrators_rights(
    browser: Browser, act: str
) -> None:
    admin = await _as_admin(browser)
    await an_admin("Other")
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) VALUES ($1, $2, now(), now())",
        admin.id,
        uuid4(),
    )
    own = f"/admin/users/{admin.id}"

    answers = [await browser.post(f"{own}/{act}")]
    if act != "send-password-letter":
        answers.append(await browser.get(f"{own}/{act}"))

    for answer in [*answers, await browser.get(own)]:
        assert "you change under Security" in answer.text
        assert answer.one("main a[href='/me/security']")
    assert {answer.status_code for answer in answers} == {409}
    assert (await browser.get(own)).status_code == 200
    assert await fetch_value("SELECT count(*) FROM totp_keys") == 1


async def test_a_refusal_to_block_keeps_the_reason_that_was_typed(browser: Browser) -> None:
    await _as_admin(browser)
    other = await an_admin("Other")
    await execute("UPDATE users SET email_verified_at = NULL WHERE name = 'Admin'")

    answer = await browser.post(f"/admin/users/{other.id}/block", {"reason": "Left the house"})

    assert answer.status_code == 409
    assert "only administrator" in answer.text
    assert answer.one("#reason").get_text().strip() == "Left the house"


async def test_a_blocked_doctor_is_not_found_and_not_booked_until_unblocked(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    admin, meera = await _as_admin(browser), await a_doctor("Dr Meera")

    await browser.post(f"/admin/users/{meera.id}/block", {"reason": ""})

    assert (await api.get(f"/doctors/{meera.slug}")).status_code == 404
    assert (await api.get("/api/doctors")).json()["total"] == 0
    await browser.post(f"/admin/users/{meera.id}/unblock")
    assert (await api.get(f"/doctors/{meera.slug}")).status_code == 200
    assert (await api.get("/api/doctors")).json()["total"] == 1
    changed = "SELECT count(*) FROM events WHERE name = 'PRACTICE_CHANGED' AND by_id = $1"
    assert await fetch_value(changed, admin.id) == 2


async def test_a_doctor_who_left_is_unblocked_without_being_offered_again(browser: Browser) -> None:
    await _as_admin(browser)
    meera = await a_doctor("Dr Meera")
    await browser.post(f"/admin/users/{meera.id}/block", {"reason": ""})
    await execute("UPDATE doctors SET left_at = now() WHERE user_id = $1", meera.id)

    await browser.post(f"/admin/users/{meera.id}/unblock")

    assert not await fetch_value("SELECT is_active FROM practices WHERE id = $1", meera.practice_id)


async def test_logging_somebody_out_asks_first_and_ends_every_session(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha")
    header = {"Authorization": f"Bearer {await token_of(asha)}"}

    assert (await browser.get(f"/admin/users/{asha.id}/log-out")).status_code == 200
    assert (await api.get("/api/me", headers=header)).status_code == 200
    await browser.post(f"/admin/users/{asha.id}/log-out")

    assert (await api.get("/api/me", headers=header)).status_code == 401


@pytest.mark.parametrize(
    ("verified", "letter"), [(True, "PASSWORD_RESET_ASKED"), (False, "PASSWORD_CHOICE_ASKED")]
)
async def test_a_letter_for_a_new_password_goes_to_the_person_and_the_old_one_holds(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice, verified: bool, letter: str
) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha", verified=verified)

    await browser.post(f"/admin/users/{asha.id}/send-password-letter")

    assert await fetch_value(_events(letter)) == 1
    await run_jobs()
    assert len(post_office.to(asha.email)) == 1
    entered = {"identifier": asha.email, "password": asha.password}
    assert (await api.post("/api/auth/login", json=entered)).status_code == 200


async def test_no_letter_for_a_new_password_goes_to_a_blocked_account(browser: Browser) -> None:
    admin = await _as_admin(browser)
    asha = await a_patient("Asha")
    await block(asha.id, why="", by=_by(admin))

    answer = await browser.post(f"/admin/users/{asha.id}/send-password-letter")

    assert answer.status_code == 409
    assert "Unblock it first" in answer.text


async def test_a_lost_authenticator_app_is_taken_away_after_asking(
    browser: Browser, post_office: PostOffice
) -> None:
    await _as_admin(browser)
    meera = await a_doctor("Dr Meera")
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) VALUES ($1, $2, now(), now())",
        meera.id,
        uuid4(),
    )

    shown = await browser.get(f"/admin/users/{meera.id}")
    assert shown.html.select(f"a[href='/admin/users/{meera.id}/second-step']")
    assert "call them back" in (await browser.get(f"/admin/users/{meera.id}/second-step")).text
    await browser.post(f"/admin/users/{meera.id}/second-step")

    assert await fetch_value("SELECT count(*) FROM totp_keys") == 0
    assert await fetch_value(_events("SECOND_STEP_TURNED_OFF")) == 1
    await run_jobs()
    assert "second step" in post_office.to(meera.email)[-1]["Subject"]


async def test_an_erased_account_is_shown_and_left_alone(browser: Browser) -> None:
    await _as_admin(browser)
    asha = await a_patient("Asha")
    await execute("UPDATE users SET blocked_at = now(), erased_at = now() WHERE id = $1", asha.id)

    page = await browser.get(f"/admin/users/{asha.id}")
    answer = await browser.post(f"/admin/users/{asha.id}/unblock")

    assert "Erased" in page.text
    assert not page.html.select("main form")
    assert answer.status_code == 409


async def test_who_is_no_administrator_sees_none_of_it(browser: Browser) -> None:
    asha = await a_patient("Asha")
    for person in (asha, await a_doctor("Dr Meera"), await a_receptionist(await a_clinic())):
        await as_visitor(browser, person)
        for path in ("/admin/users", f"/admin/users/{asha.id}", "/admin/staff", "/admin/log-ins"):
            assert (await browser.get(path)).status_code == 403


async def test_the_log_of_log_ins_is_filtered_by_who_result_address_and_day(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await _as_admin(browser)
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    for identifier, password in (
        (asha.email, asha.password),
        (vikram.email, "not this one"),
        ("nobody@example.com", "whatever-1"),
    ):
        await api.post("/api/auth/login", json={"identifier": identifier, "password": password})

    async def shown(**asked: str) -> list[str]:
        answer = await browser.get("/admin/log-ins", **asked)
        assert answer.status_code == 200
        rows = answer.html.select("tbody tr")
        return [" ".join(row.select_one("th").get_text(" ", strip=True).split()) for row in rows]

    today = clock.day_of(clock.now(), clock.HOUSE_ZONE)
    assert await shown() == ["Unknown account", f"Vikram {vikram.email}", f"Asha {asha.email}"]
    assert await shown(q="ash") == [f"Asha {asha.email}"]
    assert await shown(result="wrong_password") == [f"Vikram {vikram.email}"]
    assert len(await shown(address="127.0.0.1")) == 3
    assert await shown(address="203.0.113.9") == []
    assert len(await shown(day=today.isoformat())) == 3
    assert await shown(day=(today - timedelta(days=1)).isoformat()) == []
    assert "nobody@example.com" not in (await browser.get("/admin/log-ins")).text


async def test_an_odd_day_of_log_ins_is_said_at_its_field(browser: Browser) -> None:
    await _as_admin(browser)

    answer = await browser.get("/admin/log-ins", day="yesterday")

    assert answer.status_code == 422
    assert answer.error_of("day")


def test_every_result_of_a_log_in_has_words() -> None:
    assert set(RESULT_WORDS) == set(RESULTS)


async def test_a_program_blocks_and_unblocks(api: httpx.AsyncClient) -> None:
    admin, asha = await an_admin(), await a_patient("Asha")
    api.headers["Authorization"] = f"Bearer {await token_of(admin)}"

    for _twice in range(2):
        blocked = await api.post(f"/api/admin/users/{asha.id}/block", json={"reason": "Once"})
        assert blocked.status_code == 200
        assert blocked.json()["blocked_at"]
    unblocked = await api.post(f"/api/admin/users/{asha.id}/unblock")

    assert unblocked.json()["blocked_at"] is None
    assert unblocked.json()["email"] == asha.email
    assert (await api.post(f"/api/admin/users/{asha.id}/block")).status_code == 200
    assert (await api.post(f"/api/admin/users/{admin.id}/block")).status_code == 409
    assert (await api.post(f"/api/admin/users/{uuid4()}/block")).status_code == 404
    too_long = {"reason": "x" * 501}
    assert (await api.post(f"/api/admin/users/{asha.id}/block", json=too_long)).status_code in (400, 422)


async def test_a_program_reads_the_log_by_name_actor_subject_and_day(api: httpx.AsyncClient) -> None:
    admin, asha = await an_admin(), await a_patient("Asha")
    api.headers["Authorization"] = f"Bearer {await token_of(admin)}"
    await api.post(f"/api/admin/users/{asha.id}/block", json={"reason": "Private words"})
    await api.post(f"/api/admin/users/{asha.id}/unblock")

    async def read(**asked: object) -> list[str]:
        answer = await api.get("/api/admin/audit", params={key: str(value) for key, value in asked.items()})
        assert answer.status_code == 200, answer.text
        assert "Private words" not in answer.text
        return [one["name"] for one in answer.json()["items"]]

    today = clock.day_of(clock.now(), clock.HOUSE_ZONE)
    assert await read(subject=asha.id) == ["USER_UNBLOCKED", "USER_BLOCKED"]
    assert await read(name="USER_BLOCKED", by=admin.id) == ["USER_BLOCKED"]
    assert await read(by=asha.id) == []
    assert await read(subject=asha.id, **{"from": today, "to": today}) == ["USER_UNBLOCKED", "USER_BLOCKED"]
    assert await read(to=today - timedelta(days=1)) == []
    assert await read(subject=asha.id, page=2, page_size=1) == ["USER_BLOCKED"]
    one = (await api.get("/api/admin/audit", params={"name": "USER_BLOCKED"})).json()["items"][0]
    assert one["by"] == {"id": str(admin.id), "role": "admin"}
    assert one["subject_id"] == str(asha.id)
    assert one["facts"] == {}
