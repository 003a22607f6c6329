"""A copy of one's own data: asked for with the password, made by a job, for its owner alone, for a week."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts import personal as accounts
from app.accounts.errors import CopyOnItsWay
from app.accounts.personal import subject_of
from app.accounts.rules import NOTICE_VERSION
from app.accounts.services.exports import ask_export, file_of_export
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.desks.privacy.copies import as_csv, make_copy
from app.desks.privacy.jobs import look, tidy
from app.errors import TooMany
from app.storage import files
from tests.accounts.uploads import a_photo
from tests.browser import Browser
from tests.desks.privacy.copies import a_copy, document_in, kept, table_in
from tests.desks.privacy.entering import entered
from tests.factories import a_patient, a_person, run_jobs
from tests.surroundings import PostOffice


async def test_a_copy_is_asked_for_with_the_password_made_by_a_job_and_told_by_letter(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient("Asha Rao")
    await a_person(asha.id, name="Ravi Rao")
    await entered(browser, asha)

    asked = await browser.post("/me/data/copy", {"password": asha.password})
    waiting = await browser.follow(asked)
    await run_jobs()
    ready = await browser.get("/me/data", part=True)

    assert "Your copy is being made" in waiting.text
    assert waiting.one("#copy [hx-get='/me/data']")
    assert not waiting.html.select("form[action='/me/data/copy']")
    link = str(ready.one("a[download]")["href"])
    answer = await browser.get(link)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="parchi-20')
    document = document_in(answer.response.content)
    assert [row["name"] for row in document["tables"]["persons"]] == ["Asha Rao", "Ravi Rao"]
    assert document["tables"]["users"][0]["email"] == asha.email
    (letter,) = post_office.to(asha.email)
    assert letter["Subject"] == "The copy of your data is ready"


async def test_no_copy_is_asked_for_with_a_wrong_password(browser: Browser) -> None:
    asha = await a_patient()

    answer = await (await entered(browser, asha)).post("/me/data/copy", {"password": "not this one"})

    assert answer.status_code == 422
    assert answer.error_of("password") == "Error: This is not your password. Please try again."
    assert await fetch_value("SELECT count(*) FROM exports") == 0


async def test_one_copy_is_made_at_a_time_and_few_in_a_day() -> None:
    asha = await (await a_patient()).account()
    await ask_export(asha)
    with pytest.raises(CopyOnItsWay):
        await ask_export(asha)

    await run_jobs()
    for _more in range(3):
        await ask_export(asha)
        await run_jobs()
    with pytest.raises(TooMany):
        await ask_export(asha)


async def test_a_copy_is_there_for_nobody_else(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    copy_id = await a_copy(asha)

    assert (await (await entered(browser, vikram)).get(f"/me/data/copy/{copy_id}")).status_code == 404
    browser.client.cookies.clear()
    assert (await browser.get(f"/me/data/copy/{copy_id}")).location.startswith("/login")


async def test_a_copy_is_let_go_after_a_week(browser: Browser) -> None:
    asha = await a_patient()
    copy_id = await a_copy(asha)
    assert await kept(copy_id)

    await set_clock(clock.now() + timedelta(days=7, seconds=1))
    answer = await (await entered(browser, asha)).get(f"/me/data/copy/{copy_id}")
    await tidy()

    assert answer.status_code == 404
    assert await kept(copy_id) is None
    assert await fetch_value("SELECT removed_at FROM exports")


async def test_a_newer_copy_takes_the_place_of_an_older_one() -> None:
    asha = await a_patient()
    first = await a_copy(asha)
    second = await a_copy(asha)

    assert await kept(first) is None
    assert await kept(second)


async def test_the_last_copy_can_be_had_while_a_newer_one_is_made(browser: Browser) -> None:
    asha = await a_patient()
    first = await a_copy(asha)
    await ask_export(await asha.account())

    page = await (await entered(browser, asha)).get("/me/data")

    assert "Your copy is being made" in page.text
    link = str(page.one("a[download]")["href"])
    assert link == f"/me/data/copy/{first}"
    assert (await browser.get(link)).status_code == 200


@pytest.mark.parametrize("by", ["beat", "erasure"])
async def test_a_file_whose_copy_was_let_go_is_found_by_its_name(by: str) -> None:
    """A job put it down and died, after the copy had been let go."""
    asha = await a_patient()
    copy_id = await ask_export(await asha.account())
    await execute("UPDATE exports SET removed_at = $1", clock.now())
    await files.put(file_of_export(copy_id), b"PK")

    if by == "beat":
        await tidy()
    else:
        await accounts.erase_files(await subject_of(asha.id))

    assert await kept(copy_id) is None


async def test_a_copy_made_twice_is_one_and_one_whose_job_was_lost_is_made_all_the_same() -> None:
    asha = await a_patient()
    copy_id = await ask_export(await asha.account())
    await execute("DELETE FROM pgqueuer")

    await look()
    await run_jobs()
    before = await kept(copy_id)
    await make_copy(copy_id)

    assert before is not None
    assert await kept(copy_id) == before
    assert await fetch_value("SELECT count(*) FROM events WHERE name = 'EXPORT_READY'") == 1


async def test_no_cell_of_a_table_is_worked_out_by_a_spreadsheet() -> None:
    asha = await a_patient(mobile="+919876543210")
    await a_person(asha.id, name="=cmd|' /C calc'!A0")
    archive = await kept(await a_copy(asha))
    assert archive is not None

    names = [row["name"] for row in table_in(archive, "persons")]

    assert names == ["Asha", "'=cmd|' /C calc'!A0"]
    assert table_in(archive, "users")[0]["mobile"] == "'+919876543210"
    assert document_in(archive)["tables"]["persons"][1]["name"] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "start", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"]
)
def test_text_that_begins_like_a_formula_is_marked_as_text(start: str) -> None:
    assert as_csv([{"words": start}]).decode("utf-8-sig").partition("\r\n")[2].lstrip('"').startswith("'")


async def test_a_copy_holds_the_photo_and_nothing_that_opens_a_door() -> None:
    import io
    import zipfile

    asha = await a_patient()
    await a_photo(asha)
    archive = await kept(await a_copy(asha))
    assert archive is not None

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.read("photos/1.webp")[8:12] == b"WEBP"
        everything = b"".join(opened.read(name) for name in opened.namelist())
    for secret in ("password_hash", "token_hash", "code_hash", "identifier_hash", "argon2"):
        assert secret.encode() not in everything.replace(b'"refresh_tokens"', b"")


async def test_a_copy_that_is_not_wanted_any_more_leaves_no_file() -> None:
    asha = await a_patient()
    copy_id: UUID = await ask_export(await asha.account())
    await execute("UPDATE exports SET removed_at = $1", clock.now())

    await run_jobs()

    assert await kept(copy_id) is None


async def test_a_newer_notice_is_accepted_on_the_page(browser: Browser) -> None:
    asha = await a_patient()
    await entered(browser, asha)
    assert "We have not written down" in (await browser.get("/me/data")).text

    page = await browser.follow(
        await browser.post("/me/data/notice", {"version": NOTICE_VERSION, "language": "en"})
    )

    assert "Privacy notice, version 1, accepted on" in page.text
    assert not page.html.select("form[action='/me/data/notice']")
