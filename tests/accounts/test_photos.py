"""The photo somebody shows of themselves: put up, seen by whom it may be seen, replaced, removed."""

import asyncio
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from app.accounts import photos, services
from app.accounts.photos import MOST_BYTES, TOO_LARGE, WHY
from app.accounts.queries import find_photo_key
from app.db.engine import execute, fetch, fetch_value
from app.directory.services import approve, relist
from app.events.actor import SYSTEM
from app.jobs.worker import drain
from app.storage import files
from app.web.limits import LIMITS
from tests.accounts.confirmations import happened
from tests.accounts.uploads import a_photo, colours_of, hollow_png, quarters, saved, upload
from tests.browser import Browser
from tests.factories import Cast, a_doctor, a_patient, a_receptionist, an_admin
from tests.storage.s3 import Store

PHOTO = saved(quarters())


async def _ten_minutes_later() -> None:
    await execute("UPDATE photos SET removed_at = removed_at - interval '11 minutes'")


async def _pictures(key: str) -> list[bytes | None]:
    return [await files.find(f"photos/{key}-{edge}.webp") for edge in (96, 256)]


@pytest.mark.parametrize("role", ["patient", "doctor", "reception", "admin"])
async def test_everybody_can_show_a_photo_of_themselves(browser: Browser, role: str) -> None:
    meera = await a_doctor()
    cast = {
        "patient": await a_patient(),
        "doctor": meera,
        "reception": await a_receptionist(meera.clinic_id),
        "admin": await an_admin(),
    }
    await browser.signed_in(cast[role])
    assert "Add a photo" in (await browser.get("/me")).text

    answer = await upload(browser.client, PHOTO)

    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    page = await browser.get("/me")
    assert "This is your photo now." in page.text
    face = page.one("main img")
    assert (face["alt"], face["width"], face["loading"]) == ("", "72", "lazy")
    picture = await browser.client.get(str(face["src"]))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert len(picture.content) <= 12 * 1024
    assert colours_of(picture.content) == ["red", "green", "blue", "white"]
    assert await happened("PHOTO_CHANGED") == 1


async def test_the_way_leads_back_to_where_it_came_from_and_nowhere_else(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    page = await browser.get("/me/photo", next="/me/people")
    assert page.one(".back a")["href"] == "/me/people"
    assert (await upload(browser.client, PHOTO, next="/me/people")).headers["location"] == "/me/people"
    assert (await upload(browser.client, PHOTO, next="//evil.example")).headers["location"] == "/me"


async def test_a_doctors_photo_is_everybodys_and_kept_by_browsers(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    key = await a_photo(await a_doctor())

    seen = await api.get(f"/photos/{key}/96.webp")

    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
    assert seen.headers["cache-control"] == "private, max-age=86400, immutable"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "content-encoding" not in seen.headers
    assert (await api.head(f"/photos/{key}/256.webp")).status_code == 200


async def test_a_doctors_photo_is_hers_alone_until_she_can_be_found(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    kabir = await a_doctor(approved=False)
    path = f"/photos/{await a_photo(kabir)}/96.webp"
    assert (await api.get(path)).status_code == 404
    await browser.signed_in(kabir)
    own = await browser.client.get(path)
    assert (own.status_code, own.headers["cache-control"]) == (200, "no-store")

    await approve(kabir.doctor_id, by=SYSTEM)

    assert (await api.get(path)).status_code == 200


async def test_a_doctors_photo_is_taken_back_from_everybody(api: httpx.AsyncClient) -> None:
    meera, arjun = await a_doctor("Dr Meera"), await a_doctor("Dr Arjun")
    closed, blocked = [f"/photos/{await a_photo(one)}/96.webp" for one in (meera, arjun)]

    await execute("UPDATE practices SET is_active = false WHERE id = $1", meera.practice_id)
    await relist([meera.practice_id])
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", arjun.id)

    for path in (closed, blocked):
        assert (await api.get(path)).status_code == 404


async def test_anybody_elses_photo_is_their_own(browser: Browser, api: httpx.AsyncClient) -> None:
    asha, vikram, meera = await a_patient("Asha"), await a_patient("Vikram"), await a_doctor()
    path = f"/photos/{await a_photo(asha)}/96.webp"

    await browser.signed_in(asha)
    own = await browser.client.get(path)
    assert (own.status_code, own.headers["cache-control"]) == (200, "no-store")

    assert (await api.get(path)).status_code == 404
    for other in (vikram, meera, await an_admin()):
        await browser.signed_in(other)
        assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("size", ["96", "64.webp", "96.png", "256.webp.webp", "%2e%2e", "96.webp%00"])
async def test_there_is_no_other_size(api: httpx.AsyncClient, size: str) -> None:
    key = await a_photo(await a_doctor())
    assert (await api.get(f"/photos/{key}/{size}")).status_code == 404


async def test_another_photo_takes_the_place_of_the_first_whose_files_go(browser: Browser) -> None:
    meera = await a_doctor()
    first = await a_photo(meera)
    await browser.signed_in(meera)

    await upload(browser.client, saved(quarters(), "PNG"))
    await drain()

    second = await find_photo_key(meera.id)
    assert second not in (None, first)
    assert (await browser.get(f"/photos/{first}/96.webp")).status_code == 404
    assert await _pictures(first) == [None, None]
    assert None not in await _pictures(str(second))


async def test_two_uploads_at_once_leave_one_photo(browser: Browser) -> None:
    asha = await (await a_patient()).account()
    keys = await asyncio.gather(*(services.change_photo(asha, PHOTO, by=asha.actor) for _ in range(3)))
    await drain()

    shown = [row["key"] for row in await fetch("SELECT key FROM photos WHERE removed_at IS NULL")]
    assert len(shown) == 1
    for key in keys:
        assert (None in await _pictures(key)) == (key != shown[0])


async def test_removing_is_asked_first_and_then_done_once(browser: Browser) -> None:
    meera = await a_doctor()
    key = await a_photo(meera)
    await browser.signed_in(meera)

    page = await browser.get("/me/photo")
    asked = await browser.get(str(page.one("main .who a")["href"]))
    assert "Remove the photo?" in asked.text
    assert await find_photo_key(meera.id) == key

    for _twice in range(2):
        answer = await browser.post("/me/photo/remove", {"next": "/me"})
        assert answer.location == "/me"
    await drain()

    assert "Add a photo" in (await browser.get("/me")).text
    assert (await browser.get(f"/photos/{key}/96.webp")).status_code == 404
    assert await _pictures(key) == [None, None]
    assert await happened("PHOTO_REMOVED") == 1


# what is refused


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a photo first."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", WHY["kind"]),
        (PHOTO[:2000], WHY["broken"]),
        (PHOTO + b"<script>1</script>", WHY["more"]),
        (hollow_png(9000, 9000), WHY["pixels"]),
        (PHOTO + bytes(MOST_BYTES - len(PHOTO) + 1), TOO_LARGE),
    ],
    ids=["nothing", "SVG", "broken", "polyglot", "bomb", "a byte too many"],
)
async def test_what_is_wrong_is_said_at_the_field_and_the_photo_stays(
    browser: Browser, content: bytes, sentence: str
) -> None:
    asha = await a_patient()
    key = await a_photo(asha)
    await browser.signed_in(asha)

    answer = await upload(browser.client, content, next="/me/people")

    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert sentence in page.select_one("#photo-error").text  # type: ignore[union-attr]
    assert page.select_one(".summary a")["href"] == "#photo"  # type: ignore[index]
    assert page.select_one("main input[name=next]")["value"] == "/me/people"  # type: ignore[index]
    assert await find_photo_key(asha.id) == key
    assert None not in await _pictures(key)


async def test_a_form_without_a_file_is_told_to_choose_one(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    for sent in ({}, {"photo": "face.jpg"}):
        answer = await browser.post("/me/photo", sent)
        assert answer.status_code == 422
        assert "Choose a photo first." in answer.error_of("photo")


@pytest.mark.parametrize("megabytes", [11, 40])
async def test_an_upload_too_large_to_be_read_is_answered_with_a_sentence(
    browser: Browser, megabytes: int
) -> None:
    await browser.signed_in(await a_patient())

    answer = await upload(browser.client, PHOTO + bytes(megabytes * 1024 * 1024))

    assert (answer.status_code, answer.headers["location"]) == (303, "/me/photo")
    assert TOO_LARGE in (await browser.get("/me/photo")).text


async def test_the_largest_upload_we_take_is_taken(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    film = bytes(MOST_BYTES - len(PHOTO))
    assert (await upload(browser.client, PHOTO + film)).headers["location"] == "/me"


async def test_no_other_form_takes_so_much(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    files_ = {"name": ("a", bytes(100_000), "image/jpeg")}
    answer = await browser.client.post("/me", files=files_)
    assert answer.status_code == 413
    assert "That is too large to send." in answer.text


async def test_an_upload_without_the_forms_token_is_refused(browser: Browser) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    for data in ({}, {"_csrf_token": "f" * 128}):
        answer = await browser.client.post(
            "/me/photo", data=data, files={"photo": ("a", PHOTO, "image/jpeg")}
        )
        assert answer.status_code == 403
    assert await find_photo_key(asha.id) is None


async def test_after_twenty_uploads_an_hour_one_waits(browser: Browser) -> None:
    asha = await a_patient()
    await browser.signed_in(asha)
    for _ in range(LIMITS["photo"].most):
        assert (await upload(browser.client, b"x")).status_code == 422
    assert (await upload(browser.client, PHOTO)).status_code == 429
    assert await find_photo_key(asha.id) is None


async def test_who_comes_when_many_photos_are_opened_is_asked_to_come_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.signed_in(await a_patient())
    monkeypatch.setattr(photos, "_in_line", asyncio.Semaphore(0))

    answer = await upload(browser.client, PHOTO)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Many people put up a photo just now." in answer.text


# the storage


@pytest.mark.usefixtures("s3")
async def test_photos_live_in_an_s3_store_too(browser: Browser, s3: Store) -> None:
    meera = await a_doctor()
    key = await a_photo(meera)
    assert len(s3.objects) == 2
    assert (await browser.get(f"/photos/{key}/96.webp")).status_code == 200

    account = await meera.account()
    await services.remove_photo(account, by=account.actor)
    await drain()
    assert s3.objects == {}


@pytest.mark.parametrize("fails_after", [0, 1])
async def test_while_the_storage_is_away_nothing_is_half_saved(
    browser: Browser,
    s3: Store,
    fails_after: int,
) -> None:
    meera = await a_doctor()
    key = await a_photo(meera)
    await browser.signed_in(meera)
    s3.calls.clear()
    s3.fails_after = fails_after

    answer = await upload(browser.client, PHOTO)

    assert answer.status_code == 503
    assert "We cannot keep or fetch files just now." in answer.text
    assert await find_photo_key(meera.id) == key
    assert await happened("PHOTO_CHANGED") == 1
    assert (await browser.get(f"/photos/{key}/96.webp")).status_code == 503

    s3.fails_after = None
    await _ten_minutes_later()
    await services.tidy_photos()
    await drain()
    assert {path.split("/")[-1][:32] for path in s3.objects} == {key}
    assert await fetch_value("SELECT count(*) FROM photos") == 1
    assert (await upload(browser.client, PHOTO)).status_code == 303


async def test_files_are_taken_out_later_when_the_storage_was_away(s3: Store) -> None:
    meera = await a_doctor()
    key = await a_photo(meera)
    account = await meera.account()
    await services.remove_photo(account, by=account.actor)
    await execute("DELETE FROM pgqueuer")  # as if the job had been given up

    s3.fails_with = 500
    with pytest.raises(files.StorageAway):
        await services.forget_files(key)
    assert len(s3.objects) == 2
    s3.fails_with = None
    await services.tidy_photos()
    await drain()
    assert len(s3.objects) == 2, "uploads of the last minutes are left alone"
    await _ten_minutes_later()
    await services.tidy_photos()
    await drain()

    assert s3.objects == {}
    assert await fetch_value("SELECT count(*) FROM photos") == 0


async def test_a_photo_whose_file_is_lost_is_not_found(browser: Browser, directory: Path) -> None:
    key = await a_photo(await a_doctor())
    await files.remove(f"photos/{key}-96.webp")
    assert (await browser.get(f"/photos/{key}/96.webp")).status_code == 404


async def test_the_job_never_touches_a_photo_that_is_shown() -> None:
    key = await a_photo(await a_doctor())
    await services.forget_files(key)
    assert None not in await _pictures(key)


async def test_a_blocked_account_loses_its_photo_page_at_once(browser: Browser) -> None:
    asha: Cast = await a_patient()
    await browser.signed_in(asha)
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", asha.id)
    assert (await browser.get("/me/photo")).location.startswith("/login")
    assert await fetch_value("SELECT count(*) FROM photos") == 0
