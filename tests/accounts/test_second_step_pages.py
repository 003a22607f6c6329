"""Setting up, renewing and turning off the second step, on pages that work without JavaScript."""

import base64
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.accounts.services import totp
from tests.accounts.authenticator import a_step_begins, code_of, turned_on
from tests.accounts.confirmations import happened
from tests.browser import Answer, Browser
from tests.factories import PASSWORD, Cast, a_doctor, a_patient, a_receptionist, an_admin

HERE = "/me/security/second-step"


def _key_of(page: Answer) -> str:
    """The key as a person types it from the page."""
    return "".join(page.one(".secret").get_text().split())


def _codes_of(page: Answer) -> list[str]:
    return page.one("pre.secret").get_text().split()


async def _set_up(browser: Browser) -> tuple[str, Answer]:
    """The key, and the page that shows it."""
    page = await browser.post(HERE, {"password": PASSWORD})
    assert page.status_code == 200, page.text
    return _key_of(page), page


async def test_staff_of_each_role_turn_it_on_with_what_the_page_shows(browser: Browser) -> None:
    meera = await a_doctor()
    for person in (meera, await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        assert "You need an authenticator app" in (await browser.get(HERE)).text
        key, page = await _set_up(browser)

        form = {"key_id": page.one("#key_id")["value"], "code": code_of(key)}
        done = await browser.post(f"{HERE}/confirm", form)

        assert done.status_code == 200
        assert len(_codes_of(done)) == 10
        assert done.headers["cache-control"] == "no-store"
        assert await totp.is_on(person.id)
        overview = await browser.get(HERE)
        assert "10 left" in overview.text
        assert not [code for code in _codes_of(done) if code in overview.response.text], "shown once"
        assert "On" in (await browser.get("/me/security")).text


async def test_picture_link_and_typed_key_are_the_same_key(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    key, page = await _set_up(browser)

    link = str(page.one('main a[href^="otpauth:"]')["href"])
    asked = parse_qs(urlsplit(link).query)
    assert urlsplit(link).netloc == "totp"
    assert (asked["secret"], asked["issuer"]) == ([key], ["Parchi"])
    assert meera.email in unquote(link)
    assert len(base64.b32decode(key)) == 20
    picture = unquote(str(page.one("img.qr")["src"]))
    assert picture.startswith("data:image/svg+xml") and "<script" not in picture and "style=" not in picture
    assert "img-src 'self' data:" in page.headers["content-security-policy"]


async def test_the_key_is_shown_to_nobody_without_the_password(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    for wrong in ("", "not-this-one", PASSWORD + " "):
        page = await browser.post(HERE, {"password": wrong})
        assert page.status_code == 422
        assert page.error_of("password")
        assert not page.html.select(".secret, img.qr, a[href^='otpauth:']")
    key, _ = await _set_up(browser)

    for path in (HERE, f"{HERE}/confirm", f"{HERE}/codes", f"{HERE}/off"):
        assert key not in (await browser.get(path)).response.text
    for key_id in ("", "x", "00000000-0000-4000-8000-000000000000"):
        answer = await browser.post(f"{HERE}/confirm", {"key_id": key_id, "code": "123456"})
        assert answer.location == HERE
    assert not await totp.is_on(meera.id)


async def test_a_wrong_code_keeps_the_key_and_says_so_at_the_field(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    key, page = await _set_up(browser)
    key_id = page.one("#key_id")["value"]

    for wrong in ("", "12345", "000000", "abcdef"):
        again = await browser.post(f"{HERE}/confirm", {"key_id": key_id, "code": wrong})
        assert again.status_code == 422
        assert again.error_of("code")
        assert _key_of(again) == key
    assert await happened("SECOND_STEP_TURNED_ON") == 0
    assert (
        await browser.post(f"{HERE}/confirm", {"key_id": key_id, "code": code_of(key)})
    ).status_code == 200


async def test_each_set_up_shows_a_key_of_its_own_and_the_one_before_is_good_no_more(
    browser: Browser,
) -> None:
    """Whoever saw a key over somebody's shoulder, or in another window, knows nothing of the one in use."""
    meera = await a_doctor()
    await browser.signed_in(meera)
    seen, page = await _set_up(browser)

    key, _page = await _set_up(browser)

    assert key != seen
    form = {"key_id": page.one("#key_id")["value"], "code": code_of(seen)}
    assert (await browser.post(f"{HERE}/confirm", form)).location == HERE
    assert await happened("SECOND_STEP_TURNED_ON") == 0


async def test_turning_it_on_twice_is_turning_it_on_once(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    key, page = await _set_up(browser)
    form = {"key_id": page.one("#key_id")["value"], "code": code_of(key)}

    await browser.post(f"{HERE}/confirm", form)
    again = await browser.post(f"{HERE}/confirm", form)

    assert again.location == HERE
    assert await totp.codes_left(meera.id) == 10
    begun = await browser.post(HERE, {"password": PASSWORD})
    assert begun.status_code == 409
    assert "on already" in begun.text


async def _with_second_step(browser: Browser) -> tuple[Cast, str, list[str]]:
    """Somebody who turned it on while logged in here."""
    meera = await a_doctor()
    await browser.signed_in(meera)
    key, page = await _set_up(browser)
    form = {"key_id": page.one("#key_id")["value"], "code": code_of(key)}
    codes = _codes_of(await browser.post(f"{HERE}/confirm", form))
    await a_step_begins(4)
    return meera, key, codes


@pytest.mark.parametrize("act", ["codes", "off"])
async def test_what_weakens_it_wants_password_and_code(browser: Browser, act: str) -> None:
    meera, key, codes = await _with_second_step(browser)
    good: dict[str, Any] = {"password": PASSWORD, "code": code_of(key)}

    for field, wrong in (("password", "not-this-one"), ("password", ""), ("code", "000000"), ("code", "")):
        answer = await browser.post(f"{HERE}/{act}", {**good, field: wrong})
        assert answer.status_code == 422
        assert answer.error_of(field)
    assert await totp.is_on(meera.id)
    assert await totp.codes_left(meera.id) == len(codes)
    assert (await browser.post(f"{HERE}/{act}", good)).status_code in (200, 303), (
        "a wrong password cost no code"
    )


async def test_new_codes_are_shown_once_and_the_old_ones_are_over(browser: Browser) -> None:
    meera, key, old = await _with_second_step(browser)
    assert "no longer work" in (await browser.get(f"{HERE}/codes")).text

    page = await browser.post(f"{HERE}/codes", {"password": PASSWORD, "code": code_of(key)})

    new = _codes_of(page)
    assert len(new) == 10 and not set(new) & set(old)
    assert await happened("RECOVERY_CODES_RENEWED") == 1
    assert not await totp.check(meera.id, old[0])
    assert await totp.check(meera.id, new[0])


async def test_it_is_turned_off_by_a_recovery_code_too(browser: Browser) -> None:
    meera, _, codes = await _with_second_step(browser)

    answer = await browser.post(f"{HERE}/off", {"password": PASSWORD, "code": codes[0].lower()})

    assert "The second step is off." in (await browser.follow(answer)).text
    assert await happened("SECOND_STEP_TURNED_OFF") == 1
    assert not await totp.is_on(meera.id)
    for act in ("codes", "off"):
        assert (await browser.get(f"{HERE}/{act}")).location == HERE
        assert (
            await browser.post(f"{HERE}/{act}", {"password": PASSWORD, "code": codes[1]})
        ).status_code != 200


async def test_guesses_of_the_code_come_to_an_end(browser: Browser) -> None:
    meera, key, _ = await _with_second_step(browser)
    for _ in range(30):
        answer = await browser.post(f"{HERE}/off", {"password": PASSWORD, "code": "000000"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (
        await browser.post(f"{HERE}/off", {"password": PASSWORD, "code": code_of(key)})
    ).status_code == 429
    assert await totp.is_on(meera.id)


async def test_a_few_codes_left_are_said_to_be_few(browser: Browser) -> None:
    meera, _, codes = await _with_second_step(browser)
    assert "Make new recovery codes soon" not in (await browser.get(HERE)).text
    for code in codes[:8]:
        assert await totp.check(meera.id, code)
    page = await browser.get(HERE)
    assert "2 left" in page.text and "Make new recovery codes soon" in page.text


async def test_patients_are_not_offered_it(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    for act in ("", "/confirm", "/codes", "/off"):
        assert (await browser.get(HERE + act)).status_code == 403
        assert (await browser.post(HERE + act, {"password": PASSWORD})).status_code == 403
    assert HERE not in (await browser.get("/me/security")).response.text


async def test_other_sessions_are_over_when_it_is_turned_on(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    other = {name: browser.client.cookies[name] for name in ("access", "refresh")}
    await browser.signed_in(meera)
    await turned_on(meera)
    browser.client.cookies.update(other)
    assert (await browser.get("/me")).location.startswith("/login")
