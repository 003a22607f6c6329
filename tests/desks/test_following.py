"""Following a doctor, and the page of those somebody follows."""

from urllib.parse import parse_qs, urlsplit

from app.db.engine import execute, fetch_value
from app.directory.services import relist
from tests.booking.visits import hold_for
from tests.browser import Browser
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot


async def _followers(doctor: CastDoctor) -> int:
    count: int = await fetch_value("SELECT followers_count FROM doctors WHERE id = $1", doctor.doctor_id)
    return count


async def test_a_patient_follows_and_no_longer_follows(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(await a_patient())
    path = f"/doctors/{meera.slug}"

    before = await browser.get(path)
    followed = await browser.follow(await browser.post(f"{path}/follow"))
    unfollowed = await browser.follow(await browser.post(f"{path}/unfollow"))

    assert before.one("#follow button").get_text() == "Follow" and "0 followers" in before.text
    assert "You follow Dr Meera." in followed.text and "1 follower" in followed.text
    assert followed.one("#follow form")["action"] == f"{path}/unfollow"
    assert "You no longer follow Dr Meera." in unfollowed.text and "0 followers" in unfollowed.text


async def test_pressing_twice_follows_once(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(await a_patient())

    for _press in range(2):
        await browser.post(f"/doctors/{meera.slug}/follow")
    assert await _followers(meera) == 1

    for _press in range(2):
        await browser.post(f"/doctors/{meera.slug}/unfollow")
    assert await _followers(meera) == 0


async def test_htmx_gets_the_button_and_the_count_alone(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(await a_patient())

    part = await browser.post(f"/doctors/{meera.slug}/follow", part=True)

    assert part.status_code == 200
    assert "<html" not in part.response.text and "slot-picker" not in part.response.text
    assert part.one("form")["hx-post"] == f"/doctors/{meera.slug}/unfollow"
    assert part.one("form")["hx-target"] == "#follow"
    assert "1 follower" in part.text


async def test_signed_out_it_leads_to_the_log_in_and_then_follows_by_one_press(browser: Browser) -> None:
    meera, asha = await a_doctor("Dr Meera"), await a_patient()
    path = f"/doctors/{meera.slug}"

    link = (await browser.get(path)).one("#follow a")
    opened = await browser.get(str(link["href"]))
    posted = await browser.post(f"{path}/follow")
    by_htmx = await browser.post(f"{path}/follow", part=True)

    assert link.get_text() == "Follow"
    for there in (opened.location, posted.location, by_htmx.headers["hx-redirect"]):
        assert urlsplit(there).path == "/login"
        assert parse_qs(urlsplit(there).query) == {"next": [f"{path}/follow"]}

    entered = await browser.post(
        "/login", {"identifier": asha.email, "password": asha.password, "next": f"{path}/follow"}
    )
    form = (await browser.follow(entered)).one("form[data-submit-on-load]")
    assert await _followers(meera) == 0, "opening a page follows nobody"
    followed = await browser.follow(await browser.post(str(form["action"])))
    assert "You follow Dr Meera." in followed.text and await _followers(meera) == 1


async def test_unfollowing_signed_out_leads_back_to_the_doctor(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")

    posted = await browser.post(f"/doctors/{meera.slug}/unfollow")

    assert parse_qs(urlsplit(posted.location).query) == {"next": [f"/doctors/{meera.slug}"]}


async def test_staff_see_the_count_and_cannot_follow(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(meera)

    page = await browser.get(f"/doctors/{meera.slug}")
    refused = await browser.post(f"/doctors/{meera.slug}/follow")

    assert "0 followers" in page.text and not page.html.select("#follow button, #follow a")
    assert refused.status_code == 403


async def test_an_unknown_doctor_is_not_found(browser: Browser) -> None:
    await browser.signed_in(await a_patient())

    for act in ("follow", "unfollow"):
        assert (await browser.post(f"/doctors/nobody/{act}")).status_code == 404


async def test_my_doctors_are_listed_with_their_next_free_times(browser: Browser) -> None:
    meera, arjun, other = [await a_doctor(name) for name in ("Dr Meera", "Dr Arjun", "Dr Other")]
    asha = await a_patient()
    await hold_for(await a_patient("Vikram"), await a_slot(meera, at="09:00"), meera)
    await a_slot(meera, at="11:30")
    await browser.signed_in(asha)
    for doctor in (meera, arjun):
        await browser.post(f"/doctors/{doctor.slug}/follow")

    page = await browser.get("/me/doctors")

    cards = {card.h2.get_text(): " ".join(card.get_text(" ").split()) for card in page.html.select(".card")}  # type: ignore[union-attr]
    assert list(cards) == ["Dr Arjun", "Dr Meera"]
    assert "11:30 am" in cards["Dr Meera"] and "No free times just now" in cards["Dr Arjun"]
    assert other.name not in page.text
    assert page.one(f'a[href="/doctors/{meera.slug}"]')


async def test_unfollowing_from_the_list_stays_there(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(await a_patient())
    await browser.post(f"/doctors/{meera.slug}/follow")
    form = (await browser.get("/me/doctors")).one(".card form")
    then = form.select_one("input[name=then]")
    assert then is not None

    answer = await browser.post(str(form["action"]), {"then": then["value"]})

    assert answer.location == "/me/doctors"
    left = await browser.follow(answer)
    assert "You follow nobody yet" in left.text and "You no longer follow Dr Meera." in left.text
    assert left.one(".empty a")["href"] == "/doctors"


async def test_who_is_not_seen_any_more_stands_in_the_list_and_can_be_let_go(browser: Browser) -> None:
    meera, arjun = await a_doctor("Dr Meera"), await a_doctor("Dr Arjun")
    await browser.signed_in(await a_patient())
    for doctor in (meera, arjun):
        await browser.post(f"/doctors/{doctor.slug}/follow")
    await execute("UPDATE practices SET is_active = false WHERE id = $1", meera.practice_id)
    await relist([meera.practice_id])

    page = await browser.get("/me/doctors")
    cards = {card.h2.get_text(): " ".join(card.get_text(" ").split()) for card in page.html.select(".card")}  # type: ignore[union-attr]
    by_htmx = await browser.post(f"/doctors/{meera.slug}/unfollow", part=True)

    assert list(cards) == ["Dr Arjun", "Dr Meera"]
    assert "Not taking visits here just now" in cards["Dr Meera"]
    assert not page.html.select(f'a[href="/doctors/{meera.slug}"]')
    assert page.one(f'form[action="/doctors/{meera.slug}/unfollow"] button')
    assert by_htmx.headers["hx-redirect"] == "/me/doctors"
    assert await _followers(meera) == 0
    assert "You no longer follow Dr Meera." in (await browser.get("/me/doctors")).text


async def test_who_was_never_seen_is_not_named_to_anybody(browser: Browser) -> None:
    hidden = await a_doctor("Dr Hidden", approved=False)
    await browser.signed_in(await a_patient())

    for act in ("follow", "unfollow"):
        answer = await browser.post(f"/doctors/{hidden.slug}/{act}")
        assert answer.status_code == 404 and "Dr Hidden" not in answer.text


async def test_somebody_elses_doctors_are_not_mine(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.signed_in(await a_patient())
    await browser.post(f"/doctors/{meera.slug}/follow")

    page = await (await browser.signed_in(await a_patient("Vikram"))).get("/me/doctors")

    assert "You follow nobody yet" in page.text
    assert "You follow this doctor." not in (await browser.get(f"/doctors/{meera.slug}")).text


async def test_patients_find_their_doctors_beside_all_doctors(browser: Browser) -> None:
    stranger = await browser.get("/doctors")
    await browser.signed_in(await a_patient())

    everybody, mine = await browser.get("/doctors"), await browser.get("/me/doctors")

    assert not stranger.html.select(".tabs")
    assert [tab["href"] for tab in everybody.html.select(".tabs a")] == ["/doctors", "/me/doctors"]
    for place in (".tabs", ".top"):
        assert mine.one(f'{place} a[aria-current="page"]')["href"] == "/me/doctors"
