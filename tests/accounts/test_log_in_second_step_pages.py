"""The second step of a log-in as pages, letters and programs have it."""

from uuid import UUID

import httpx
import pytest

from app.accounts.codes import LOG_IN_CODE, code_for, link_token_for
from app.accounts.errors import LogInOver
from app.accounts.services import (
    ask_confirmation,
    confirm_log_in,
)
from app.accounts.where import Where
from app.db.engine import execute, fetch
from tests.accounts.authenticator import turned_on
from tests.accounts.confirmations import happened, newest
from tests.accounts.guessing import OWNER_ADDRESS
from tests.accounts.second_steps import BROWSER, begun, sent_code
from tests.browser import Browser
from tests.factories import (
    Cast,
    a_doctor,
    bearer,
    run_jobs,
)
from tests.notifications.office import newest_to, text_of
from tests.surroundings import PostOffice

# the pages


async def _at_second_step(browser: Browser, person: Cast, *, then: str = "") -> None:
    answer = await browser.post(
        "/login", {"identifier": person.email, "password": person.password, "next": then}
    )
    assert answer.location == "/login/confirm"


async def _sent_code(post_office: PostOffice, person: Cast) -> str:
    await run_jobs()
    text = text_of(newest_to(post_office, person))
    return next(line.split(": ")[1] for line in text.splitlines() if line.startswith("Your code: "))


async def test_a_doctor_enters_the_code_of_the_letter_and_goes_where_they_wanted(
    browser: Browser, post_office: PostOffice
) -> None:
    doctor = await a_doctor()
    await _at_second_step(browser, doctor, then="/doctor/week")
    assert (await browser.get("/doctor/week")).status_code == 303
    page = await browser.get("/login/confirm")
    assert "sent a code" in page.text
    code = await _sent_code(post_office, doctor)
    assert code not in str(newest_to(post_office, doctor)["Subject"])

    wrong = await browser.post("/login/confirm", {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert wrong.status_code == 422
    assert wrong.error_of("code")
    empty = await browser.post("/login/confirm", {"code": " "})
    assert empty.error_of("code")
    assert await happened("USER_LOGGED_IN") == 0
    right = await browser.post("/login/confirm", {"code": code})

    assert right.location == "/doctor/week"
    assert await happened("USER_LOGGED_IN") == 1
    assert (await browser.get("/doctor/week")).status_code == 200
    assert (await browser.get("/login/confirm")).location == "/login"


async def test_another_code_takes_the_place_of_the_first(browser: Browser, post_office: PostOffice) -> None:
    doctor = await a_doctor()
    await _at_second_step(browser, doctor, then="/doctor/week")
    first = await _sent_code(post_office, doctor)

    again = await browser.post("/login/confirm/again")
    assert "new code is on its way" in (await browser.follow(again)).text
    second = await _sent_code(post_office, doctor)

    assert first != second
    assert (await browser.post("/login/confirm", {"code": first})).status_code == 422
    assert (await browser.post("/login/confirm", {"code": second})).location == "/doctor/week"


async def test_letters_with_codes_are_sent_a_few_times_only(browser: Browser) -> None:
    await _at_second_step(browser, await a_doctor())
    for _ in range(9):
        assert (await browser.post("/login/confirm/again")).status_code == 303
    refused = await browser.post("/login/confirm/again")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many tries" in refused.text


async def test_starting_over_leads_back_to_the_log_in(browser: Browser) -> None:
    doctor = await a_doctor()
    await _at_second_step(browser, doctor)
    assert (await browser.post("/login/confirm/over")).location == "/login"
    over = await browser.get("/login/confirm")
    assert over.location == "/login"
    assert "log in again" in (await browser.follow(over)).text


async def test_a_cookie_of_the_second_step_is_of_no_use_elsewhere(browser: Browser) -> None:
    doctor = await a_doctor()
    await _at_second_step(browser, doctor)
    stolen = browser.client.cookies["second_step"]
    browser.client.cookies.clear()

    for cookie in (stolen, "no-challenge", "%00", "x" * 5000):
        answer = await browser.client.get("/login/confirm", headers={"Cookie": f"second_step={cookie}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_a_letter_on_its_way_for_too_long_carries_no_code(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    challenge = await begun(doctor)
    await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)
    await run_jobs()
    text = text_of(next(iter(post_office.to(doctor.email))))
    assert sent_code(challenge) not in text
    assert "of no use any more" in text


async def test_no_event_and_no_job_carries_the_code() -> None:
    challenge = await begun(await a_doctor())
    assert await happened("LOG_IN_CODE_ASKED") == 1
    rows = await fetch(
        "SELECT facts::text FROM events UNION ALL SELECT convert_from(payload, 'utf8') FROM pgqueuer"
    )
    assert sent_code(challenge) not in "".join(row[0] for row in rows)


# programs


async def test_a_program_gets_a_challenge_and_is_known_after_it(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    log_in = {"identifier": doctor.email, "password": doctor.password}
    due = await api.post("/api/auth/login", json=log_in)
    assert due.status_code == 202
    assert due.json()["kind"] == "email_code"
    assert set(due.json()) == {"challenge_id", "kind"}
    confirm = {"challenge_id": due.json()["challenge_id"]}
    code = code_for(UUID(confirm["challenge_id"]), LOG_IN_CODE)

    wrong = await api.post(
        "/api/auth/login/confirm", json={**confirm, "code": f"{(int(code) + 1) % 1_000_000:06d}"}
    )
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/wrong-code")
    session = await api.post("/api/auth/login/confirm", json={**confirm, "code": code})
    assert session.status_code == 200
    assert session.json()["user"]["id"] == str(doctor.id)
    again = await api.post("/api/auth/login/confirm", json={**confirm, "code": code})
    assert (again.status_code, again.json()["type"]) == (401, "/problems/log-in-over")

    known = await api.post("/api/auth/login", json={**log_in, "device_token": session.json()["device_token"]})
    assert known.status_code == 200
    made_up = await api.post("/api/auth/login", json={**log_in, "device_token": "A" * 43})
    assert made_up.status_code == 202


async def test_a_log_in_begun_in_a_browser_is_not_ended_by_a_program() -> None:
    challenge = await begun(await a_doctor())
    with pytest.raises(LogInOver):
        await confirm_log_in(challenge.id, sent_code(challenge), where=Where(OWNER_ADDRESS, "a program"))


async def test_a_bearer_of_the_tests_is_known(api: httpx.AsyncClient) -> None:
    await bearer(api, await a_doctor())
    assert (await api.get("/api/me")).status_code == 200


async def test_confirming_an_address_is_no_way_around_the_app(browser: Browser) -> None:
    with_app, without = await a_doctor("Dr Meera"), await a_doctor("Dr Arjun")
    await turned_on(with_app)
    await execute("UPDATE users SET email_verified_at = NULL")
    led_to = []
    for doctor in (with_app, without):
        await ask_confirmation(doctor.id)
        link = f"/verify/{link_token_for(await newest(doctor.email))}"
        led_to.append((await browser.post(link, {"password": doctor.password})).location)
        browser.client.cookies.clear()
    assert led_to == ["/login", "/doctor"]
