"""Lines left for the next page, and the ways there."""

import json
from urllib.parse import quote

import httpx
import pytest

from app.settings import settings
from tests.browser import Browser
from tests.factories import a_patient

STRANGE = (
    json.dumps(["%(width)1000000000d", "done", {"width": 1}]),
    json.dumps(["%(missing)s", "done", {"other": 1}]),
    json.dumps(["%", "done", {"other": 1}]),
    '["\\ud800", "done", {}]',
    "[" * 3000,
    "[]",
)


async def test_a_line_left_for_the_next_page_is_shown_once(browser: Browser) -> None:
    await browser.signed_in(await a_patient())

    left = await browser.post("/me", {"name": "Asha Rao", "mobile": "", "language": "en"})

    assert "Saved." in (await browser.follow(left)).text
    assert "Saved." not in (await browser.get("/me")).text


@pytest.mark.parametrize("seal", ["", "0" * 64 + ".", "ü."])
@pytest.mark.parametrize("left", [json.dumps(["Pay here instead", "done", {}]), *STRANGE])
async def test_a_line_we_did_not_leave_is_not_shown(api: httpx.AsyncClient, left: str, seal: str) -> None:
    answer = await api.get("/login", headers={"Cookie": f"notice={quote(seal + left)}"})

    assert answer.status_code == 200
    assert "Pay here instead" not in answer.text


@pytest.mark.parametrize("kept", STRANGE)
async def test_an_address_we_did_not_keep_is_forgotten(api: httpx.AsyncClient, kept: str) -> None:
    name = "__Host-confirming" if settings().is_https else "confirming"

    answer = await api.get("/verify", headers={"Cookie": f"{name}={quote(kept)}"})

    assert answer.status_code == 200


async def test_the_way_on_is_kept_as_it_was_while_an_address_is_confirmed(browser: Browser) -> None:
    then = "/doctors?q=50%2541&city=Pune"
    typed = {"name": "Asha", "email": "asha%41@example.com", "mobile": "", "password": "a-good-long-one-7"}
    typed["notice"] = "y"

    await browser.post("/signup", {**typed, "next": then})
    page = await browser.get("/verify")

    assert page.one("[name=next]")["value"] == then
    assert typed["email"] in page.text


@pytest.mark.parametrize("part", [False, True])
async def test_the_way_on_may_hold_letters_of_any_script(browser: Browser, part: bool) -> None:
    asha = await a_patient()

    answer = await browser.post(
        "/login",
        {"identifier": asha.email, "password": asha.password, "next": "/doctors/मीरा?day=2026-12-01"},
        part=part,
    )

    way = "/doctors/%E0%A4%AE%E0%A5%80%E0%A4%B0%E0%A4%BE?day=2026-12-01"
    assert answer.headers["hx-redirect" if part else "location"] == way
