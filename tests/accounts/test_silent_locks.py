"""What an owner reads whose account is shut in silence: on the page, and in the letter about it."""

from app.settings import settings
from tests.accounts.guessing import addresses, guess
from tests.browser import Browser
from tests.factories import a_patient, run_jobs
from tests.notifications.office import html_of, newest_to, text_of
from tests.surroundings import PostOffice

MOBILE = "+919876543210"
WAY_OUT = "Not let in though both are right?"


async def test_each_failure_names_the_link_and_a_page_nobody_tried_on_does_not(browser: Browser) -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    assert WAY_OUT not in (await browser.get("/login")).text
    for network in addresses(25):
        await guess(asha.email, address=network)

    page = await browser.post("/login", {"identifier": MOBILE, "password": asha.password})

    assert page.status_code == 422
    assert WAY_OUT in page.text
    assert page.one("p.quiet a[href='/login/trust']").text == "Send me a link"


async def test_the_letter_says_of_the_try_what_is_known_and_leads_to_all_of_them(
    post_office: PostOffice,
) -> None:
    asha = await a_patient("Asha")
    for _ in range(6):
        await guess(asha.email, address="203.0.113.7")
    await run_jobs()

    letter = newest_to(post_office, asha)
    for text in (text_of(letter), html_of(letter)):
        assert "This try did not get in." in text
        assert "Nobody got in" not in text
        assert f"{settings().base_url}/me/security/log-ins" in text
