"""Too many tries: said on the form, with what was typed; and counted for an account over all its sessions."""

from collections.abc import AsyncIterator

import pytest

from app import clock
from app.accounts.codes import link_token_for
from app.accounts.errors import TooManyPasswords
from app.accounts.services import (
    ask_email_change,
    ask_reset,
    check_password,
    choose_password,
    open_session,
)
from app.db.engine import execute, fetch_value
from app.errors import Invalid
from app.web import limits
from tests.accounts.confirmations import link_of, newest
from tests.accounts.places import HERE
from tests.browser import Answer, Browser
from tests.factories import a_patient

NEW = "an even calmer lake"
ASHA = {"name": "Asha Rao", "email": "asha@example.com", "password": "a calm green river", "notice": "y"}
DOCTOR = {**ASHA, "specialization": "dentist", "registration_number": "MH 1", "qualifications": "BDS"}


@pytest.fixture
async def spent(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Limits that are used up for everybody; a test names them."""
    names: list[str] = []
    really = limits._count

    async def count(name: str, *more: object) -> object:
        if name in names:
            raise limits.TooMany(retry_after=77)
        return await really(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(limits, "_count", count)
    yield names


def _says_so(answer: Answer) -> None:
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "77"
    assert answer.one(".summary li").text


async def test_a_sign_up_too_many_keeps_what_was_typed(browser: Browser, spent: list[str]) -> None:
    spent += ["sign_up", "sign_up_on_page", "letter_asked"]
    for path, typed in (("/signup", ASHA), ("/join/doctor", DOCTOR)):
        answer = await browser.post(path, typed)
        _says_so(answer)
        assert answer.one("#name")["value"] == "Asha Rao"
        assert answer.one("#email")["value"] == "asha@example.com"


async def test_an_invitation_typed_too_often_keeps_what_was_typed(browser: Browser, spent: list[str]) -> None:
    spent.append("invitation_code")
    answer = await browser.post("/join/invitation", {**DOCTOR, "invitation_code": "ABCD-EFGH-JKMN"})
    _says_so(answer)
    assert answer.one("#invitation_code")["value"] == "ABCD-EFGH-JKMN"
    assert answer.one("#registration_number")["value"] == "MH 1"
    _says_so(await browser.get("/join/invitation", code="ABCD-EFGH-JKMN"))


async def test_a_forgotten_password_asked_for_too_often_keeps_the_address(
    browser: Browser, spent: list[str]
) -> None:
    spent.append("letter_asked")
    answer = await browser.post("/login/forgot", {"email": "asha@example.com"})
    _says_so(answer)
    assert answer.one("#email")["value"] == "asha@example.com"


async def test_codes_and_links_of_sign_ups_are_refused_on_their_pages(
    browser: Browser, spent: list[str]
) -> None:
    await browser.post("/signup", ASHA)
    link = await link_of("asha@example.com")
    spent += ["email_code", "own_letter_code", "letter_link", "letter_asked"]

    _says_so(await browser.post("/verify/again"))
    by_link = await browser.post(link, {"password": ASHA["password"]})

    _says_so(by_link)
    assert by_link.one("main form")["action"] == link


async def test_a_password_chosen_by_letter_is_refused_on_its_page(browser: Browser, spent: list[str]) -> None:
    asha = await a_patient("Asha")
    await ask_reset(asha.email, address=HERE.address)
    link = f"/login/reset/{link_token_for(await newest(asha.email), 'reset_password')}"
    spent.append("letter_link")
    answer = await browser.post(link, {"password": NEW, "notice": "y"})
    _says_so(answer)
    assert answer.one("main form")["action"] == link


async def test_a_link_to_another_address_is_refused_on_its_page(browser: Browser, spent: list[str]) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await ask_email_change(await asha.account(), email="n@example.com", password=asha.password, where=HERE)
    spent.append("letter_link")

    token = link_token_for(await newest(asha.email), "change_email")
    by_link = await browser.post(f"/me/email/{token}")
    _says_so(by_link)
    assert by_link.html.select(f"form[action='/me/email/{token}']"), "the link is still good"


@pytest.mark.parametrize("path", ["/me/data/copy", "/me/data/erase"])
async def test_a_password_asked_again_too_often_is_refused_on_its_page(
    browser: Browser, spent: list[str], path: str
) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    spent.append("password_client")
    answer = await browser.post(path, {"password": asha.password, "sure": "y"})
    _says_so(answer)
    assert await fetch_value("SELECT erased_at FROM users WHERE id = $1", asha.id) is None


# in a row, over all sessions


async def test_a_hundred_wrong_passwords_in_a_row_over_all_sessions_are_the_last(browser: Browser) -> None:
    asha = await a_patient("Asha")
    first, second = [
        (await open_session(asha.id, address=HERE.address, device=HERE.device)).account for _ in range(2)
    ]
    for account in (first, second):
        with pytest.raises(Invalid):
            await check_password(account, "a wrong guess", where=HERE)
    assert await fetch_value("SELECT hits FROM limits WHERE name = 'password_again_in_a_row'") == 2
    await execute("UPDATE limits SET hits = 100 WHERE name = 'password_again_in_a_row'")

    for account in (first, second):
        with pytest.raises(TooManyPasswords):
            await check_password(account, asha.password, where=HERE)
    await browser.signed_in(asha)
    answer = await browser.post("/me/password", {"current": asha.password, "password": NEW})
    assert answer.status_code == 429
    assert "Choose a new one" in answer.text

    await ask_reset(asha.email, address=HERE.address)
    token = link_token_for(await newest(asha.email), "reset_password")
    await choose_password(token, NEW, where=HERE, accepts_in="en")
    again = (await open_session(asha.id, address=HERE.address, device=HERE.device)).account
    await check_password(again, NEW, where=HERE)


async def test_the_right_password_begins_the_row_anew() -> None:
    account = await (await a_patient("Asha")).account()
    with pytest.raises(Invalid):
        await check_password(account, "a wrong guess", where=HERE)
    await check_password(account, "demo-pass-2026", where=HERE)
    assert not await fetch_value("SELECT sum(hits) FROM limits WHERE name = 'password_again_in_a_row'")


async def test_a_wrong_password_typed_again_stands_in_the_book_of_tries() -> None:
    account = await (await a_patient("Asha")).account()
    with pytest.raises(Invalid):
        await check_password(account, "a wrong guess", where=HERE)
    await check_password(account, "demo-pass-2026", where=HERE)
    noted = await fetch_value(
        "SELECT string_agg(result || ' ' || address || ' ' || device, ', ') FROM log_in_tries "
        "WHERE user_id = $1 AND at <= $2",
        account.id,
        clock.now(),
    )
    assert noted == "wrong_password 127.0.0.1 tests"
