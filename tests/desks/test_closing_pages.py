"""Closing time that has visits, on the doctor's pages: who is affected, and what becomes of each."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from bs4 import Tag

from app.booking.queries.displaced import closings_of
from app.booking.services import Wish, displace
from app.checkout import services as checkout
from app.checkout.services import MOST_AT_ONCE
from app.checkout.services import closing as closing_service
from app.db.engine import fetch_value
from app.web.forms import LONGEST_BODY
from tests.accounts.confirmations import happened
from tests.booking.visits import a_visit, acting, later
from tests.browser import Answer, Browser
from tests.checkout.closings import DAY, close, free, outcomes, paid, proposed
from tests.checkout.stories import a_held_visit
from tests.factories import CastDoctor, a_doctor, a_patient, clinic_day, run_jobs

LEAVE = "/doctor/exceptions"


def leave_form(**more: object) -> dict[str, object]:
    """A day of leave as the page of exceptions sends it."""
    on = clinic_day(DAY)
    return {"kind": "leave", "first_on": on, "last_on": on, "starts": "", "ends": "", "title": "", **more}


def filled(answer: Answer) -> dict[str, object]:
    """Everything the form of the page would send now, but for its buttons."""
    sent: dict[str, object] = {}
    for field in answer.one("main form").select("input, select, textarea"):
        name = str(field.get("name", ""))
        if name == "_csrf_token":
            continue
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        sent[name] = str(chosen["value"] if chosen else field.get("value", field.get_text().strip()))
    return sent


def confirmed(answer: Answer, **more: object) -> dict[str, object]:
    """The same, with the confirming button pressed."""
    return {**filled(answer), "closing-act": "confirm", **more}


def row_of(answer: Answer, code: str) -> Tag:
    """The table row about one visit."""
    field = answer.one(f"[name='closing-visit-{code}']")
    row = field.find_parent("tr")
    assert row is not None
    return row


def button(answer: Answer) -> str:
    """The words of the confirming button."""
    return " ".join(answer.one("#confirm-plan button").get_text().split())


async def asked(browser: Browser, doctor: CastDoctor, **more: object) -> Answer:
    """The question that follows a press of "add leave"."""
    await browser.signed_in(doctor)
    return await browser.post(LEAVE, leave_form(**more))


async def test_leave_that_costs_nobody_a_visit_is_taken_at_once(browser: Browser) -> None:
    doctor = await a_doctor()
    await free(doctor, "10:00", days_ahead=DAY)

    answer = await asked(browser, doctor)

    assert answer.location == LEAVE
    assert (await closings_of(doctor.practice_id)).items == []


async def test_leave_over_visits_asks_first_and_names_everybody_with_what_they_paid(browser: Browser) -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at, name=name) for at, name in (("10:00", "Asha"), ("10:30", "Vikram"))]
    held = await a_held_visit(doctor=doctor, at="11:00", days_ahead=DAY)
    await free(doctor, "09:00")

    answer = await asked(browser, doctor)

    assert answer.status_code == 200
    assert "3 visits lose their time" in answer.text
    first, second = (row_of(answer, story.code).get_text(" ", strip=True) for story in stories)
    assert "10:00 am" in first and "Asha" in first and "₹500" in first
    assert "Cancel and refund ₹500 in full" in second
    assert "not paid yet" in row_of(answer, held.code).get_text()
    assert button(answer) == "Save, move 1 visit, cancel 2"
    assert (await closings_of(doctor.practice_id)).items == []


async def test_confirming_moves_and_cancels_and_the_page_tells_what_became_of_each(browser: Browser) -> None:
    doctor = await a_doctor()
    moved, cancelled = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    await free(doctor, "09:00", "09:30")
    question = await asked(browser, doctor, title="Wedding")
    form = confirmed(question, **{f"closing-visit-{cancelled.code}": "cancel", "closing-note": "I am away."})

    words = await browser.post("/doctor/closings/count", form, part=True)
    form["closing-said"] = words.one("input[name='closing-said']")["value"]
    done = await browser.post(LEAVE, form)
    going_on = await browser.follow(done)
    await run_jobs()
    finished = await browser.get(done.location)

    assert "Save, move 1 visit, cancel 1" in words.text
    assert going_on.html.select("#progress [hx-trigger]")
    assert "0 of 2 visits are dealt with" in going_on.text
    assert not finished.html.select("#progress [hx-trigger]")
    assert "All 2 visits are dealt with. Letters are on their way" in finished.text
    assert "₹500 goes back" in finished.text
    assert "I am away." in finished.text
    closing = (await closings_of(doctor.practice_id)).items[0]
    assert await outcomes(closing) == {moved.code: "moved", cancelled.code: "cancelled"}
    assert "Wedding" in (await browser.get(LEAVE)).response.text


async def test_the_progress_is_refreshed_as_a_part(browser: Browser) -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    closing = await close(doctor, await proposed(doctor))
    await browser.signed_in(doctor)

    part = await browser.get(f"/doctor/closings/{closing.id}", part=True)

    assert part.status_code == 200
    assert "<html" not in part.response.text
    assert "0 of 1" in part.text


async def test_the_button_is_pressed_again_when_its_words_no_longer_hold(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    await free(doctor, "09:00")
    question = await asked(browser, doctor)
    changed = {f"closing-visit-{story.code}": "cancel"}

    again = await browser.post(LEAVE, confirmed(question, **changed))
    done = await browser.post(LEAVE, confirmed(again))

    assert again.status_code == 200
    assert "The button now says what they do" in again.text
    assert button(again) == "Save and cancel 1 visit"
    assert done.location.startswith("/doctor/closings/")


async def test_all_at_once_works_without_scripts(browser: Browser) -> None:
    doctor = await a_doctor()
    stories = [await paid(doctor, at=at) for at in ("10:00", "10:30")]
    await free(doctor, "09:00", "09:30")
    question = await asked(browser, doctor)

    none = await browser.post(LEAVE, {**filled(question), "closing-act": "cancel"})
    all_moved = await browser.post(LEAVE, {**filled(none), "closing-act": "move"})

    assert button(none) == "Save and cancel 2 visits"
    assert {filled(none)[f"closing-visit-{story.code}"] for story in stories} == {"cancel"}
    assert button(all_moved) == "Save and move 2 visits"
    assert (await closings_of(doctor.practice_id)).items == []


async def test_somebody_who_books_in_between_is_shown_and_what_was_chosen_stays(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    await free(doctor, "09:00", "17:00")
    question = await asked(browser, doctor)
    form = confirmed(question, **{"closing-note": "I am away."})
    late = await paid(doctor, at="10:30", name="Zoya")

    answer = await browser.post(LEAVE, form)

    assert answer.status_code == 409
    assert "came in meanwhile" in answer.text
    assert "New" in row_of(answer, late.code).get_text()
    assert "New" not in row_of(answer, story.code).get_text()
    kept = filled(answer)
    assert kept[f"closing-visit-{story.code}"] == form[f"closing-visit-{story.code}"]
    assert kept["closing-note"] == "I am away."
    assert kept["first_on"] == form["first_on"]
    assert (await closings_of(doctor.practice_id)).items == []
    assert (await browser.post(LEAVE, confirmed(answer))).status_code == 303


async def test_a_chosen_time_somebody_took_is_named_at_its_visit(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    await free(doctor, "17:00")
    question = await asked(browser, doctor)
    slot = await fetch_value("SELECT id FROM slots WHERE on_date = $1", clinic_day(DAY + 1))
    await a_visit(await a_patient(), slot, doctor)

    answer = await browser.post(LEAVE, confirmed(question))

    assert answer.status_code == 409
    assert "cannot be had" in row_of(answer, story.code).get_text()
    assert filled(answer)[f"closing-visit-{story.code}"] == "cancel"


async def test_a_note_too_long_is_refused_at_its_field_with_everything_kept(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    question = await asked(browser, doctor)

    answer = await browser.post(LEAVE, confirmed(question, **{"closing-note": "x" * 501}))

    assert answer.status_code == 422
    assert "500 characters" in answer.error_of("closing-note")
    assert len(str(filled(answer)["closing-note"])) == 501
    assert f"closing-visit-{story.code}" in filled(answer)


async def test_nonsense_for_a_visit_is_asked_again_and_never_an_error(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    question = await asked(browser, doctor)
    names: Mapping[str, object] = {"closing-said": "0-0"}

    for value in ("", "soon", "2026-13-01", "2026-01-01T10:00", "9999-12-31T23:59:59+00:00"):
        sent = confirmed(question, **names) | {f"closing-visit-{story.code}": value, "closing-visit-": value}
        answer = await browser.post(LEAVE, sent)
        assert answer.status_code in (200, 409), value
        assert story.code in answer.response.text
    assert (await closings_of(doctor.practice_id)).items == []


async def test_visits_that_are_gone_when_confirming_leave_only_the_leave(browser: Browser) -> None:
    doctor = await a_doctor()
    story = await paid(doctor, at="10:00")
    question = await asked(browser, doctor)
    await checkout.cancel(story.visit_id, by=acting(story.patient))

    bulk = await browser.post(LEAVE, {**filled(question), "closing-act": "cancel"})
    answer = await browser.post(LEAVE, confirmed(bulk))

    assert "Nobody loses a visit" in bulk.text
    assert button(bulk) == "Save"
    assert answer.location == LEAVE
    assert (await closings_of(doctor.practice_id)).items == []


async def test_a_page_that_waits_counts_without_names_and_reads_the_list_once_at_the_end(
    browser: Browser,
) -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00", name="Asha")
    closing = await close(doctor, await proposed(doctor))
    await browser.signed_in(doctor)
    path = f"/doctor/closings/{closing.id}"

    waiting = await browser.get(path)
    polled = waiting.one("#going-on")["hx-get"]
    looks = [await happened("PATIENTS_LISTED")]
    polls = [await browser.get(str(polled), part=True) for _ in range(10)]
    looks.append(await happened("PATIENTS_LISTED"))
    await run_jobs()
    over = await browser.get(str(polled), part=True)
    ended = await browser.get(str(over.one("#all-done")["hx-get"]), part=True)
    looks.append(await happened("PATIENTS_LISTED"))

    assert looks == [1, 1, 2]
    assert all("0 of 1 visits" in poll.text and "Asha" not in poll.text for poll in polls)
    assert "The visit is dealt with" in over.text
    assert "Asha" in ended.text
    assert not ended.html.select("[hx-trigger]")
    assert (await browser.get(str(polled))).location == path


async def test_past_closings_are_listed_and_belong_to_their_doctor(browser: Browser) -> None:
    doctor, stranger = await a_doctor(), await a_doctor("Dr Arjun")
    await paid(doctor, at="10:00")
    closing = await close(doctor, await proposed(doctor))

    mine = await (await browser.signed_in(doctor)).get("/doctor/closings")
    unknown = await browser.get(f"/doctor/closings/{uuid4()}")
    await browser.signed_in(stranger)
    theirs = await browser.get("/doctor/closings")
    not_theirs = await browser.get(f"/doctor/closings/{closing.id}")

    assert mine.html.select(f"a[href='/doctor/closings/{closing.id}']")
    assert "No closed times yet" in theirs.text
    assert (unknown.status_code, not_theirs.status_code) == (404, 404)


async def test_a_doctor_without_a_practice_has_no_closed_times(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)

    answer = await (await browser.signed_in(doctor)).get("/doctor/closings")

    assert "No closed times yet" in answer.text


async def test_times_that_are_only_held_are_asked_about_and_nobody_is_promised_a_letter(
    browser: Browser,
) -> None:
    doctor = await a_doctor()
    held = await a_held_visit(doctor=doctor, at="10:00", days_ahead=DAY)

    question = await asked(browser, doctor)
    done = await browser.post(LEAVE, confirmed(question))

    assert "is given up" in row_of(question, held.code).get_text()
    assert "who only holds a time gets none" in question.text
    assert done.location.startswith("/doctor/closings/")


async def test_more_visits_than_can_be_asked_about_are_refused_at_the_last_day(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = await a_doctor()
    for at in ("10:00", "10:30"):
        await paid(doctor, at=at)
    monkeypatch.setattr(closing_service, "MOST_AT_ONCE", 1)

    answer = await asked(browser, doctor, title="Wedding")

    assert answer.status_code == 422
    assert "2 visits would lose their time, and 1 at once is the most" in answer.error_of("last_on")
    assert filled(answer)["title"] == "Wedding"


async def test_the_answer_for_as_many_visits_as_can_be_asked_about_is_not_too_long_to_send(
    browser: Browser,
) -> None:
    doctor = await a_doctor()
    await paid(doctor, at="10:00")
    await free(doctor, "09:00")
    question = await asked(browser, doctor)
    sent = {name: value for name, value in filled(question).items() if "visit-" in name}
    one_more = len(urlencode(sent)) + 1
    the_week = 70 * len(urlencode({f"sessions-10-{name}": "13:00-13:30, 16:00-16:15" for name in "abcdef"}))
    the_note = 500 * len(urlencode({"": "\N{GRINNING FACE}"}))

    assert MOST_AT_ONCE * one_more + the_week + the_note < LONGEST_BODY


async def test_the_list_of_closed_times_has_pages(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), (await free(doctor, "10:00"))[0], doctor)
    assert visit.starts_at is not None
    for minute in range(51):
        with later(minutes=minute):
            await displace(doctor.practice_id, [Wish(visit.id, visit.starts_at, None)], by=acting(doctor))
    await browser.signed_in(doctor)

    first, second = [await browser.get(f"/doctor/closings?page={number}") for number in (1, 2)]

    assert [len(page.html.select("tbody tr")) for page in (first, second)] == [50, 1]
    assert first.html.select("a[href='/doctor/closings?page=2']")
