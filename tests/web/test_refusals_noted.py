"""Who is refused what is written down, and what a log-out leaves behind."""

import logging

import pytest

from tests.browser import Browser
from tests.factories import a_patient


@pytest.fixture
def noted(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "app.web.errors")
    return caplog


async def test_a_door_that_stays_shut_is_noted_with_who_knocked(
    browser: Browser, noted: pytest.LogCaptureFixture
) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)

    assert (await browser.get("/doctor")).status_code == 403

    [line] = [record.getMessage() for record in noted.records if "refused" in record.getMessage()]
    assert line == f"refused status=403 slug=not-allowed method=GET route=/doctor account={asha.id}"


async def test_what_is_not_theirs_is_noted_without_naming_it(
    browser: Browser, noted: pytest.LogCaptureFixture
) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)

    assert (await browser.get("/visits/ZQ7ZQ7ZQ")).status_code == 404

    [line] = [record.getMessage() for record in noted.records if "refused" in record.getMessage()]
    assert f"account={asha.id}" in line
    assert "ZQ7" not in line


async def test_a_form_of_another_site_is_noted(browser: Browser, noted: pytest.LogCaptureFixture) -> None:
    answer = await browser.client.post("/login", data={}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert any("status=403" in record.getMessage() for record in noted.records)


async def test_a_log_out_leaves_no_page_to_go_back_to(browser: Browser) -> None:
    await browser.signed_in(await a_patient())

    answer = await browser.post("/logout")

    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert (await browser.follow(answer)).headers["cache-control"] == "no-store"
