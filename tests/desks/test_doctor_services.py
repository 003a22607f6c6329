"""What a doctor offers: adding, changing, moving, retiring; visits booked before stay as they were."""

import pytest

from app.booking.queries import visit_by_id
from app.directory.queries import retired_services_of, services_of
from tests.accounts.confirmations import happened
from tests.booking.visits import a_visit
from tests.browser import Answer, Browser
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot

TYPED = {
    "name": "Follow-up",
    "category": "Consultation",
    "description": "Within a month.",
    "duration_minutes": "15",
    "fee_paise": "1,200.50",
    "mode": "video",
    "is_taxable": "y",
}


async def _names(doctor: CastDoctor) -> list[str]:
    return [service.name for service in await services_of(doctor.practice_id)]


def _rows(page: Answer, table: int = 0) -> list[str]:
    found = page.html.select("table")[table].select("tbody tr")
    return [" ".join(row.get_text(" ").split()) for row in found]


async def test_a_service_is_added_with_its_fee_to_the_paisa(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post("/doctor/services/new", TYPED)

    assert answer.location == "/doctor/services"
    page = await browser.follow(answer)
    assert "Added." in page.text
    assert "Follow-up Consultation" in _rows(page)[1]
    assert "15 min ₹1,200.50 incl. GST By video" in _rows(page)[1]
    _first, added = await services_of(meera.practice_id)
    assert (added.fee_paise, added.mode, added.is_taxable) == (120_050, "video", True)
    assert (await browser.get(f"/doctor/services/{added.id}")).one("#fee_paise")["value"] == "1200.50"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("category", "x" * 61),
        ("description", "x" * 4001),
        ("duration_minutes", ""),
        ("duration_minutes", "4"),
        ("duration_minutes", "481"),
        ("duration_minutes", "half an hour"),
        ("duration_minutes", "9" * 400),
        ("fee_paise", ""),
        ("fee_paise", "0.50"),
        ("fee_paise", "5,00,001"),
        ("fee_paise", "12,50"),
        ("fee_paise", "-5"),
        ("fee_paise", "9" * 12),
        ("mode", ""),
        ("mode", "by post"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_kept(browser: Browser, field: str, typed: str) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    for path in ("/doctor/services/new", f"/doctor/services/{meera.service_id}"):
        answer = await browser.post(path, {**TYPED, field: typed})

        assert answer.status_code == 422, path
        assert answer.error_of(field)
        if field in ("duration_minutes", "fee_paise"):
            assert answer.one(f"#{field}")["value"] == typed
        assert answer.one("#is_taxable").has_attr("checked")
    assert await _names(meera) == ["Consultation"]


async def test_what_a_service_includes_keeps_its_lines(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    await browser.post("/doctor/services/new", {**TYPED, "description": "A look.\r\nA talk."})
    page = await browser.get(f"/doctors/{meera.slug}")
    assert page.one(".listed p.whitespace-pre-line").text == "A look.\nA talk."


async def test_a_free_service_costs_nothing(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    assert (await browser.post("/doctor/services/new", {**TYPED, "fee_paise": "0"})).status_code == 303
    assert "15 min free" in _rows(await browser.get("/doctor/services"))[1]


async def test_a_change_leaves_a_booked_visit_as_it_was(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(meera), meera)
    await browser.signed_in(meera)

    answer = await browser.post(f"/doctor/services/{meera.service_id}", TYPED)

    page = await browser.follow(answer)
    assert "Visits booked before stay as they were." in page.text
    assert "Follow-up" in _rows(page)[0]
    assert "Consultation 30 min ₹500 At the clinic" in _rows(page, 1)[0]
    kept = await visit_by_id(visit.id)
    assert (kept.service_name, kept.minutes, kept.amount_paise) == ("Consultation", 30, 50_000)


async def test_a_service_is_retired_after_a_question_and_listed_then(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(meera), meera)
    await browser.signed_in(meera)

    asked = await browser.get(f"/doctor/services/{meera.service_id}/retire")
    assert "Visits booked for it stay as they were, with their time and their fee." in asked.text
    assert "It is the only service you offer" in asked.text
    assert await _names(meera) == ["Consultation"]

    for _twice in range(2):
        answer = await browser.post(f"/doctor/services/{meera.service_id}/retire")
        assert answer.location == "/doctor/services"
    page = await browser.follow(answer)
    assert "You offer no service" in page.text
    assert "Consultation" in _rows(page)[0]
    assert [one.id for one in await retired_services_of(meera.practice_id)] == [meera.service_id]
    assert (await visit_by_id(visit.id)).status == visit.status
    assert await happened("SERVICE_RETIRED") == 1
    assert (await browser.get(f"/doctor/services/{meera.service_id}")).location == "/doctor/services"


async def test_services_change_places_and_the_first_in_person_is_named(browser: Browser) -> None:
    meera = await a_doctor()
    review = await a_service(meera.practice_id, name="Review", position=1)
    await browser.signed_in(meera)
    page = await browser.get("/doctor/services")
    assert "Shown first" in _rows(page)[0]
    assert [button["value"] for button in page.html.select("button[name=way]")] == ["down", "up"]

    assert (await browser.post(f"/doctor/services/{review}/move", {"way": "up"})).status_code == 303
    assert await _names(meera) == ["Review", "Consultation"]
    await browser.post(f"/doctor/services/{review}/move", {"way": "up"})
    assert await _names(meera) == ["Review", "Consultation"]
    await browser.post(f"/doctor/services/{review}/move", {"way": "sideways"})
    assert await _names(meera) == ["Consultation", "Review"]


@pytest.mark.parametrize("act", ["", "/retire", "/move"])
async def test_another_doctors_service_is_not_to_be_found(browser: Browser, act: str) -> None:
    meera = await a_doctor("Dr Meera")
    arjun = await a_doctor("Dr Arjun", clinic_id=meera.clinic_id)
    await browser.signed_in(arjun)
    path = f"/doctor/services/{meera.service_id}{act}"
    if act != "/move":
        assert (await browser.get(path)).status_code == 404
    assert (await browser.post(path, {**TYPED, "way": "up"})).status_code == 404
    assert await _names(meera) == ["Consultation"]
