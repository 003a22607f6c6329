"""One's own security: where one is logged in, and who tried."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app import clock
from app.db.engine import execute, fetch_value
from tests.accounts.confirmations import happened
from tests.accounts.devices import ANDROID, a_device
from tests.browser import Browser
from tests.factories import Cast, a_doctor, a_patient, a_receptionist, an_admin

PHONE = "Chrome on Android"


async def a_try(
    person: Cast, result: str, *, minutes_ago: int = 0, address: str = "203.0.113.7", named: str = ANDROID
) -> None:
    """A line in somebody's log of tries."""
    await execute(
        "INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, result) "
        "VALUES ($1, $2, $3, '', $4, $5, $6)",
        uuid4(),
        clock.now() - timedelta(minutes=minutes_ago),
        person.id,
        address,
        named,
        result,
    )


async def _open_sessions(person: Cast) -> int:
    return int(
        await fetch_value("SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL", person.id)
    )


async def test_everybody_finds_the_way_from_me_to_every_lock(browser: Browser) -> None:
    meera = await a_doctor()
    for person in (await a_patient(), meera, await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        assert (await browser.get("/me")).one('a[href="/me/security"]')
        assert (await browser.get("/me")).one('a[href="/me/data"]')
        hub = await browser.get("/me/security")
        ways = {str(link["href"]) for link in hub.html.select("main a")}
        own = {"/me/security/devices", "/me/security/log-ins", "/me/security/second-step"}
        assert own & ways == (own if person.role != "patient" else own - {"/me/security/second-step"})
        for way in ways:
            assert (await browser.get(way)).status_code == 200, way


async def test_devices_are_named_and_this_one_comes_first(browser: Browser) -> None:
    asha = await a_patient()
    await a_device(asha)
    await a_device(asha, named="curl/8", is_signed_in=False, address="2001:db8::1")
    await a_device(await a_patient("Vikram"), address="198.51.100.9")
    await browser.signed_in(asha)

    page = await browser.get("/me/security/devices")

    inside, outside = page.html.select("ul.listed")
    this, phone = inside.select("li")
    (program,) = outside.select("li")
    assert "This device" in this.get_text() and not this.select("a")
    assert "Last used: now" in this.get_text() and "now" not in phone.get_text()
    assert PHONE in phone.get_text() and "203.0.113.7" in phone.get_text()
    assert "we do not know" in program.get_text() and "2001:db8::1" in program.get_text()
    assert "198.51.100.9" not in page.text
    assert "2 logged in" in (await browser.get("/me/security")).text


async def test_one_device_is_ended_after_a_question_and_this_one_stays(browser: Browser) -> None:
    asha = await a_patient()
    phone = await a_device(asha)
    await browser.signed_in(asha)

    asked = await browser.get(f"/me/security/devices/{phone}/end")
    assert "Log this device out?" in asked.text and PHONE in asked.text
    assert await _open_sessions(asha) == 2, "asking ends nothing"
    answer = await browser.post(f"/me/security/devices/{phone}/end")

    assert answer.location == "/me/security/devices"
    page = await browser.follow(answer)
    assert "That device is logged out." in page.text and PHONE not in page.text
    assert await _open_sessions(asha) == 1
    assert await happened("DEVICE_ENDED") == 1
    for again in (
        await browser.get(f"/me/security/devices/{phone}/end"),
        await browser.post(f"/me/security/devices/{phone}/end"),
    ):
        assert again.status_code == 404


async def test_somebody_elses_device_is_not_to_be_found(browser: Browser) -> None:
    asha = await a_patient()
    phone = await a_device(asha)
    await browser.signed_in(await a_patient("Vikram"))

    assert (await browser.get(f"/me/security/devices/{phone}/end")).status_code == 404
    assert (await browser.post(f"/me/security/devices/{phone}/end")).status_code == 404
    assert await _open_sessions(asha) == 1


async def test_all_other_devices_are_ended_at_once(browser: Browser) -> None:
    asha = await a_patient()
    for _ in range(3):
        await a_device(asha)
    vikram = await a_patient("Vikram")
    await a_device(vikram)
    await browser.signed_in(asha)

    assert "Every device but this one" in (await browser.get("/me/security/devices/end-others")).text
    page = await browser.follow(await browser.post("/me/security/devices/end-others"))

    assert "Every other device is logged out." in page.text
    assert (await _open_sessions(asha), await _open_sessions(vikram)) == (1, 1)
    assert (await browser.get("/me")).status_code == 200


async def test_ending_the_device_one_uses_leads_to_the_log_in(browser: Browser) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    here = await fetch_value("SELECT coalesce(device_id, id) FROM sessions WHERE user_id = $1", asha.id)

    assert "the device you are using now" in (await browser.get(f"/me/security/devices/{here}/end")).text
    answer = await browser.post(f"/me/security/devices/{here}/end")

    assert (await browser.follow(answer)).location.startswith("/login")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("entered", "Logged in"),
        ("wrong_password", "Wrong password"),
        ("second_step_asked", "Password right, code asked"),
        ("wrong_code", "Wrong code"),
        ("locked", "Refused, log-in was locked"),
        ("limited", "Refused, too many tries"),
        ("blocked", "Refused, account was blocked"),
    ],
)
async def test_each_try_says_when_where_on_what_and_what_became_of_it(
    browser: Browser, result: str, words: str
) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    await a_try(asha, result)
    await a_try(await a_patient("Vikram"), "wrong_code", address="198.51.100.9")

    page = await browser.get("/me/security/log-ins")

    newest = page.html.select("ul.listed > li")[0].get_text(" ")
    for part in (words, "203.0.113.7", PHONE, str(clock.day_of(clock.now(), clock.HOUSE_ZONE).year)):
        assert part in newest
    assert "198.51.100.9" not in page.text
    assert page.html.select('main a[href="/me/password"], main a[href*="password"]'), "the way out"


async def test_the_log_turns_its_pages(browser: Browser) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    for minutes in range(1, 46):
        await a_try(asha, "wrong_password", minutes_ago=minutes, address=f"192.0.2.{minutes}")

    first, last = await browser.get("/me/security/log-ins"), await browser.get("/me/security/log-ins", page=3)

    assert "Page 1 of 3" in first.text and "192.0.2.1" in first.text and "192.0.2.45" not in first.text
    assert "192.0.2.45" in last.text and len(last.html.select("ul.listed > li")) < 20
    for odd in ("0", "-1", "x", "99999", "9" * 400, "३"):
        assert (await browser.get("/me/security/log-ins", page=odd)).status_code == 200


async def test_an_empty_log_says_what_will_stand_there(browser: Browser) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    await execute("DELETE FROM log_in_tries")
    assert "Nothing here yet" in (await browser.get("/me/security/log-ins")).text


async def test_a_devices_own_name_is_never_shown_as_it_came(browser: Browser) -> None:
    asha = await a_patient()
    await a_device(asha, named="<script>alert(1)</script>")
    await browser.signed_in(asha)
    await a_try(asha, "wrong_password", named="<script>alert(1)</script>")
    for path in ("/me/security/devices", "/me/security/log-ins"):
        assert "alert(1)" not in (await browser.get(path)).response.text
