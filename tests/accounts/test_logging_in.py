"""Logging in: who comes in with what, and where it leads."""

import httpx
import pytest
from argon2 import PasswordHasher

from app.accounts import passwords
from app.accounts.errors import WrongLogIn
from app.accounts.services import log_in
from app.db.engine import execute, fetch_value
from tests.browser import Browser
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, an_admin, known_device


async def test_each_role_is_led_to_its_first_page(browser: Browser) -> None:
    asha, meera = await a_patient("Asha"), await a_doctor("Dr Meera")
    sunita, admin = await a_receptionist(await a_clinic()), await an_admin()

    for person, path in (
        (asha, "/"),
        (meera, "/doctor"),
        (sunita, "/appointments"),
        (admin, "/appointments"),
    ):
        browser.client.cookies.clear()
        browser.client.cookies.set("device", await known_device(person), domain=browser.client.base_url.host)
        answer = await browser.post("/login", {"identifier": person.email, "password": person.password})
        assert answer.location == path


async def test_log_in_keeps_the_way_on_through_a_wrong_password(browser: Browser) -> None:
    asha = await a_patient("Asha")
    assert (await browser.get("/me/people")).location == "/login?next=%2Fme%2Fpeople"
    page = await browser.get("/login", next="/me/people")
    assert page.one("input[name=next]")["value"] == "/me/people"

    wrong = await browser.post("/login", {"identifier": asha.email, "password": "no", "next": "/me/people"})
    assert wrong.status_code == 422
    assert "do not match" in wrong.text
    assert wrong.one("#identifier")["value"] == asha.email
    assert wrong.one("input[name=next]")["value"] == "/me/people"

    right = await browser.post(
        "/login", {"identifier": asha.email, "password": asha.password, "next": "/me/people"}
    )
    assert right.location == "/me/people"
    assert (await browser.get("/login", next="/me")).location == "/me"


async def test_empty_fields_are_told_apart_from_wrong_ones(browser: Browser) -> None:
    answer = await browser.post("/login", {"identifier": " ", "password": ""})
    assert answer.status_code == 422
    assert answer.error_of("identifier")
    assert answer.error_of("password")


async def test_unknown_wrong_and_blocked_get_one_answer(api: httpx.AsyncClient) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", vikram.id)
    tries = [
        (asha.email, "not the password"),
        (asha.email, "x" * 5000),
        ("nobody@example.com", asha.password),
        ("9876543210", asha.password),
        ("neither", asha.password),
        ("a b", " "),
        (vikram.email, vikram.password),
    ]

    answers = [
        await api.post("/api/auth/login", json={"identifier": who, "password": secret})
        for who, secret in tries
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["type"] == "/problems/wrong-log-in"


async def test_twenty_log_ins_in_five_minutes_are_always_let_through(api: httpx.AsyncClient) -> None:
    tries = [{"identifier": f"nobody{n}@example.com", "password": "not the password"} for n in range(20)]
    for wrong in tries:
        assert (await api.post("/api/auth/login", json=wrong)).status_code == 401
    await execute("UPDATE limits SET hits = 60 WHERE name = 'log_in'")

    answer = await api.post("/api/auth/login", json=tries[0])

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300


async def test_a_hash_with_old_figures_is_renewed_at_log_in() -> None:
    asha = await a_patient("Asha")
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(asha.password)
    await execute("UPDATE users SET password_hash = $2 WHERE id = $1", asha.id, old)

    await log_in(asha.email, asha.password, address="127.0.0.1", device="test")

    kept = await fetch_value("SELECT password_hash FROM users WHERE id = $1", asha.id)
    assert "m=19456,t=2,p=1" in kept
    await log_in(asha.email, asha.password, address="127.0.0.1", device="test")


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asha = await a_patient("Asha")
    checked: list[str] = []
    compares, finds = passwords._verify, passwords._hash_with_salt

    def compared(password: str, kept: str | None) -> bool:
        checked.append(password)
        return compares(password, kept)

    def found(password: str, salt: bytes) -> bytes:
        checked.append(password)
        return finds(password, salt)

    monkeypatch.setattr(passwords, "_verify", compared)
    monkeypatch.setattr(passwords, "_hash_with_salt", found)
    for who in (asha.email, "nobody@example.com", "+919812345678", "nonsense"):
        with pytest.raises(WrongLogIn):
            await log_in(who, "not the password", address="127.0.0.1", device="test")

    assert checked == ["not the password"] * 4
