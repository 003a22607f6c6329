"""Pages left open: what was saved meanwhile in another window is not replaced unseen."""

import pytest

from app.db.engine import execute
from app.directory.queries import policies_of, services_of
from app.directory.services import retire_service
from app.events.actor import SYSTEM
from tests.browser import Answer, Browser
from tests.factories import a_doctor, a_service, a_slot, clinic_day


def _typed(page: Answer, **changed: str) -> dict[str, str]:
    """What a page's form sends, as a browser would, with some fields written anew."""
    fields = {
        str(one["name"]): str(one.get("value", "")) for one in page.html.select("main .form input[name]")
    }
    fields |= {str(one["name"]): one.text.strip("\n") for one in page.html.select("main .form textarea")}
    fields |= {
        str(one["name"]): str(one["value"])
        for one in page.html.select("main .form input[type=radio][checked]")
    }
    for box in page.html.select("main .form input[type=checkbox]:not([checked])"):
        fields.pop(str(box["name"]), None)
    return {name: value for name, value in fields.items() if name != "_csrf_token"} | changed


async def test_a_service_changed_meanwhile_is_saved_only_after_a_look_at_both(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    path = f"/doctor/services/{meera.service_id}"
    stale = await browser.get(path)
    await browser.post(path, _typed(await browser.get(path), fee_paise="700"))

    asked = await browser.post(path, _typed(stale, category="Checks"))

    assert asked.status_code == 409
    assert "was changed meanwhile" in asked.one("#notice").text
    assert [[cell.text for cell in row.select("th, td")] for row in asked.html.select("tbody tr")] == [
        ["Category", "empty", "Checks"],
        ["Fee in rupees", "700", "500"],
    ]
    assert asked.one("#category")["value"] == "Checks"
    (kept,) = await services_of(meera.practice_id)
    assert (kept.fee_paise, kept.category) == (70_000, "")

    assert (await browser.post(path, _typed(asked))).location == "/doctor/services"
    (kept,) = await services_of(meera.practice_id)
    assert (kept.fee_paise, kept.category) == (50_000, "Checks")


async def test_the_same_form_sent_twice_is_saved(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    path = f"/doctor/services/{meera.service_id}"
    sent = _typed(await browser.get(path), fee_paise="700")
    assert [(await browser.post(path, sent)).status_code for _ in range(2)] == [303, 303]


async def test_rules_changed_meanwhile_are_shown_beside_what_is_written(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    stale = await browser.get("/doctor/rules")
    await execute("UPDATE practices SET calendar_days = 30, lead_minutes = 240")

    asked = await browser.post("/doctor/rules", _typed(stale, lead_minutes="120", walk_in_percent="10"))

    assert asked.status_code == 409
    assert [row.th.text for row in asked.html.select("tbody tr") if row.th][1:] == [
        "How many days ahead patients can book",
        "Share of the times kept for walk-ins, in percent",
    ]
    assert asked.html.select("tbody td")[0].text == "4 hours"
    assert (await policies_of(meera.practice_id)).calendar_days == 30
    again = await browser.post("/doctor/rules", _typed(asked, lead_minutes="120"))
    assert again.status_code == 303
    assert (await policies_of(meera.practice_id)).walk_in_percent == 10


async def test_a_profile_changed_meanwhile_is_not_replaced_unseen(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())
    stale = await browser.get("/doctor/profile")
    await browser.post("/doctor/profile", _typed(await browser.get("/doctor/profile"), about="A.\r\nB."))

    asked = await browser.post("/doctor/profile", _typed(stale, designation="Consultant"))

    assert asked.status_code == 409
    assert asked.one("#designation")["value"] == "Consultant"
    assert "A.\nB." in asked.one("tbody").text
    assert (await browser.post("/doctor/profile", _typed(asked))).status_code == 303


async def test_a_form_that_is_wrong_still_knows_what_it_had_seen(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    path = f"/doctor/services/{meera.service_id}"
    stale = await browser.get(path)
    await browser.post(path, _typed(await browser.get(path), fee_paise="700"))

    wrong = await browser.post(path, _typed(stale, duration_minutes="x"))

    assert wrong.status_code == 422
    assert (await browser.post(path, _typed(wrong, duration_minutes="20"))).status_code == 409


@pytest.mark.parametrize("act", ["", "/retire", "/move"])
async def test_a_service_retired_meanwhile_leads_back_to_the_list(browser: Browser, act: str) -> None:
    meera = await a_doctor()
    old = await a_service(meera.practice_id, name="Follow-up", position=1)
    await browser.signed_in(meera)
    sent = _typed(await browser.get(f"/doctor/services/{old}"))
    await retire_service(old, practice_id=meera.practice_id, by=SYSTEM)

    answer = await browser.post(f"/doctor/services/{old}{act}", {**sent, "way": "up"})
    assert answer.location == "/doctor/services"
    words = "You offer it no longer" if act == "/retire" else "was changed or retired meanwhile"
    assert words in (await browser.follow(answer)).one("#notice").text

    if act != "/move":
        shown = await browser.follow(await browser.get(f"/doctor/services/{old}{act}"))
        assert "was changed or retired meanwhile" in shown.one("#notice").text


async def test_a_name_that_is_too_long_is_said_to_be(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    typed = _typed(await browser.get(f"/doctor/services/{meera.service_id}"), name="x" * 121)
    answer = await browser.post(f"/doctor/services/{meera.service_id}", typed)
    assert answer.error_of("name").endswith("Use up to 120 letters.")


async def test_the_week_says_what_is_on_offer_besides_it(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    assert "by hand are on offer" not in (await browser.get("/doctor/week")).one("#preview").text
    for ahead in (2, 3):
        await a_slot(meera, days_ahead=ahead)

    page = await browser.get("/doctor/week")

    assert "2 times added by hand are on offer besides these." in page.one("#preview").text
    assert page.one("#preview a")["href"] == f"/doctor/availability?day={clinic_day(2)}"
