"""What search engines, chats and robots are told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from xml.etree import ElementTree

import httpx
import pytest
from PIL import Image

from app.db.engine import DB, execute
from app.directory.services import change_profile
from app.events.actor import SYSTEM
from app.settings import ROOT, settings
from tests.browser import Answer, Browser
from tests.factories import a_doctor, a_patient, a_service, a_slot

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def _meta(page: Answer, name: str) -> str:
    return str(page.one(f'meta[property="{name}"], meta[name="{name}"]')["content"])


def _about(page: Answer) -> dict[str, object]:
    about: dict[str, object] = json.loads(page.one('script[type="application/ld+json"]').get_text())
    return about


async def test_the_site_map_names_every_page_worth_finding(api: httpx.AsyncClient) -> None:
    meera, arjun = await a_doctor(), await a_doctor("Dr Arjun")

    answer = await api.get("/sitemap.xml")

    assert answer.headers["content-type"].startswith("application/xml")
    places = [place.text for place in ElementTree.fromstring(answer.text).iter(f"{NAMESPACE}loc")]
    assert set(places) == {
        f"{settings().base_url}{path}"
        for path in ("/", "/doctors", f"/doctors/{meera.slug}", f"/doctors/{arjun.slug}")
    }
    for place in places:
        assert (await api.get(str(place).removeprefix(settings().base_url))).status_code == 200


async def test_robots_keep_out_of_what_is_somebodys_own(api: httpx.AsyncClient) -> None:
    answer = await api.get("/robots.txt")

    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/visits", "/checkout", "/me", "/appointments", "/doctor/", "/doctor$", "/api/"):
        assert f"Disallow: {path}" in lines
    assert f"Sitemap: {settings().base_url}/sitemap.xml" in lines
    disallowed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    assert not [path for path in disallowed if "/doctors".startswith(path.rstrip("$")) and path[-1] != "$"]


@pytest.mark.parametrize("path", ["/", "/doctors", "doctor"])
async def test_a_link_in_a_chat_shows_what_it_leads_to(browser: Browser, path: str) -> None:
    meera = await a_doctor()
    await a_doctor("Dr Arjun")

    page = await browser.get(f"/doctors/{meera.slug}" if path == "doctor" else path)

    title = page.one("title").get_text()
    assert _meta(page, "og:title") and title.startswith(_meta(page, "og:title"))
    assert _meta(page, "og:description") == _meta(page, "description")
    assert _meta(page, "og:url") == page.one('link[rel="canonical"]')["href"]
    assert _meta(page, "og:image").startswith(f"{settings().base_url}/static/preview.png")
    assert _meta(page, "twitter:card") == "summary_large_image"


async def test_a_doctor_with_a_photo_is_shown_by_it(browser: Browser) -> None:
    meera, key = await a_doctor(), "0123456789abcdef" * 2
    await a_doctor("Dr Arjun")
    await execute("INSERT INTO photos (key, user_id, created_at) VALUES ($1,$2,now())", key, meera.id)

    page, listed = await browser.get(f"/doctors/{meera.slug}"), await browser.get("/doctors", q="meera")

    assert _meta(page, "og:image") == f"{settings().base_url}/photos/{key}/256.webp" == _about(page)["image"]
    assert _meta(page, "twitter:card") == "summary"
    assert page.one("img.avatar")["src"] == f"/photos/{key}/256.webp"
    face = listed.one(".card img.avatar")
    assert (face["src"], face["loading"], face["alt"]) == (f"/photos/{key}/96.webp", "lazy", "")


async def test_the_picture_is_small_and_of_the_size_that_is_asked_for(api: httpx.AsyncClient) -> None:
    answer = await api.get("/static/preview.png")

    assert answer.status_code == 200 and len(answer.content) <= 40 * 1024
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)
    assert (ROOT / "static/preview.png").read_bytes() == answer.content


async def test_machines_read_who_the_doctor_is(browser: Browser) -> None:
    meera = await a_doctor()
    await a_service(meera.practice_id, name="Check-up", fee_paise=1_20_000, position=1)
    await change_profile(
        meera.doctor_id,
        designation="Physician",
        qualifications="MBBS",
        registration_number="MMC 1",
        about="",
        languages=["Hindi", "Marathi"],
        by=SYSTEM,
    )

    about = _about(await browser.get(f"/doctors/{meera.slug}"))

    assert (about["@type"], about["name"]) == ("Physician", "Dr Meera")
    assert about["url"] == f"{settings().base_url}/doctors/{meera.slug}"
    assert about["medicalSpecialty"] == "General medicine"
    assert about["knowsLanguage"] == ["Hindi", "Marathi"]
    assert about["priceRange"] == "₹500 – ₹1,200"
    assert about["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "12 MG Road",
        "addressLocality": "Pune",
        "postalCode": "411001",
        "addressCountry": "IN",
    }
    assert "aggregateRating" not in about


async def test_a_rating_is_told_when_there_is_one(browser: Browser) -> None:
    meera = await a_doctor()
    await execute("UPDATE doctors SET stars_total = 9, reviews_count = 2")

    about = _about(await browser.get(f"/doctors/{meera.slug}"))

    assert about["aggregateRating"] == {"@type": "AggregateRating", "ratingValue": 4.5, "reviewCount": 2}


async def test_a_name_cannot_leave_the_data_for_machines(browser: Browser) -> None:
    name = "</script><script>alert(1)</script>&\u2028'\""
    meera = await a_doctor(name)

    page = await browser.get(f"/doctors/{meera.slug}")

    assert "<script>alert" not in page.response.text
    assert _about(page)["name"] == name


# how often the database is asked

NOT_ASKED_BY_PAGES = ("clock_shift", "RESET ALL")
"""The clock that tests move, and how the pool tidies a connection that it takes back."""


@contextmanager
def asked_of_the_database() -> Iterator[list[str]]:
    """What the app asks the database meanwhile."""
    asked: list[str] = []
    assert DB.pool is not None

    def note(record: object) -> None:
        query = str(getattr(record, "query", ""))
        if not any(words in query for words in NOT_ASKED_BY_PAGES):
            asked.append(query)

    connections = [holder._con for holder in DB.pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    yield asked
    for connection in connections:
        connection.remove_query_logger(note)


@pytest.mark.parametrize(
    "path", ["/doctors?q=meera&sort=soonest", "/doctors/{slug}", "/doctors/{slug}/slots"]
)
@pytest.mark.parametrize("signed_in", [False, True], ids=["a stranger", "a patient"])
async def test_a_page_asks_the_database_three_times_at_most(
    browser: Browser, path: str, signed_in: bool
) -> None:
    meera = await a_doctor()
    await a_doctor("Dr Arjun")
    await a_slot(meera)
    if signed_in:
        await browser.signed_in(await a_patient())
    path = path.format(slug=meera.slug)
    assert (await browser.get(path)).status_code == 200

    with asked_of_the_database() as asked:
        page = await browser.get(path)

    assert page.status_code == 200
    assert 1 <= len(asked) <= 3, asked
