"""Home, the list of doctors, a doctor's page and its picker."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import brotli
import httpx
import pytest

from app.db.engine import execute
from app.directory.services import change_profile
from app.events.actor import SYSTEM
from app.web.render import assets
from tests.booking.visits import a_visit, hold_for
from tests.browser import PART, Answer, Browser
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot, clinic_day


async def _day_of_forty() -> CastDoctor:
    meera = await a_doctor("Dr Meera Kulkarni", minutes=15)
    for n in range(40):
        await a_slot(meera, at=f"{8 + n // 4:02}:{n % 4 * 15:02}", minutes=15)
    return meera


async def test_the_way_back_is_the_list_as_it_was_left(browser: Browser) -> None:
    doctor = await a_doctor()
    here = str(browser.client.base_url).rstrip("/")
    asked = "?q=skin&city=Pune&page=2"

    async def back(came_from: str) -> str:
        answer = await browser.client.get(f"/doctors/{doctor.slug}", headers={"Referer": came_from})
        return str(Answer(answer).one(".back a")["href"])

    assert await back(f"{here}/doctors{asked}") == f"/doctors{asked}"
    for elsewhere in (f"{here}/doctors", f"{here}/visits?page=2", f"https://other.example/doctors{asked}"):
        assert await back(elsewhere) == "/doctors"


def _slot_words(answer: object) -> list[str]:
    return [button.get_text(strip=True) for button in answer.html.select("#slot-picker button.slot")]  # type: ignore[attr-defined]


async def test_home_shows_doctors_and_when_they_are_free(browser: Browser) -> None:
    meera = await a_doctor()
    await a_slot(meera, at="16:30")

    answer = await browser.get("/")

    assert answer.status_code == 200
    assert "Dr Meera" in answer.text
    assert "₹500" in answer.text
    assert "4:30 pm" in answer.text
    assert answer.one('meta[name="description"]')["content"]


async def test_home_without_doctors_says_so(browser: Browser) -> None:
    assert "No doctors yet" in (await browser.get("/")).text


async def test_home_shows_a_patient_the_next_visit(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(meera), meera)

    answer = await (await browser.signed_in(asha)).get("/")

    assert answer.one(f'a[href="/visits/{visit.code}"]')
    assert "Your next visit" in answer.text and "Held, not paid yet" not in answer.text


async def test_home_never_calls_a_time_that_is_only_held_a_visit(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(meera), meera)
    await browser.signed_in(asha)

    alone = await browser.get("/")
    visit = await a_visit(asha, await a_slot(meera, days_ahead=2), meera)
    beside = await browser.get("/")

    assert alone.one(f'a[href="/checkout/{held.code}"]')
    assert "Held, not paid yet" in alone.text and "Your next visit" not in alone.text
    assert beside.one(f'a[href="/checkout/{held.code}"]') and beside.one(f'a[href="/visits/{visit.code}"]')


async def test_the_picker_opens_at_the_first_day_with_a_free_time(browser: Browser) -> None:
    meera = await a_doctor()
    for at in ("10:00", "12:00", "17:00"):
        await a_slot(meera, at=at, days_ahead=3)

    answer = await browser.get(f"/doctors/{meera.slug}")

    assert answer.one("a.day[aria-current]")["id"] == f"day-{clinic_day(3)}"
    assert _slot_words(answer) == ["10:00 am", "12:00 pm", "5:00 pm"]
    titles = [title.get_text() for title in answer.html.select(".slots-title")]
    assert titles == ["Morning", "Afternoon", "Evening"]
    assert len(answer.html.select("a.day")) == 7
    assert answer.one('link[rel="canonical"]')["href"].endswith(f"/doctors/{meera.slug}")
    assert "Dr Meera" in answer.one("title").get_text()


async def test_a_day_that_is_taken_up_leads_to_the_nearest_free_time(browser: Browser) -> None:
    meera = await a_doctor()
    await a_slot(meera, at="10:00", days_ahead=9)

    answer = await browser.get(f"/doctors/{meera.slug}/slots", day=str(clinic_day(1)))

    assert "No free times on this day." in answer.text
    nearest = next(link for link in answer.html.select("#slot-picker a") if "Nearest" in link.get_text())
    assert parse_qs(urlsplit(str(nearest["href"])).query)["day"] == [str(clinic_day(9))]


async def test_nothing_free_at_all_says_so(browser: Browser) -> None:
    meera = await a_doctor()

    answer = await browser.get(f"/doctors/{meera.slug}")

    assert answer.status_code == 200
    assert "No free times" in answer.text


async def test_a_doctor_without_services_is_not_booked_online(browser: Browser) -> None:
    meera = await a_doctor()
    await a_slot(meera)
    await execute("UPDATE services SET retired_at = now()")

    answer = await browser.get(f"/doctors/{meera.slug}", service=str(meera.service_id))

    assert answer.status_code == 200
    assert "No visits online just now" in answer.text
    assert _slot_words(answer) == []


async def test_week_links_walk_the_whole_calendar(browser: Browser) -> None:
    meera = await a_doctor()
    path, days = f"/doctors/{meera.slug}/slots", set()

    for _week in range(20):
        answer = await browser.get(path)
        days |= {str(day["id"]) for day in answer.html.select("a.day")}
        later = answer.html.select_one("#week-after")
        if later is None:
            break
        path = str(later["href"])

    assert days == {f"day-{clinic_day(n)}" for n in range(61)}
    assert answer.html.select_one("#week-before") is not None


@pytest.mark.parametrize(
    "query",
    [
        {"day": "yesterday"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": "2026-02-30"},
        {"service": "x"},
        {"service": str(uuid4())},
        {"day": "\x00", "service": "\x00"},
    ],
)
async def test_a_mistyped_address_gives_the_nearest_sense(browser: Browser, query: dict[str, str]) -> None:
    meera = await a_doctor()
    await a_slot(meera)

    for path in (f"/doctors/{meera.slug}", f"/doctors/{meera.slug}/slots"):
        answer = await browser.get(path, **query)
        assert answer.status_code == 200
        assert len(answer.html.select("a.day[aria-current]")) == 1


@pytest.mark.parametrize("path", ["/doctors/nobody", "/doctors/nobody/slots", "/doctors/%00", "/doctors/x/y"])
async def test_an_unknown_doctor_is_not_found(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


async def test_an_unapproved_doctor_is_not_found(browser: Browser, api: httpx.AsyncClient) -> None:
    meera = await a_doctor(approved=False)

    assert (await browser.get(f"/doctors/{meera.slug}")).status_code == 404
    assert (await api.get(f"/api/doctors/{meera.doctor_id}")).status_code == 404
    assert (await api.get("/api/doctors")).json()["total"] == 0


async def test_a_longer_service_is_offered_only_where_all_of_it_is_free(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    long = await a_service(meera.practice_id, name="Check-up", minutes=60, position=1)
    slots = [await a_slot(meera, at=at) for at in ("10:00", "10:30", "11:00", "11:30")]
    await hold_for(asha, slots[1], meera)

    answer = await browser.get(f"/doctors/{meera.slug}/slots", day=clinic_day(1), service=long)

    assert _slot_words(answer) == ["11:00 am"]
    assert answer.one("#slot-picker input[name=service]")["value"] == str(long)
    for day in answer.html.select("a.day"):
        assert parse_qs(urlsplit(str(day["href"])).query)["service"] == [str(long)]


async def test_a_stranger_is_led_to_log_in_and_a_patient_posts(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    await a_slot(meera)

    form = "main form:has(#slot-picker)"
    stranger = (await browser.get(f"/doctors/{meera.slug}")).one(form)
    patient = (await (await browser.signed_in(asha)).get(f"/doctors/{meera.slug}")).one(form)

    assert (stranger["method"], stranger["action"]) == ("get", "/checkout/new")
    assert (patient["method"], patient["action"]) == ("post", "/checkout")
    assert patient.select_one("input[name=_csrf_token]")


async def test_a_doctor_who_looks_is_told_who_books(browser: Browser) -> None:
    meera = await a_doctor()

    answer = await (await browser.signed_in(meera)).get(f"/doctors/{meera.slug}")

    assert "Patients book here" in answer.text


async def test_the_part_is_the_inside_of_the_region_and_the_same_for_everybody(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    await a_slot(meera)
    path = f"/doctors/{meera.slug}/slots"

    for_a_stranger = await browser.get(path, part=True)
    for_asha = await (await browser.signed_in(asha)).get(path, part=True)

    assert for_a_stranger.response.text == for_asha.response.text
    assert "<html" not in for_asha.response.text
    assert "_csrf_token" not in for_asha.response.text
    assert 'id="slot-picker"' not in for_asha.response.text
    assert "10:00 am" in for_asha.text
    assert for_asha.side_part("picked").endswith(": 1 free"), "said by a screen reader"


async def test_what_a_doctor_says_of_herself_is_shown_and_never_run(browser: Browser) -> None:
    meera = await a_doctor("<b>Dr Meera</b>")
    await change_profile(
        meera.doctor_id,
        designation="Physician",
        qualifications="MBBS",
        registration_number="MMC 1",
        about="One.\n\n<script>alert(1)</script>",
        languages=["Hindi"],
        by=SYSTEM,
    )

    answer = await browser.get(f"/doctors/{meera.slug}")

    assert "<script>alert(1)" not in answer.response.text
    assert "<b>Dr" not in answer.response.text
    for words in ("One.", "MBBS", "MMC 1", "Hindi", "12 MG Road"):
        assert words in answer.text


async def test_the_slot_page_is_small_enough_for_a_slow_phone(browser: Browser) -> None:
    meera = await _day_of_forty()
    path = f"/doctors/{meera.slug}/slots"

    whole = await browser.client.get(path, headers={"Accept-Encoding": "br"})
    part = await browser.client.get(path, headers={"Accept-Encoding": "br", **PART})
    css = assets().files["app.css"].bodies["br"]

    assert whole.headers["content-encoding"] == "br"
    assert whole.text.count('class="slot"') == part.text.count('class="slot"') == 40
    assert int(whole.headers["content-length"]) + len(css) <= 14 * 1024
    assert int(part.headers["content-length"]) <= 3 * 1024
    assert len(brotli.compress(whole.content)) <= int(whole.headers["content-length"]) + 512
