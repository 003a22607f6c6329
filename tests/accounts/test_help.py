"""Whom the foot of a page sends people to for help: somebody they have, and not themselves."""

from tests.browser import Browser
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, an_admin

TO_THE_ADMINISTRATOR = "Tell the administrator of your clinic."


async def test_who_has_no_slip_is_not_sent_to_one(browser: Browser) -> None:
    for path in ("/", "/login", "/signup"):
        foot = (await browser.get(path)).one("footer").get_text()
        assert "Ask the desk of your clinic." in foot and "slip" not in foot


async def test_a_patient_hears_where_the_number_of_the_clinic_stands(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    assert "its number stands on every slip" in (await browser.get("/me")).one("footer").get_text()


async def test_staff_are_sent_to_the_administrator_and_the_administrator_to_somebody_else(
    browser: Browser,
) -> None:
    for who in (await a_doctor(), await a_receptionist(await a_clinic())):
        await browser.signed_in(who)
        assert TO_THE_ADMINISTRATOR in (await browser.get("/me")).one("footer").get_text()

    await browser.signed_in(await an_admin())
    for path in ("/me", "/admin/users", "/appointments"):
        foot = (await browser.get(path)).one("footer").get_text()
        assert TO_THE_ADMINISTRATOR not in foot
        assert "Tell whoever keeps Parchi running" in foot
