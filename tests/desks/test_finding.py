"""Finding a doctor: the search page, its filters, its pages, and what stands around them."""

from datetime import time
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from app import clock
from app.db.clock import set_clock
from app.db.engine import execute
from app.directory.services import change_profile
from app.events.actor import SYSTEM
from app.web.filters import short_day
from tests.browser import Answer, Browser
from tests.factories import KOLKATA, CastDoctor, a_doctor, a_patient, a_service, a_slot, clinic_day


async def _a_listed(
    name: str,
    *,
    followers: int = 0,
    stars: tuple[int, int] = (0, 0),
    speciality: str = "general_medicine",
    city: str = "Pune",
    languages: tuple[str, ...] = ("English",),
    fee_paise: int = 50_000,
) -> CastDoctor:
    """A doctor with followers; `stars` are their sum and how many gave any."""
    doctor = await a_doctor(name, speciality=speciality, city=city, languages=languages, fee_paise=fee_paise)
    await execute(
        "UPDATE doctors SET followers_count = $2, stars_total = $3, reviews_count = $4 WHERE id = $1",
        doctor.doctor_id,
        followers,
        *stars,
    )
    return doctor


def _names(answer: Answer) -> list[str]:
    return [heading.get_text() for heading in answer.html.select("a.card h2")]


def _chips(answer: Answer) -> dict[str, str]:
    """What was asked for, in words, and where it leads without."""
    return {
        link.get_text(" ", strip=True).removeprefix("Take away: ").removesuffix(" ✕"): str(link["href"])
        for link in answer.html.select("#results .chip, body > .chips .chip, .chips .chip")
    }


def _chosen(answer: Answer, field: str) -> str:
    return str(answer.one(f"#{field} option[selected]")["value"])


async def _three() -> None:
    await _a_listed("Dr Meera Kulkarni", languages=("English", "Marathi"), followers=5)
    await _a_listed("Dr Arjun Rao", speciality="dentistry", city="Mysuru", fee_paise=90_000, stars=(9, 2))
    await _a_listed("Dr Zoya Khan", speciality="dentistry", fee_paise=0, languages=("Urdu",), followers=1)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Dr Meera Kulkarni", "Dr Zoya Khan", "Dr Arjun Rao"]),
        ({"q": "kulkarni"}, ["Dr Meera Kulkarni"]),
        ({"q": "kulkarmi"}, ["Dr Meera Kulkarni"]),
        ({"q": "dentist mysuru"}, ["Dr Arjun Rao"]),
        ({"speciality": "dentistry"}, ["Dr Zoya Khan", "Dr Arjun Rao"]),
        ({"speciality": "magic"}, ["Dr Meera Kulkarni", "Dr Zoya Khan", "Dr Arjun Rao"]),
        ({"city": "mysuru"}, ["Dr Arjun Rao"]),
        ({"language": "Urdu"}, ["Dr Zoya Khan"]),
        ({"fee": "500"}, ["Dr Meera Kulkarni", "Dr Zoya Khan"]),
        ({"fee": "0"}, ["Dr Zoya Khan"]),
        ({"fee": "cheap"}, ["Dr Meera Kulkarni", "Dr Zoya Khan", "Dr Arjun Rao"]),
        ({"sort": "fee"}, ["Dr Zoya Khan", "Dr Meera Kulkarni", "Dr Arjun Rao"]),
        ({"sort": "rating"}, ["Dr Arjun Rao"]),
        ({"speciality": "dentistry", "city": "Pune"}, ["Dr Zoya Khan"]),
        ({"city": "Pune", "language": "Tamil"}, []),
    ],
)
async def test_the_list_shows_who_fits(browser: Browser, asked: dict[str, str], found: list[str]) -> None:
    await _three()

    names = _names(await browser.get("/doctors", **asked))

    assert names[: len(found)] == found
    assert len(names) == (3 if asked.get("sort") else len(found))


async def test_a_day_with_free_times_and_who_is_seen_soonest(browser: Browser) -> None:
    meera, arjun = await _a_listed("Dr Meera"), await _a_listed("Dr Arjun")
    await a_slot(meera, days_ahead=3)
    await a_slot(arjun, days_ahead=2)

    on_third = await browser.get("/doctors", day=clinic_day(3))
    soonest = await browser.get("/doctors", sort="soonest")
    long_ago = await browser.get("/doctors", day=clinic_day(-2))

    assert _names(on_third) == ["Dr Meera"]
    assert on_third.one("a.card")["href"] == f"/doctors/{meera.slug}?day={clinic_day(3)}"
    assert _names(soonest) == ["Dr Arjun", "Dr Meera"]
    assert len(_names(long_ago)) == 2 and not _chips(long_ago)


async def test_with_a_day_a_card_says_from_when_there_is_time_on_it(browser: Browser) -> None:
    meera = await _a_listed("Dr Meera")
    await _a_listed("Dr Other")
    await a_slot(meera, days_ahead=1, at="09:00")
    await a_slot(meera, days_ahead=3, at="16:30")

    on_third = (await browser.get("/doctors", day=clinic_day(3))).text
    any_day = (await browser.get("/doctors", q="meera")).text

    assert f"{short_day(clinic_day(3))}: free from 4:30 pm" in on_third and "9:00 am" not in on_third
    assert f"Next free: {short_day(clinic_day(1))}, 9:00 am" in any_day


async def test_a_clinic_far_west_is_found_on_its_own_today(browser: Browser) -> None:
    await set_clock(clock.at(clinic_day(1), time(8), KOLKATA))
    new_york = ZoneInfo("America/New_York")
    meera = await a_doctor("Dr Meera", zone=new_york.key)
    await _a_listed("Dr Other")
    await a_slot(meera, days_ahead=0, at="23:30", zone=new_york)
    there = clinic_day(0, new_york)

    found = await browser.get("/doctors", day=there)

    assert there < clinic_day(0)
    assert _names(found) == ["Dr Meera"] and "11:30 pm" in found.text


async def test_a_card_says_what_one_chooses_by(browser: Browser) -> None:
    meera = await _a_listed("Dr Meera", city="Mysuru", fee_paise=1_20_000, stars=(23, 5))
    await _a_listed("Dr Other")
    await a_service(meera.practice_id, name="Video", position=1, mode="video")
    await a_slot(meera, at="16:30", days_ahead=2)

    card = (await browser.get("/doctors", q="meera")).one("a.card")

    words = " ".join(card.get_text(" ").split())
    for said in (
        "Dr Meera",
        "General medicine · Physician",
        "Mysuru",
        "₹1,200",
        "4.6 of 5 stars",
        "5 reviews",
    ):
        assert said in words, said
    assert "also by video" in words and "4:30 pm" in words and "Next free" in words
    assert card["href"] == f"/doctors/{meera.slug}"


async def test_what_was_asked_for_is_kept_in_the_form_and_taken_away_one_by_one(browser: Browser) -> None:
    await _three()
    asked = {"q": "khan", "speciality": "dentistry", "city": "Pune", "language": "Urdu", "fee": "700"}

    page = await browser.get("/doctors", **asked, day=clinic_day(1), sort="fee")

    assert page.one("#q")["value"] == "khan"
    assert {field: _chosen(page, field) for field in ("speciality", "city", "language", "fee", "sort")} == {
        **{field: value for field, value in asked.items() if field != "q"},
        "sort": "fee",
    }
    assert _chosen(page, "day") == str(clinic_day(1))
    chips = _chips(page)
    assert list(chips) == ["“khan”", "Dentistry", "Pune", "Speaks Urdu", "Up to ₹700", "Free tomorrow"]
    without = parse_qs(urlsplit(chips["Pune"]).query)
    assert "city" not in without and without["q"] == ["khan"] and without["sort"] == ["fee"]


async def test_filters_are_folded_away_and_what_was_asked_for_stands_beside_them(browser: Browser) -> None:
    await _three()

    page = await browser.get("/doctors", speciality="dentistry", sort="fee")

    assert not page.one("details.filters").has_attr("open")
    assert list(_chips(page)) == ["Dentistry"]
    assert page.one("details.filters summary").get_text(strip=True) == "Filter and sort"


async def test_filters_offer_what_somebody_has(browser: Browser) -> None:
    await _three()

    page = await browser.get("/doctors")

    def offered(field: str) -> list[str]:
        return [option.get_text() for option in page.html.select(f"#{field} option")]

    assert offered("speciality") == ["Any", "Dentistry", "General medicine"]
    assert offered("city") == ["Any", "Mysuru", "Pune"]
    assert offered("language") == ["Any", "English", "Marathi", "Urdu"]
    assert offered("day")[:3] == ["Any day", "Today", "Tomorrow"]
    assert offered("sort")[1:] == [
        "Most followed",
        "Best rated",
        "Lowest fee",
        "Soonest free",
    ]


async def test_what_nobody_offers_stays_chosen_when_the_address_says_so(browser: Browser) -> None:
    await _three()

    page = await browser.get(
        "/doctors", city="Atlantis", language="Latin", fee="12345", day="2099-01-01", speciality="oncology"
    )

    chosen = {field: _chosen(page, field) for field in ("speciality", "city", "language", "fee", "day")}
    assert chosen == {
        "speciality": "oncology",
        "city": "Atlantis",
        "language": "Latin",
        "fee": "12345",
        "day": "2099-01-01",
    }
    assert "Nobody fits all of that" in page.text


async def test_a_city_or_language_written_otherwise_is_the_one_of_the_list(browser: Browser) -> None:
    await _three()

    page = await browser.get("/doctors", city="pune", language="marathi")

    assert (_chosen(page, "city"), _chosen(page, "language")) == ("Pune", "Marathi")
    options = [option.get_text().casefold() for option in page.html.select("#city option, #language option")]
    assert (options.count("pune"), options.count("marathi")) == (1, 1)
    assert _names(page) == ["Dr Meera Kulkarni"]


async def test_pages_keep_what_was_asked_for_and_show_everybody_once(browser: Browser) -> None:
    for n in range(45):
        await _a_listed(f"Dr {n:02}")
    path, seen = "/doctors?city=Pune&sort=fee", []

    for _page in range(5):
        answer = await browser.get(path)
        seen += _names(answer)
        later = answer.html.select_one(".pager a[rel=next]")
        if later is None:
            break
        path = str(later["href"])
        assert {"city": ["Pune"], "sort": ["fee"]}.items() <= parse_qs(urlsplit(path).query).items()
        assert later["hx-get"] == path and later["hx-target"] == "#results"

    assert len(seen) == len(set(seen)) == 45
    assert "45 doctors, page 3 of 3" in answer.text


@pytest.mark.parametrize("page", ["1", "2", "3", "0", "-1", "x", "", "9" * 40, "²", "१"])
async def test_any_page_number_gives_a_page(browser: Browser, page: str) -> None:
    for n in range(21):
        await _a_listed(f"Dr {n:02}", followers=100 - n)

    answer = await browser.get("/doctors", page=page)

    assert answer.status_code == 200
    last = page in ("2", "3", "9" * 40)
    assert _names(answer) == (["Dr 20"] if last else [f"Dr {n:02}" for n in range(20)])


ODD = [
    "'",
    '"',
    "%",
    "_",
    "\\",
    "a' & !b | c:*",
    "<script>alert(1)</script>",
    "\x00",
    "\u202e\u2028",
    "💊",
    "दंत चिकित्सक",
    "डॉ",
    "॥",
    "a" * 10_000,
    "क" * 2_000,
    " a" * 3_000,
    "AND OR NOT",
    ":*",
    "''''",
    "İstanbul",
]


@pytest.mark.parametrize("text", ODD)
async def test_any_text_gives_an_answer(browser: Browser, text: str) -> None:
    await _three()

    whole = await browser.get("/doctors", q=text)
    part = await browser.get("/doctors", part=True, q=text)

    assert (whole.status_code, part.status_code) == (200, 200)
    assert "<script>alert" not in whole.response.text
    assert len(str(whole.one("#q")["value"])) <= 100


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%ED%A0%80", "city=%ED%A0%80", "q", "q=a&q=b", "&&=&", "day=%"]
)
async def test_any_address_gives_an_answer(browser: Browser, query: str) -> None:
    await _three()

    assert (await browser.get(f"/doctors?{query}")).status_code == 200


async def test_signs_alone_find_nobody_and_words_that_all_write_everybody(browser: Browser) -> None:
    await _three()

    assert _names(await browser.get("/doctors", q="😀")) == []
    assert len(_names(await browser.get("/doctors", q="best doctor near me"))) == 3


async def test_a_hindi_word_finds_the_speciality(browser: Browser) -> None:
    await _three()

    found = _names(await browser.get("/doctors", q="दंत"))

    assert set(found) == {"Dr Arjun Rao", "Dr Zoya Khan"}


async def test_nobody_found_has_a_way_out(browser: Browser) -> None:
    await _three()

    page = await browser.get("/doctors", q="xylophone")

    assert "Nobody fits all of that" in page.text and "No doctors found" in page.text
    assert page.one(".empty a")["href"] == "/doctors"
    assert _chips(page) == {"“xylophone”": "/doctors"}


async def test_an_empty_house_says_so(browser: Browser) -> None:
    page = await browser.get("/doctors")

    assert "No doctors yet" in page.text
    assert page.one(".empty a")["href"] == "/"


async def test_htmx_gets_the_results_and_their_count_under_a_clean_address(browser: Browser) -> None:
    await _three()

    part = await browser.get(
        "/doctors", part=True, q=" khan ", speciality="", city="", fee="", day="", sort="fee"
    )

    assert "<html" not in part.response.text and "<select" not in part.response.text
    assert _names(part) == ["Dr Zoya Khan"]
    assert part.side_part("count") == "1 doctor"
    assert part.headers["hx-push-url"] == "/doctors?q=khan&sort=fee"


async def test_the_address_for_htmx_is_plain_ascii(browser: Browser) -> None:
    await _three()

    part = await browser.get("/doctors", part=True, q="दंत", city="\r\nSet-Cookie: a=b")

    assert part.headers["hx-push-url"] == f"/doctors?q={quote('दंत')}&city=Set-Cookie%3A+a%3Db"


async def test_the_page_is_described_by_what_it_lists(browser: Browser) -> None:
    await _three()

    page = await browser.get("/doctors", speciality="dentistry", city="Pune", q="khan", sort="fee")

    assert page.one("title").get_text().startswith("Dentistry in Pune")
    assert urlsplit(str(page.one('link[rel="canonical"]')["href"])).query == "speciality=dentistry&city=Pune"


async def test_who_is_not_approved_is_never_found(browser: Browser) -> None:
    await _three()
    await a_doctor("Dr Hidden", approved=False)

    assert "Hidden" not in (await browser.get("/doctors", q="hidden")).one("#results").get_text()
    assert "Dr Hidden" not in (await browser.get("/sitemap.xml")).response.text


async def test_a_doctors_own_words_are_never_run(browser: Browser) -> None:
    meera = await _a_listed("<b>Dr Meera</b>", city='"><i>Pune')
    await _a_listed("Dr Other")
    await change_profile(
        meera.doctor_id,
        designation="<u>Physician",
        qualifications="",
        registration_number="",
        about="",
        languages=["<s>Hindi"],
        by=SYSTEM,
    )

    for path in ("/", "/doctors", f"/doctors/{meera.slug}"):
        page = await browser.get(path)
        assert not page.html.select("main b > b, i, u, s"), path
        assert "<b>Dr" not in page.response.text and "<i>Pune" not in page.response.text


# the first page


async def test_home_leads_to_the_specialities_somebody_practises(browser: Browser) -> None:
    await _three()

    home = await browser.get("/")

    chips = {link.get_text(): link["href"] for link in home.html.select(".chip")}
    assert chips == {
        "Dentistry": "/doctors?speciality=dentistry",
        "General medicine": "/doctors?speciality=general_medicine",
    }
    form = home.one("form[role=search]")
    assert (form["method"], form["action"]) == ("get", "/doctors")
    assert "How it works" in home.text


async def test_with_one_doctor_the_first_page_is_that_doctors_own(browser: Browser) -> None:
    meera = await _a_listed("Dr Meera")
    await execute("UPDATE doctors SET about = 'Fevers and coughs.'")
    await a_slot(meera, at="10:00")
    asha = await a_patient()

    stranger = await browser.get("/")
    patient = await (await browser.signed_in(asha)).get("/")

    for page in (stranger, patient):
        assert page.one("h1").get_text() == "Dr Meera"
        assert "Fevers and coughs." in page.text and "Services and fees" in page.text
        assert [one.get_text() for one in page.html.select("button.slot")] == ["10:00 am"]
        assert "How it works" in page.text and "All doctors" not in page.text
        assert str(page.one('link[rel="canonical"]')["href"]).endswith(f"/doctors/{meera.slug}")
    assert stranger.one("main form:has(.slot)")["action"] == "/checkout/new"
    assert patient.one("main form:has(.slot)")["action"] == "/checkout"


async def test_a_second_doctor_makes_it_a_house_again(browser: Browser) -> None:
    await _a_listed("Dr Meera")
    await _a_listed("Dr Arjun")

    assert (await browser.get("/")).one("h1").get_text() == "See a doctor at a time that suits you"
