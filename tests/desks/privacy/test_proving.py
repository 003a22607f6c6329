"""Who takes data along or leaves proves who they are, as far as their log-in does."""

import pytest

from app.accounts.records import consents_of
from app.accounts.rules import NOTICE_VERSION
from app.db.engine import fetch_value
from tests.accounts.authenticator import code_of, turned_on
from tests.browser import Browser
from tests.desks.privacy.entering import entered
from tests.factories import a_clinic, a_patient, a_receptionist

ACTS = [
    ("/me/data", "/me/data/copy", {}, "SELECT count(*) FROM exports"),
    ("/me/data/erase", "/me/data/erase", {"sure": "y"}, "SELECT count(*) FROM erasures"),
]


@pytest.mark.parametrize(("shown", "path", "more", "done"), ACTS)
async def test_with_an_authenticator_app_its_code_is_asked_for_too(
    browser: Browser, shown: str, path: str, more: dict[str, str], done: str
) -> None:
    sunita = await a_receptionist(await a_clinic())
    secret, _codes = await turned_on(sunita)
    await entered(browser, sunita)
    assert (await browser.get(shown)).one(f"form[action='{path}'] input[name='code']")
    typed = {"password": sunita.password, **more}

    for code in ("", "000000"):
        refused = await browser.post(path, {**typed, "code": code})
        assert refused.status_code == 422
        assert refused.error_of("code")
    assert await fetch_value(done) == 0
    answer = await browser.post(path, {**typed, "code": code_of(secret)})

    assert answer.status_code == 303
    assert await fetch_value(done) == 1


@pytest.mark.parametrize(("shown", "path", "more", "done"), ACTS)
async def test_without_one_the_password_is_enough_and_no_code_is_asked_for(
    browser: Browser, shown: str, path: str, more: dict[str, str], done: str
) -> None:
    asha = await a_patient()
    await entered(browser, asha)
    assert not (await browser.get(shown)).html.select("input[name='code']")

    assert (await browser.post(path, {"password": asha.password, **more})).status_code == 303
    assert await fetch_value(done) == 1


async def test_the_notice_is_accepted_as_the_page_showed_it(browser: Browser) -> None:
    asha = await a_patient()
    page = await (await entered(browser, asha)).get("/me/data")
    shown = {
        str(one["name"]): str(one["value"])
        for one in page.html.select("form[action='/me/data/notice'] input")
    }
    assert (shown["version"], shown["language"]) == (NOTICE_VERSION, "en")
    assert page.one("main a[href='/privacy?language=en']")

    answer = await browser.post("/me/data/notice", {"version": NOTICE_VERSION, "language": "hi"})

    assert answer.status_code == 303
    (consent,) = await consents_of(asha.id)
    assert (consent.notice_version, consent.language) == (NOTICE_VERSION, "hi")


@pytest.mark.parametrize(
    "sent", [{}, {"version": "0", "language": "en"}, {"version": NOTICE_VERSION, "language": "tlh"}]
)
async def test_another_notice_than_todays_is_not_accepted(browser: Browser, sent: dict[str, str]) -> None:
    asha = await a_patient()

    answer = await (await entered(browser, asha)).post("/me/data/notice", sent)

    assert answer.status_code == 422
    assert "The notice has changed since." in answer.text
    assert await consents_of(asha.id) == []
