"""The privacy notice: short, in two languages, and who accepted which version of it."""

import pytest

from app.accounts.records import consents_of
from app.accounts.rules import NOTICE_LANGUAGES, NOTICE_VERSION
from app.accounts.services import accept_notice
from app.errors import Invalid
from app.events.queries import events_of
from tests.browser import Browser
from tests.desks.privacy.entering import entered
from tests.factories import a_patient

MOST_WORDS = 300


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
async def test_the_notice_is_short_and_says_its_version_in_each_language(
    browser: Browser, language: str
) -> None:
    answer = await browser.get("/privacy", language=language)

    assert answer.status_code == 200
    article = answer.one("article")
    assert article["lang"] == language
    words = article.get_text(" ").split()
    assert 100 < len(words) <= MOST_WORDS
    assert f" {NOTICE_VERSION}, 21/11/2026" in answer.text


async def test_a_language_nobody_wrote_is_answered_in_english(browser: Browser) -> None:
    assert (await browser.get("/privacy", language="tlh")).one("article")["lang"] == "en"


async def test_every_page_leads_to_the_notice(browser: Browser) -> None:
    assert (await browser.get("/login")).one("footer a[href='/privacy']")


async def test_a_version_is_accepted_once_and_written_down_with_language_and_place(browser: Browser) -> None:
    asha = await a_patient()

    await accept_notice(asha.id, language="hi", through="page")
    await accept_notice(asha.id, language="en", through="api")

    (consent,) = await consents_of(asha.id)
    assert (consent.notice_version, consent.language, consent.through) == (NOTICE_VERSION, "hi", "page")
    assert [event.name for event in await events_of(asha.id)] == ["NOTICE_ACCEPTED"]
    data = await (await entered(browser, asha)).get("/me/data")
    assert f"version {NOTICE_VERSION}, accepted on" in data.text


async def test_a_notice_in_a_language_it_is_not_written_in_cannot_be_accepted() -> None:
    asha = await a_patient()

    with pytest.raises(Invalid) as refusal:
        await accept_notice(asha.id, language="tlh", through="page")

    assert "language" in refusal.value.fields
    assert await consents_of(asha.id) == []
