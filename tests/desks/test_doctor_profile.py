"""What a doctor says of herself, before approval and after."""

from gettext import NullTranslations

import pytest

from app.accounts.queries import get_user
from app.directory.queries import find_doctor_of_user, get_practice, policies_of
from app.directory.services import approve, change_practice
from app.events.actor import SYSTEM
from app.web import i18n
from tests.accounts.test_photos import PHOTO
from tests.accounts.uploads import a_photo, upload
from tests.booking.visits import acting
from tests.browser import Browser
from tests.factories import a_doctor, a_patient

TYPED = {
    "designation": "Senior  consultant",
    "qualifications": "MBBS, MD",
    "registration_number": "MMC 2012/04/1234",
    "about": "Treats grown-ups.\r\n\r\nListens.",
    "languages": ["Hindi", "Tamil"],
    "meeting_link": "https://meet.example/meera",
}


async def test_a_doctor_writes_the_profile_and_patients_read_it(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(meera)

    answer = await browser.post("/doctor/profile", TYPED)

    assert answer.location == "/doctor/profile"
    page = await browser.follow(answer)
    assert "Saved." in page.text
    assert page.one("#designation")["value"] == "Senior consultant"
    assert [box["value"] for box in page.html.select("input[name=languages][checked]")] == ["Hindi", "Tamil"]
    assert (await get_practice(meera.practice_id)).meeting_link == "https://meet.example/meera"
    shown = await browser.get(str(page.one("main p.quiet a")["href"]))
    for words in ("MBBS, MD", "Treats grown-ups.", "Tamil"):
        assert words in shown.text


async def test_paragraphs_and_breaks_stay_as_they_were_typed(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    await browser.post("/doctor/profile", {"about": "Fevers.\r\nCoughs.\r\n\r\nListens.\rAnswers."})

    shown = (await browser.get(f"/doctors/{meera.slug}")).html.select("#about p.whitespace-pre-line")
    assert [paragraph.text for paragraph in shown] == ["Fevers.\nCoughs.", "Listens.\nAnswers."]


async def test_a_break_counts_as_one_sign(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())
    lines = ["x" * 39] * 100
    assert len("\n".join(lines)) < 4000 < len("\r\n".join(lines))
    assert (await browser.post("/doctor/profile", {"about": "\r\n".join(lines)})).status_code == 303


async def test_of_a_doctor_who_wrote_nothing_nothing_is_said(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    page = await browser.get(f"/doctors/{meera.slug}")
    assert not page.html.select("#about, dl:empty")
    assert "About Dr Meera" not in page.text
    assert all(listed.select("dt") for listed in page.html.select("dl"))


async def test_languages_are_named_in_the_readers_language(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tamil(NullTranslations):
        def gettext(self, message: str) -> str:
            return {"Tamil": "தமிழ்"}.get(message, message)

    monkeypatch.setattr(i18n, "_catalogue", lambda _code: Tamil())
    meera = await a_doctor(languages=["Tamil", "Tulu"])
    await browser.signed_in(meera)

    assert "தமிழ், Tulu" in (await browser.get(f"/doctors/{meera.slug}")).text
    box = (await browser.get("/doctor/profile")).one("input[name=languages][value=Tamil]")
    assert box.parent is not None
    assert box.parent.text.strip() == "தமிழ்"
    found = await browser.get("/doctors", language="Tamil")
    assert "Speaks தமிழ்" in found.one("#results .chips").text
    assert found.one("select[name=language] option[value=Tamil]").text == "தமிழ்"


async def test_what_was_left_empty_becomes_empty(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    await browser.post("/doctor/profile", TYPED)
    await browser.post("/doctor/profile", {})
    doctor = await find_doctor_of_user(meera.id)
    assert doctor is not None
    assert (doctor.designation, doctor.about, doctor.languages) == ("", "", [])
    assert (await get_practice(meera.practice_id)).meeting_link == ""


async def test_the_rules_of_booking_stay_when_the_link_changes(browser: Browser) -> None:
    meera = await a_doctor()
    own = {"lead_minutes": 90, "calendar_days": None, "walk_in_percent": 20}
    await change_practice(meera.practice_id, meeting_link="", by=acting(meera), **own)  # type: ignore[arg-type]
    await browser.signed_in(meera)

    await browser.post("/doctor/profile", TYPED)

    kept = await policies_of(meera.practice_id)
    assert {name: getattr(kept, name) for name in own} == own


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("designation", "x" * 121),
        ("qualifications", "x" * 121),
        ("registration_number", "x" * 121),
        ("about", "x" * 4001),
        ("meeting_link", "http://meet.example"),
        ("meeting_link", "javascript:alert(1)"),
        ("meeting_link", "https://"),
        ("languages", ["Klingon"]),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    browser: Browser, field: str, typed: str
) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post("/doctor/profile", {**TYPED, field: typed})

    assert answer.status_code == 422
    assert answer.error_of(field)
    assert answer.one("#qualifications")["value"] == (typed if field == "qualifications" else "MBBS, MD")
    doctor = await find_doctor_of_user(meera.id)
    assert doctor is not None
    assert (doctor.qualifications, doctor.languages) == ("", [])
    assert (await get_practice(meera.practice_id)).meeting_link == ""


async def test_a_language_that_was_not_offered_is_refused_in_our_words(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())
    answer = await browser.post("/doctor/profile", {**TYPED, "languages": ["Klingon", "Hindi"]})
    assert answer.error_of("languages") == "Error: Please choose only from the list."


async def test_a_language_written_down_elsewhere_is_kept(browser: Browser) -> None:
    from app.db.engine import execute

    meera = await a_doctor()
    await execute("UPDATE doctors SET languages = '{Tulu,Hindi}' WHERE id = $1", meera.doctor_id)
    await browser.signed_in(meera)
    page = await browser.get("/doctor/profile")
    assert page.html.select_one("input[name=languages][value=Tulu][checked]")
    assert (await browser.post("/doctor/profile", {"languages": ["Tulu"]})).status_code == 303


async def test_before_approval_a_doctor_may_write_but_is_not_shown(browser: Browser) -> None:
    kabir = await a_doctor("Dr Kabir", approved=False)
    await browser.signed_in(kabir)

    page = await browser.get("/doctor/profile")
    assert "Nobody sees this yet." in page.text
    assert not page.html.select("#meeting_link, main p.quiet a")

    assert (await browser.post("/doctor/profile", TYPED)).status_code == 303
    doctor = await find_doctor_of_user(kabir.id)
    assert doctor is not None
    assert doctor.qualifications == "MBBS, MD"
    assert (await browser.get(f"/doctors/{doctor.slug}")).status_code == 404
    assert "Your practice is not open yet" in (await browser.get("/doctor/services")).text


async def test_the_photo_is_shown_and_the_way_back_leads_here(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    page = await browser.get("/doctor/profile")
    link = page.one("main .who a")
    assert (link.text, link["href"]) == ("Add a photo", "/me/photo?next=/doctor/profile")
    photo_page = await browser.get(str(link["href"]))
    assert "Everybody sees it beside your name." in photo_page.text

    answer = await upload(browser.client, PHOTO, next="/doctor/profile")

    assert answer.headers["location"] == "/doctor/profile"
    assert (await browser.get("/doctor/profile")).one("main img.avatar")
    public = await browser.get(f"/doctors/{meera.slug}")
    assert public.html.select_one("main img.avatar")


async def test_before_approval_only_the_doctor_sees_the_photo(browser: Browser) -> None:
    kabir = await a_doctor("Dr Kabir", approved=False)
    await browser.signed_in(kabir)
    photo_page = await browser.get("/me/photo")
    assert "Only you see it until patients can find you." in photo_page.text
    assert "Everybody sees it" not in photo_page.text

    await approve(kabir.doctor_id, by=SYSTEM)

    assert "Everybody sees it beside your name." in (await browser.get("/me/photo")).text
    assert (await get_user(kabir.id)).is_public


async def test_patients_see_the_photo_without_an_account(browser: Browser) -> None:
    meera = await a_doctor()
    key = await a_photo(meera)
    page = await browser.get(f"/doctors/{meera.slug}")
    assert page.html.select_one(f'main img[src^="/photos/{key}/"]')


async def test_only_doctors_have_a_profile(browser: Browser) -> None:
    assert (await browser.get("/doctor/profile")).location.startswith("/login")
    await browser.signed_in(await a_patient())
    assert (await browser.get("/doctor/profile")).status_code == 403
