"""The second step of a log-in: for whom, on which devices, and that each code serves once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from app import clock
from app.accounts.codes import LOG_IN_CODE, code_for, device_of_token, link_token_for
from app.accounts.errors import LogInOver, WrongLogIn, WrongSecondStep
from app.accounts.passwords import hash_password
from app.accounts.rules import CODE_TRIES
from app.accounts.services import (
    Challenge,
    Tokens,
    ask_confirmation,
    block,
    change_role,
    confirm_log_in,
    end_all_sessions,
    logging_in,
)
from app.accounts.services.sessions import end_sessions
from app.accounts.where import Where
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value
from app.errors import TooMany
from app.settings import settings
from tests.accounts.authenticator import code_of, turned_on
from tests.accounts.confirmations import happened, newest
from tests.accounts.guessing import OWNER_ADDRESS, comes_in
from tests.browser import Browser
from tests.factories import (
    Cast,
    a_clinic,
    a_doctor,
    a_patient,
    a_receptionist,
    an_admin,
    bearer,
    known_device,
    run_jobs,
)
from tests.notifications.office import newest_to, text_of
from tests.surroundings import PostOffice

BROWSER = Where(OWNER_ADDRESS, "tests", UUID(int=11))


async def _begun(person: Cast, where: Where = BROWSER) -> Challenge:
    """A log-in whose password was right and whose second step is due."""
    begun = await comes_in(person.email, person.password, address=where.address, device_id=where.device_id)
    assert isinstance(begun, Challenge)
    return begun


def _code(challenge: Challenge) -> str:
    return code_for(challenge.id, LOG_IN_CODE)


def _another_code(challenge: Challenge) -> str:
    return f"{(int(_code(challenge)) + 1) % 1_000_000:06d}"


# who is asked


async def test_staff_are_asked_on_a_device_nobody_knows_and_patients_are_not() -> None:
    doctor, reception, admin = await a_doctor(), await a_receptionist(await a_clinic()), await an_admin()
    for person in (doctor, reception, admin):
        assert (await _begun(person)).kind == "email_code"
    assert isinstance(await comes_in((patient := await a_patient()).email, patient.password), Tokens)


async def test_a_device_that_did_it_once_is_not_asked_again_until_it_is_taken_for_a_stranger() -> None:
    doctor = await a_doctor()
    challenge = await _begun(doctor)
    tokens = await confirm_log_in(challenge.id, _code(challenge), where=BROWSER)
    assert tokens.account.id == doctor.id

    again = await comes_in(doctor.email, doctor.password, device_id=BROWSER.device_id)
    assert isinstance(again, Tokens)
    await end_sessions(doctor.id, why="ended_by_user")
    assert (await _begun(doctor)).kind == "email_code"


async def test_no_code_is_sent_by_e_mail_where_everybody_knows_the_passwords(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    demo = replace(settings(), demo=True)
    monkeypatch.setattr(logging_in, "settings", lambda: demo)
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    await turned_on(other)
    assert isinstance(await comes_in(doctor.email, doctor.password), Tokens)
    assert (await _begun(other)).kind == "totp"


async def test_who_has_an_app_is_asked_for_its_code_on_known_devices_too() -> None:
    doctor = await a_doctor()
    secret, recovery = await turned_on(doctor)
    device = device_of_token(await known_device(doctor))
    at_desk = Where(OWNER_ADDRESS, "tests", device)

    challenge = await _begun(doctor, at_desk)
    assert challenge.kind == "totp"
    with pytest.raises(WrongSecondStep):
        await confirm_log_in(challenge.id, _code(challenge), where=at_desk)
    await confirm_log_in(challenge.id, code_of(secret), where=at_desk)

    replayed = await _begun(doctor, at_desk)
    with pytest.raises(WrongSecondStep):
        await confirm_log_in(replayed.id, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ", where=at_desk)
    await confirm_log_in(replayed.id, recovery[0], where=at_desk)


# what it takes


async def test_a_log_in_is_over_once_its_code_was_used() -> None:
    challenge = await _begun(await a_doctor())
    await confirm_log_in(challenge.id, f" {_code(challenge)[:3]}-{_code(challenge)[3:]}", where=BROWSER)
    with pytest.raises(LogInOver):
        await confirm_log_in(challenge.id, _code(challenge), where=BROWSER)


async def test_of_two_who_enter_one_code_at_once_one_comes_in() -> None:
    challenge = await _begun(await a_doctor())
    both = await asyncio.gather(
        *(confirm_log_in(challenge.id, _code(challenge), where=BROWSER) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["LogInOver", "Tokens"]
    assert await fetch_value("SELECT count(*) FROM sessions") == 1


async def test_it_goes_on_only_on_the_device_where_it_began() -> None:
    challenge = await _begun(await a_doctor())
    for elsewhere in (UUID(int=12), None):
        with pytest.raises(LogInOver):
            await confirm_log_in(
                challenge.id, _code(challenge), where=Where(OWNER_ADDRESS, "tests", elsewhere)
            )


async def test_it_is_over_after_five_wrong_codes_and_after_ten_minutes() -> None:
    doctor = await a_doctor()
    first = await _begun(doctor)
    for _ in range(CODE_TRIES):
        with pytest.raises(WrongSecondStep):
            await confirm_log_in(first.id, _another_code(first), where=BROWSER)
    with pytest.raises(LogInOver):
        await confirm_log_in(first.id, _code(first), where=BROWSER)

    second = await _begun(doctor)
    await set_clock(clock.now() + timedelta(minutes=10))
    with pytest.raises(LogInOver):
        await confirm_log_in(second.id, _code(second), where=BROWSER)


async def test_wrong_codes_are_counted_for_the_account_over_all_its_log_ins() -> None:
    doctor = await a_doctor()
    tried = 0
    with pytest.raises(TooMany):
        for _ in range(3):
            challenge = await _begun(doctor)
            for _ in range(3):
                with pytest.raises(WrongSecondStep):
                    await confirm_log_in(challenge.id, _another_code(challenge), where=BROWSER)
                tried += 1
    assert tried == 5


async def test_of_many_codes_at_once_as_few_are_looked_at() -> None:
    challenge = await _begun(await a_doctor())
    answers = await asyncio.gather(
        *(confirm_log_in(challenge.id, _another_code(challenge), where=BROWSER) for _ in range(30)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, WrongSecondStep) for one in answers) == CODE_TRIES


# what ends it in between


async def test_what_takes_rights_away_ends_log_ins_that_are_under_way() -> None:
    admin = (await (await an_admin()).account()).actor

    async def another_password(person: Cast) -> None:
        kept = await hash_password("another long secret 8")
        await execute("UPDATE users SET password_hash = $2 WHERE id = $1", person.id, kept)
        await end_sessions(person.id, why="password_changed")

    for what in (
        lambda one: block(one.id, why="", by=admin),
        lambda one: change_role(one.id, "patient", by=admin),
        lambda one: end_all_sessions(one.id, by=admin),
        another_password,
    ):
        doctor = await a_doctor()
        challenge = await _begun(doctor)
        await what(doctor)
        with pytest.raises(LogInOver):
            await confirm_log_in(challenge.id, _code(challenge), where=BROWSER)
        assert await fetch_value("SELECT count(*) FROM sessions WHERE user_id = $1", doctor.id) == 0


async def test_a_password_changed_while_the_old_one_is_looked_at_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For both ways on: a session at once, and a second step."""
    really = logging_in.is_password

    async def slowly(password: str, kept: str | None) -> bool:
        right = await really(password, kept)
        await execute("UPDATE users SET password_hash = 'changed meanwhile'")
        return right

    monkeypatch.setattr(logging_in, "is_password", slowly)
    for person in (await a_patient(), await a_doctor()):
        with pytest.raises(WrongLogIn):
            await comes_in(person.email, person.password)
    assert not await fetch("SELECT 1 FROM sessions UNION ALL SELECT 1 FROM log_in_challenges")


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
    right = await browser.post("/login/confirm", {"code": code})

    assert right.location == "/doctor/week"
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
    challenge = await _begun(doctor)
    await confirm_log_in(challenge.id, _code(challenge), where=BROWSER)
    await run_jobs()
    text = text_of(next(iter(post_office.to(doctor.email))))
    assert _code(challenge) not in text
    assert "of no use any more" in text


async def test_no_event_and_no_job_carries_the_code() -> None:
    challenge = await _begun(await a_doctor())
    assert await happened("LOG_IN_CODE_ASKED") == 1
    rows = await fetch(
        "SELECT facts::text FROM events UNION ALL SELECT convert_from(payload, 'utf8') FROM pgqueuer"
    )
    assert _code(challenge) not in "".join(row[0] for row in rows)


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
    challenge = await _begun(await a_doctor())
    with pytest.raises(LogInOver):
        await confirm_log_in(challenge.id, _code(challenge), where=Where(OWNER_ADDRESS, "a program"))


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
