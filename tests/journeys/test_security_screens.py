"""The pages of one's own security fit every screen and read well, however long the words are."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import uuid4

import pytest
from playwright.async_api import Page, ViewportSize

from app import clock
from app.db.engine import execute
from tests.accounts.authenticator import a_step_begins, code_of
from tests.accounts.devices import a_device
from tests.factories import Cast, a_doctor, a_patient, a_person
from tests.journeys.conftest import DESK, PHONE, NewPage, screenshots
from tests.journeys.entering import log_in
from tests.journeys.test_screens import (
    OLD_PHONE,
    TABLET,
    assert_accessible,
    assert_fits,
)

LONG_NAME = "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/24 " + "X" * 150
TALLEST_BUTTON = "Math.max(...[...document.querySelectorAll('main .btn')].map(one => one.offsetHeight), 0)"
"""In pixels: one with a letter a line is a tower."""
ENDLESS = "W" * 120
LONG_ADDRESS = "2001:0db8:85a3:0000:0000:8a2e:0370:7334"
RESULTS = ("entered", "wrong_password", "second_step_asked", "wrong_code", "locked", "limited", "blocked")


async def _much_happened_to(person: Cast) -> str:
    """Devices and tries of every kind; the id of one of the devices."""
    email = f"{'meera' * 11}.{person.role[0]}@example.com"
    await execute("UPDATE users SET email = $2, name = $3 WHERE id = $1", person.id, email, ENDLESS)
    await execute("UPDATE persons SET name = $2 WHERE account_id = $1", person.id, ENDLESS)
    device_id = await a_device(person, named=LONG_NAME, address=LONG_ADDRESS)
    await a_device(person, named="curl/8", is_signed_in=False, address=LONG_ADDRESS)
    for result in RESULTS * 4:
        await execute(
            "INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, result) "
            "VALUES ($1, $2, $3, '', $4, $5, $6)",
            uuid4(),
            clock.now(),
            person.id,
            LONG_ADDRESS,
            LONG_NAME,
            result,
        )
    return str(device_id)


async def _walked(page: Page, person: Cast) -> AsyncIterator[str]:
    """Every page of one's security, one after the other, with a name for each."""
    await page.goto("/me/security/devices")
    yield "devices, none but this"
    device_id = await _much_happened_to(person)
    for name, path in {
        "me": "/me",
        "security": "/me/security",
        "devices": "/me/security/devices",
        "device end": f"/me/security/devices/{device_id}/end",
        "devices end": "/me/security/devices/end-others",
        "log-ins": "/me/security/log-ins",
    }.items():
        await page.goto(path)
        yield name
    if person.role == "patient":
        out, kept = await a_person(person.id, name=ENDLESS), await a_person(person.id, name=ENDLESS)
        await execute("UPDATE persons SET removed_at = $2 WHERE id = $1", out, clock.now())
        for path in ("/me/people", f"/me/people/{kept}", f"/me/people/{kept}/remove"):
            await page.goto(path)
            yield path
            assert await page.evaluate(TALLEST_BUTTON) < 120, path
    if person.role == "patient":
        return
    await page.goto("/me/security/second-step")
    yield "second step, before"
    await page.fill("#password", person.password)
    await page.click("text=Set it up")
    yield "set-up"
    key = "".join((await page.inner_text(".secret")).split())
    await page.fill("#code", "000000")
    await page.click("text=Turn it on")
    yield "set-up, wrong code"
    await page.fill("#code", code_of(key))
    await page.click("text=Turn it on")
    yield "recovery codes"
    await page.click("text=I have kept them")
    await execute("UPDATE recovery_codes SET used_at = created_at")
    await page.reload()
    yield "second step on"
    for name, path in {"codes": "codes", "off": "off"}.items():
        await page.goto(f"/me/security/second-step/{path}")
        yield f"second step {name}"
        await page.click("main form .btn-main, main form .btn-danger")
        yield f"second step {name}, nothing entered"


@pytest.mark.parametrize("size", [OLD_PHONE, PHONE, TABLET, DESK], ids=["320", "360", "768", "1280"])
async def test_nothing_lies_beside_the_screen(new_page: NewPage, size: ViewportSize) -> None:
    await a_step_begins(1)
    for person in (await a_doctor(), await a_patient()):
        page = await new_page(size=size)
        await log_in(page, person)
        async for name in _walked(page, person):
            await assert_fits(page, size, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
async def test_axe_finds_nothing_to_complain_of(
    new_page: NewPage, scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    await a_step_begins(1)
    for person in (await a_doctor(), await a_patient()):
        page = await new_page(size=size)
        await page.emulate_media(color_scheme=scheme)
        await log_in(page, person)
        async for name in _walked(page, person):
            await assert_accessible(page, name)
            if folder := screenshots():
                picture = f"security {person.role} {name} {size['width']} {scheme}.png"
                await page.screenshot(path=folder / picture, full_page=True)
