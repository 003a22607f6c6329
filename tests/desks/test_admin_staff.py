"""Receptionists and administrators: joining, moving, leaving; and that reception sees its clinic alone."""

from uuid import UUID, uuid4

import httpx
import pytest

from app.db.engine import execute, fetch_value
from app.events.queries import events_of
from tests.booking.visits import a_visit
from tests.browser import Browser
from tests.desks.test_admin_users import as_visitor
from tests.factories import (
    Cast,
    a_clinic,
    a_doctor,
    a_patient,
    a_receptionist,
    a_slot,
    an_admin,
    run_jobs,
    token_of,
)
from tests.surroundings import PostOffice

WORKPLACE = "SELECT clinic_id FROM staff WHERE user_id = $1"


async def _as_admin(browser: Browser) -> Cast:
    admin = await an_admin("Admin")
    await as_visitor(browser, admin)
    return admin


async def _role(user_id: UUID) -> str:
    role: str = await fetch_value("SELECT role FROM users WHERE id = $1", user_id)
    return role


def _new(clinic_id: object, **instead: str) -> dict[str, str]:
    new = {
        "name": "Sunita Joshi",
        "email": "sunita@example.com",
        "role": "reception",
        "clinic": str(clinic_id),
    }
    return {**new, **instead}


async def _sees(api: httpx.AsyncClient, person: Cast) -> set[str]:
    """The ids of the appointments that somebody sees in a session of today."""
    header = {"Authorization": f"Bearer {await token_of(person)}"}
    answer = await api.get("/api/appointments", headers=header)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["items"]}


async def test_a_receptionist_is_added_with_a_clinic_and_a_letter(
    browser: Browser, post_office: PostOffice
) -> None:
    admin = await _as_admin(browser)
    clinic = await a_clinic("Shanti Clinic")

    done = await browser.post("/admin/staff/add", _new(clinic))

    user_id = await fetch_value("SELECT id FROM users WHERE email = 'sunita@example.com'")
    assert await _role(user_id) == "reception"
    assert await fetch_value(WORKPLACE, user_id) == clinic
    told = [(event.name, event.by_id) for event in await events_of(user_id)]
    assert ("STAFF_JOINED", admin.id) in told
    assert ("PASSWORD_CHOICE_ASKED", admin.id) in told
    listed = await browser.follow(done)
    assert "Shanti Clinic , Pune Sunita Joshi sunita@example.com" in listed.text
    assert "Has not chosen a password" in listed.text
    await run_jobs()
    assert len(post_office.to("sunita@example.com")) == 1


async def test_an_administrator_is_added_without_a_clinic(browser: Browser) -> None:
    await _as_admin(browser)
    clinic = await a_clinic()

    await browser.post("/admin/staff/add", _new(clinic, role="admin"))

    user_id = await fetch_value("SELECT id FROM users WHERE email = 'sunita@example.com'")
    assert await _role(user_id) == "admin"
    assert await fetch_value(WORKPLACE, user_id) is None


@pytest.mark.parametrize(
    ("instead", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "sunita"}, "email"),
        ({"role": "doctor"}, "role"),
        ({"clinic": ""}, "clinic"),
        ({"clinic": str(UUID(int=7))}, "clinic"),
        ({"clinic": "the one in Pune"}, "clinic"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_is_kept(
    browser: Browser, instead: dict[str, str], field: str
) -> None:
    await _as_admin(browser)
    sent = _new(await a_clinic(), **instead)

    answer = await browser.post("/admin/staff/add", sent)

    assert answer.status_code == 422
    assert answer.error_of(field)
    assert answer.one("#email")["value"] == sent["email"]
    assert await fetch_value("SELECT count(*) FROM users WHERE email = 'sunita@example.com'") == 0


async def test_the_account_of_a_patient_becomes_receptions_after_a_page_that_asks(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    await _as_admin(browser)
    clinic, asha = await a_clinic("Shanti Clinic"), await a_patient("Asha")
    header = {"Authorization": f"Bearer {await token_of(asha)}"}

    known = await browser.post("/admin/staff/add", _new(clinic, email=asha.email.upper()))
    asked = await browser.follow(known)

    assert known.location.startswith(f"/admin/staff/{asha.id}?")
    assert "already" in asked.text
    assert asked.one(f"option[value='{clinic}']").has_attr("selected")
    assert await _role(asha.id) == "patient"
    await browser.post(f"/admin/staff/{asha.id}", {"role": "reception", "clinic": clinic})

    assert await _role(asha.id) == "reception"
    assert await fetch_value(WORKPLACE, asha.id) == clinic
    assert (await api.get("/api/me", headers=header)).status_code == 401
    entered = await fetch_value("SELECT password_hash <> '' FROM users WHERE id = $1", asha.id)
    assert entered, "who has proved the address keeps the password"
    await run_jobs()
    assert [letter["Subject"] for letter in post_office.to(asha.email)] == [
        "You now work at a reception with Parchi"
    ]


async def test_whoever_never_proved_the_address_comes_to_no_desk_with_the_password_of_before(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    """A stranger may have signed up with the address in the hope of what happens here."""
    await _as_admin(browser)
    clinic, stranger = await a_clinic(), await a_patient("Sunita", verified=False)

    await browser.post(f"/admin/staff/{stranger.id}", {"role": "reception", "clinic": clinic})

    assert await _role(stranger.id) == "reception"
    entered = {"identifier": stranger.email, "password": stranger.password}
    assert (await api.post("/api/auth/login", json=entered)).status_code == 401
    await run_jobs()
    letters = post_office.to(stranger.email)
    assert len(letters) == 1
    assert "password" in letters[0].get_body(("plain",)).get_content()


async def test_reception_that_moves_sees_the_new_clinic_and_nothing_of_the_old_one(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    meera, arjun = await a_doctor("Dr Meera"), await a_doctor("Dr Arjun")
    sunita = await a_receptionist(meera.clinic_id, "Sunita")
    here = await a_visit(await a_patient("Asha"), await a_slot(meera), meera)
    there = await a_visit(await a_patient("Vikram"), await a_slot(arjun), arjun)
    old = {"Authorization": f"Bearer {await token_of(sunita)}"}
    assert await _sees(api, sunita) == {str(here.id)}
    await _as_admin(browser)

    await browser.post(f"/admin/staff/{sunita.id}", {"role": "reception", "clinic": arjun.clinic_id})

    assert (await api.get("/api/appointments", headers=old)).status_code == 401
    assert await _sees(api, sunita) == {str(there.id)}
    again = {"Authorization": f"Bearer {await token_of(sunita)}"}
    assert (await api.get(f"/api/appointments/{here.id}", headers=again)).status_code == 404
    moved = [event for event in await events_of(sunita.id) if event.name == "STAFF_MOVED"]
    assert [event.facts for event in moved] == [
        {"from": str(meera.clinic_id), "clinic_id": str(arjun.clinic_id)}
    ]


async def test_saving_what_is_so_already_changes_nothing_and_logs_nobody_out(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await _as_admin(browser)
    clinic = await a_clinic()
    sunita = await a_receptionist(clinic)
    header = {"Authorization": f"Bearer {await token_of(sunita)}"}

    await browser.post(f"/admin/staff/{sunita.id}", {"role": "reception", "clinic": clinic})

    assert (await api.get("/api/me", headers=header)).status_code == 200
    assert await events_of(sunita.id) == []


async def test_reception_becomes_an_administrator_and_belongs_to_no_clinic_then(browser: Browser) -> None:
    await _as_admin(browser)
    sunita = await a_receptionist(await a_clinic())

    await browser.post(f"/admin/staff/{sunita.id}", {"role": "admin", "clinic": ""})

    assert await _role(sunita.id) == "admin"
    assert await fetch_value(WORKPLACE, sunita.id) is None


async def test_whoever_is_removed_is_a_patient_and_sees_no_clinic(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    await _as_admin(browser)
    meera = await a_doctor("Dr Meera")
    sunita = await a_receptionist(meera.clinic_id)
    await a_visit(await a_patient("Asha"), await a_slot(meera), meera)
    header = {"Authorization": f"Bearer {await token_of(sunita)}"}

    asked = await browser.get(f"/admin/staff/{sunita.id}/remove")
    assert "sees nothing of the clinic" in asked.text
    for _twice in range(2):
        await browser.post(f"/admin/staff/{sunita.id}/remove")

    assert await _role(sunita.id) == "patient"
    assert (await api.get("/api/appointments", headers=header)).status_code == 401
    assert await _sees(api, sunita) == set()
    names = [event.name for event in await events_of(sunita.id)]
    assert names == ["STAFF_LEFT", "ROLE_CHANGED"]
    await run_jobs()
    assert post_office.to(sunita.email)[-1]["Subject"] == "You no longer work with Parchi"


async def test_administrators_neither_demote_themselves_nor_are_removed_when_last(browser: Browser) -> None:
    admin = await _as_admin(browser)

    for path, sent in (
        (f"/admin/staff/{admin.id}/remove", {}),
        (f"/admin/staff/{admin.id}", {"role": "reception", "clinic": await a_clinic()}),
    ):
        answer = await browser.post(path, sent)
        assert answer.status_code == 409
        assert "This is your own account" in answer.text
    assert await _role(admin.id) == "admin"
    assert await fetch_value(WORKPLACE, admin.id) is None


@pytest.mark.parametrize("who", ["a doctor", "a blocked account", "nobody"])
async def test_who_cannot_work_at_a_desk_is_said_and_stays_as_they_are(browser: Browser, who: str) -> None:
    await _as_admin(browser)
    clinic = await a_clinic()
    person = await (a_doctor("Dr Meera") if who == "a doctor" else a_patient("Asha"))
    if who == "a blocked account":
        await execute("UPDATE users SET blocked_at = now() WHERE id = $1", person.id)
    user_id = uuid4() if who == "nobody" else person.id

    answer = await browser.post(f"/admin/staff/{user_id}", {"role": "reception", "clinic": clinic})

    said = {"a doctor": "This is a doctor's account", "a blocked account": "Unblock it first"}
    assert said.get(who, "could not find") in answer.text
    assert answer.status_code == (404 if who == "nobody" else 409)
    if who == "a blocked account":
        assert answer.one(f"option[value='{clinic}']").has_attr("selected"), "what was typed is kept"
    assert await fetch_value("SELECT count(*) FROM staff") == 0
    assert await _role(person.id) == person.role


async def test_who_is_blocked_can_be_removed_from_the_staff(browser: Browser) -> None:
    await _as_admin(browser)
    sunita = await a_receptionist(await a_clinic(), "Sunita")
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", sunita.id)
    listed = await browser.get("/admin/staff")
    assert listed.html.select(f"a[href='/admin/staff/{sunita.id}/remove']")
    assert not listed.html.select(f"a[href='/admin/staff/{sunita.id}']")

    await browser.post(f"/admin/staff/{sunita.id}/remove")

    assert await _role(sunita.id) == "patient"
    assert await fetch_value(WORKPLACE, sunita.id) is None
    assert "Sunita" not in (await browser.get("/admin/staff")).text


async def test_everybody_who_works_here_is_listed_by_clinic_and_two_of_one_name_are_told_apart(
    browser: Browser,
) -> None:
    await _as_admin(browser)
    pune, mumbai = await a_clinic("Shanti Clinic"), await a_clinic("Shanti Clinic", city="Mumbai")
    await a_receptionist(pune, "Sunita")
    await a_receptionist(mumbai, "Imran")
    homeless = await a_receptionist(pune, "Farida")
    await execute("DELETE FROM staff WHERE user_id = $1", homeless.id)

    answer = await browser.get("/admin/staff")

    rows = [" ".join(row.get_text(" ").split()) for row in answer.html.select("tbody tr")]
    places = ("No clinic yet Farida", "Shanti Clinic , Mumbai Imran", "Shanti Clinic , Pune Sunita")
    assert all(row.startswith(place) for row, place in zip(rows[1:], places, strict=True)), rows
    assert rows[0].startswith("Administrator Admin")
