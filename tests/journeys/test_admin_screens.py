"""The administrator's pages of accounts, staff and log-ins fit every screen, however long the words are."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import uuid4

import pytest
from playwright.async_api import Page, ViewportSize

from app import clock
from app.accounts.services import block, change_role
from app.accounts.services.tries import RESULTS
from app.db.engine import execute
from app.events.actor import Actor
from tests.factories import Cast, a_clinic, a_doctor, a_patient, a_receptionist, an_admin, token_of
from tests.journeys.conftest import DESK, PHONE, NewPage, screenshots
from tests.journeys.entering import log_in
from tests.journeys.test_screens import (
    LONG_NAME,
    OLD_PHONE,
    TABLET,
    assert_accessible,
    assert_fits,
)

LONG_ADDRESS = "2001:0db8:85a3:0000:0000:8a2e:0370:7334"
LONG_DEVICE = "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/24 " + "X" * 150


async def _a_full_house(admin: Cast) -> tuple[Cast, Cast, Cast]:
    """A patient to whom much happened, a receptionist and a doctor, all with long names."""
    by = Actor(admin.id, admin.role)
    clinic = await a_clinic(LONG_NAME, city=LONG_NAME)
    asha, sunita = await a_patient(mobile="+919820012345"), await a_receptionist(clinic)
    doctor = await a_doctor()
    await change_role(asha.id, "reception", by=by)
    await change_role(asha.id, "patient", by=by)
    for result in RESULTS * 3:
        for user_id in (asha.id, None):
            await execute(
                "INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, result) "
                "VALUES ($1, $2, $3, '', $4, $5, $6)",
                uuid4(),
                clock.now(),
                user_id,
                LONG_ADDRESS,
                LONG_DEVICE,
                result,
            )
    await token_of(asha)
    await execute("UPDATE sessions SET address = $1, device = $2", LONG_ADDRESS, LONG_DEVICE)
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) VALUES ($1, $2, now(), now())",
        doctor.id,
        uuid4(),
    )
    for _each in range(30):
        await a_patient("Vikram")
    await block((await a_patient("Blocked")).id, why="Hello " * 80, by=by)
    await execute(
        "UPDATE users SET name = $1, email = substr(md5(email), 1, 8) || $2 WHERE role <> 'admin'",
        LONG_NAME,
        f"{'sunita' * 9}@example.com",
    )
    return asha, sunita, doctor


async def _walked(page: Page, admin: Cast) -> AsyncIterator[str]:
    """Every one of these pages, one after the other, with a name for each."""
    for name, path in {
        "nobody found": "/admin/users?q=nobody-of-this-name",
        "no log-ins": "/admin/log-ins?address=203.0.113.9",
        "staff alone": "/admin/staff",
    }.items():
        await page.goto(path)
        yield name
    asha, sunita, doctor = await _a_full_house(admin)
    for name, path in {
        "users": "/admin/users",
        "users of an odd role": "/admin/users?role=owner",
        "user": f"/admin/users/{asha.id}",
        "own account": f"/admin/users/{admin.id}",
        "doctor": f"/admin/users/{doctor.id}",
        "block": f"/admin/users/{doctor.id}/block",
        "log out": f"/admin/users/{asha.id}/log-out",
        "second step": f"/admin/users/{doctor.id}/second-step",
        "staff": "/admin/staff",
        "staff add": "/admin/staff/add",
        "staff member": f"/admin/staff/{sunita.id}",
        "staff of a doctor": f"/admin/staff/{doctor.id}",
        "staff remove": f"/admin/staff/{sunita.id}/remove",
        "log-ins": "/admin/log-ins",
    }.items():
        await page.goto(path)
        yield name
    await page.goto("/admin/users?state=blocked")
    await page.click("tbody th a")
    await page.wait_for_selector("text=Unblock")
    yield "blocked user"
    await page.goto("/admin/staff/add")
    await page.click("main form .btn-main")
    await page.wait_for_selector(".summary")
    yield "staff add, nothing entered"


@pytest.mark.parametrize("size", [OLD_PHONE, PHONE, TABLET, DESK], ids=["320", "360", "768", "1280"])
async def test_nothing_lies_beside_the_screen(new_page: NewPage, size: ViewportSize) -> None:
    admin, page = await an_admin("Venkatanarasimharaju"), await new_page(size=size)
    await log_in(page, admin)
    async for name in _walked(page, admin):
        await assert_fits(page, size, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
async def test_axe_finds_nothing_to_complain_of(
    new_page: NewPage, scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    admin, page = await an_admin(), await new_page(size=size)
    await page.emulate_media(color_scheme=scheme)
    await log_in(page, admin)
    async for name in _walked(page, admin):
        await assert_accessible(page, name)
        if folder := screenshots():
            await page.screenshot(path=folder / f"admin {name} {size['width']} {scheme}.png", full_page=True)


async def test_the_administrators_ways_fit_one_line_of_a_desk(new_page: NewPage) -> None:
    admin, page = await an_admin(), await new_page(size=DESK)
    await log_in(page, admin)

    tops = "[...document.querySelectorAll('.top-in > *')].map((it) => it.getBoundingClientRect().top)"
    assert len(set(await page.evaluate(tops))) == 1


async def test_filters_swap_the_list_in_place_and_stay_in_the_address(new_page: NewPage) -> None:
    admin, page = await an_admin(), await new_page(size=DESK)
    await a_patient("Asha")
    await a_patient("Vikram")
    await log_in(page, admin)
    await page.goto("/admin/users")

    await page.fill("#q", "asha")
    await page.click("#show")
    await page.wait_for_selector("text=1 account")

    assert await page.locator("tbody tr").count() == 1
    assert "q=asha" in page.url
