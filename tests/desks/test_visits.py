"""A patient's visits: the list, the slip, cancelling, asking for another time."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.booking import services as booking
from app.db.engine import execute, fetch, fetch_value
from app.events.actor import SYSTEM
from app.settings import settings
from tests.browser import Browser
from tests.desks.steps import booked_code, held_code, id_of, pass_time, pay, status_of
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, run_jobs, sandbox_ledger


async def _past_visits(count: int, browser: Browser, doctor: CastDoctor) -> None:
    """Visits of whoever is signed in that are long over, made after one that was only held."""
    slot = await a_slot(doctor)
    code = await held_code(browser, slot, doctor)
    await execute("UPDATE appointments SET status = 'expired' WHERE code = $1", code)
    for number in range(count):
        await execute(
            """
            INSERT INTO appointments (code, practice_id, doctor_id, service_id, person_id, booked_by_id,
                slot_id, starts_at, ends_at, on_date, status, amount_paise, created_at, changed_at)
            SELECT $2, practice_id, doctor_id, service_id, person_id, booked_by_id, slot_id,
                starts_at - $3::interval, ends_at - $3::interval, on_date - $4::int, 'completed',
                amount_paise, created_at, changed_at
            FROM appointments WHERE code = $1
            """,
            code,
            f"PAST{number:04}",
            timedelta(days=number + 2),
            number + 2,
        )


async def test_without_visits_the_page_leads_to_the_doctors(browser: Browser) -> None:
    await browser.signed_in(await a_patient())

    page = await browser.get("/visits")

    assert "No visit ahead" in page.text
    assert page.one(".empty a")["href"] == "/doctors"
    assert "Past" not in page.text


async def test_held_and_booked_times_are_listed_with_where_they_lead(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    booked = await booked_code(browser, asha, await a_slot(doctor), doctor)
    held = await held_code(browser, await a_slot(doctor, at="11:00"), doctor)

    page = await browser.get("/visits")

    assert [card["href"] for card in page.html.select("a.card")] == [f"/visits/{booked}", f"/checkout/{held}"]
    assert "Number 1" in page.text and "Held until" in page.text
    assert re.search(r"Held until \d+:\d\d\u00a0[ap]m", page.html.get_text()), "a time stays on one line"


async def test_past_visits_are_paged_the_latest_first(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    await _past_visits(12, browser, doctor)

    first = await browser.get("/visits")
    second = await browser.get("/visits", page=2)

    assert [len(answer.html.select("a.card")) for answer in (first, second)] == [10, 2]
    assert second.html.select("a.card")[-1]["href"] == "/visits/PAST0011"
    assert first.one("a[rel=next]")["href"] == "/visits?page=2"
    for odd in ("0", "-1", "99", "x", "9" * 40, "²"):
        assert (await browser.get("/visits", page=odd)).status_code == 200, odd


async def test_a_time_that_ran_out_is_listed_only_when_money_came_for_it(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    await browser.signed_in(asha)
    unpaid = await held_code(browser, await a_slot(doctor, at="15:00"), doctor)
    paid_late = await held_code(browser, slot, doctor)
    await pass_time(seconds=settings().hold_for.total_seconds() + 1)
    before = await browser.get("/visits")

    vikram = await a_patient("Vikram")
    await booked_code(browser, vikram, slot, doctor)
    await pay(browser, paid_late)
    await browser.signed_in(asha)
    after = await browser.get("/visits")

    assert not before.html.select("a.card")
    assert [card["href"] for card in after.html.select("a.card")] == [f"/visits/{paid_late}"]
    assert await status_of(unpaid) in ("held", "expired")


async def test_the_slip_has_all_a_patient_needs_on_the_way(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    await execute("UPDATE appointments SET reason = 'Chest pain' WHERE code = $1", code)
    await booking.confirm(await id_of(code), by=SYSTEM)

    page = await browser.get(f"/visits/{code}")

    slip = " ".join(page.one(".slip").get_text(" ").split())
    assert page.one(".slip-number").text == "1"
    words = (
        code,
        "Dr Meera",
        "10:00 am",
        "Shanti Clinic, 12 MG Road, Pune 411001",
        "+91 20 1234 5678",
        "Asha",
        "₹500",
    )
    for word in words:
        assert word in slip
    assert "Chest pain" not in slip, "people show the slip around"
    assert "shown only to the clinic: Chest pain" in page.text
    map_link = urlsplit(str(page.one("a[href^='https://www.google.com/maps']")["href"]))
    assert parse_qs(map_link.query)["query"] == ["Shanti Clinic, 12 MG Road, Pune 411001"]
    (message,) = parse_qs(urlsplit(str(page.one("a[href^='https://wa.me/']")["href"])).query)["text"]
    assert "Visit to Dr Meera at Shanti Clinic, " in message and "10:00 am" in message
    assert "Number 1." in message and f"Code {code}." in message
    for private in ("Chest pain", "Asha"):
        assert private not in message
    assert "Time held by you" in page.text and "Booked" in page.text


async def test_cancelling_says_what_comes_back_and_sends_it_back_once(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    code = await booked_code(browser, asha, slot, doctor)

    asked = await browser.get(f"/visits/{code}/cancel")
    answers = await asyncio.gather(
        *[browser.post(f"/visits/{code}/cancel", {"reason": "Better already"}) for _press in range(3)]
    )
    await run_jobs()

    assert "All of the ₹500 you paid" in asked.text
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    again = next(answer for answer in answers if answer.status_code == 409)
    assert "This visit was cancelled already." in again.text
    page = await browser.get(f"/visits/{code}")
    assert "This visit is cancelled" in page.text
    assert "Cancelled by you. Better already" in page.text
    assert "₹500 is on its way back" in page.text or "₹500 was sent back" in page.text
    refunds = await fetch("SELECT amount_paise, razorpay_payment_id FROM refunds")
    assert [row["amount_paise"] for row in refunds] == [50_000]
    sent = [one for one in (await sandbox_ledger())["refunds"] if one["payment_id"] == refunds[0][1]]
    assert [one["amount"] for one in sent] == [50_000]
    assert not page.html.select(f"a[href='/visits/{code}/cancel']")
    await browser.signed_in(vikram)
    await held_code(browser, slot, doctor)


async def test_a_visit_that_has_begun_is_not_cancelled_by_the_patient(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    row_of = "SELECT starts_at FROM appointments WHERE code = $1"
    await pass_time(seconds=(await fetch_value(row_of, code) - clock.now()).total_seconds() + 60)
    await browser.signed_in(asha)

    opened = await browser.get(f"/visits/{code}/cancel")
    pressed = await browser.post(f"/visits/{code}/cancel", {"reason": ""})

    assert opened.location == f"/visits/{code}"
    assert "The visit's time has come already." in (await browser.follow(opened)).one("#notice").get_text()
    assert pressed.status_code == 409
    assert "Please speak to the clinic." in pressed.text
    assert await status_of(code) == "confirmed"


async def test_a_reason_for_cancelling_that_is_too_long_is_kept(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)

    answer = await browser.post(f"/visits/{code}/cancel", {"reason": "y" * 501})

    assert answer.status_code == 422
    assert answer.one("textarea").text.strip() == "y" * 501
    assert "500 characters" in answer.error_of("reason")
    assert await status_of(code) == "confirmed"


async def test_another_time_is_asked_for_once_at_a_time(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    wish = {"wish": "Friday after 5 pm", "note": "I work in the mornings"}

    form = await browser.get(f"/visits/{code}/another-time")
    sent = await browser.post(f"/visits/{code}/another-time", wish)
    again = await browser.post(f"/visits/{code}/another-time", wish)

    assert form.html.select("textarea[name=wish]") and form.html.select("textarea[name=note]")
    page = await browser.follow(sent)
    assert "You asked for another time" in page.text
    assert "Friday after 5 pm" in page.text and "I work in the mornings" in page.text
    assert again.status_code == 409
    assert "You have asked for another time already." in again.text
    assert (await browser.get(f"/visits/{code}/another-time")).location == f"/visits/{code}"
    assert await fetch_value("SELECT count(*) FROM reschedule_requests") == 1


async def test_a_wish_without_any_time_is_asked_for_again_and_the_note_kept(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)

    answer = await browser.post(f"/visits/{code}/another-time", {"wish": "  ", "note": "Exams"})

    assert answer.status_code == 422
    assert "which days or times" in answer.error_of("wish")
    assert answer.one("textarea[name=note]").text.strip() == "Exams"


async def test_the_answer_to_the_wish_stands_on_the_visit(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    later = await a_slot(doctor, at="16:00")
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    by = (await doctor.account()).actor
    visit_id = await id_of(code)

    await browser.post(f"/visits/{code}/another-time", {"wish": "Afternoon", "note": ""})
    await booking.decline_request(visit_id, note="Fully booked, sorry", by=by)
    declined = await browser.get(f"/visits/{code}")
    await browser.post(f"/visits/{code}/another-time", {"wish": "Afternoon please", "note": ""})
    await booking.reschedule(visit_id, slot_id=later, note="Somebody cancelled", by=by)
    moved = await browser.get(f"/visits/{code}")

    assert "Another time is not possible" in declined.text and "Fully booked, sorry" in declined.text
    assert declined.html.select(f"a[href='/visits/{code}/another-time']"), "may be asked again"
    assert "The visit was moved" in moved.text and "Somebody cancelled" in moved.text
    assert "4:00 pm" in moved.one(".panel").text
    assert "not possible" not in moved.one("#visit-now .panel").text
    assert "Request for another time declined by the doctor" in declined.text
    line = next(line.get_text() for line in moved.html.select("li") if "Moved from" in line.get_text())
    assert "10:00 am to " in line and "4:00 pm by the doctor. Somebody cancelled" in line


async def test_a_wish_is_taken_back_and_another_may_follow(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    await browser.post(f"/visits/{code}/another-time", {"wish": "Afternoon", "note": ""})

    asked = await browser.get(f"/visits/{code}")
    taken_back = await browser.post(f"/visits/{code}/another-time/withdraw")
    again = await browser.post(f"/visits/{code}/another-time/withdraw")

    assert asked.html.select(f"form[action='/visits/{code}/another-time/withdraw']")
    page = await browser.follow(taken_back)
    assert "You no longer ask for another time." in page.one("#notice").get_text()
    assert "Request for another time taken back by you" in page.text
    assert "You asked for another time" not in page.text
    assert again.status_code == 409
    assert (await browser.get(f"/visits/{code}/another-time")).status_code == 200


async def test_a_visit_that_waits_for_approval_says_until_when(browser: Browser) -> None:
    doctor, asha = await a_doctor(approves_visits=True), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)

    page = await browser.get(f"/visits/{code}")

    assert "The doctor still has to confirm" in page.text
    assert "Dr Meera answers until" in page.text
    assert not page.html.select(".slip-number")


async def test_the_calendar_file_names_the_visit_for_good(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    later = await a_slot(doctor, at="16:00")
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    visit_id = await id_of(code)

    async def file() -> list[str]:
        answer = await browser.get(f"/visits/{code}/calendar.ics")
        assert sorted(answer.headers["content-type"].split("; ")) == [
            "charset=utf-8",
            "method=PUBLISH",
            "text/calendar",
        ]
        assert answer.headers["content-disposition"] == f'attachment; filename="visit-{code}.ics"'
        return answer.response.text.split("\r\n")

    before = await file()
    await booking.reschedule(visit_id, slot_id=later, by=(await doctor.account()).actor)
    moved = await file()
    await browser.post(f"/visits/{code}/cancel", {"reason": ""})
    cancelled = await file()

    uid = f"UID:visit-{visit_id}@parchi"
    assert all(uid in lines for lines in (before, moved, cancelled))
    assert [next(one for one in lines if one.startswith("SEQ")) for lines in (before, moved, cancelled)] == [
        "SEQUENCE:0",
        "SEQUENCE:1",
        "SEQUENCE:2",
    ]
    assert "STATUS:CONFIRMED" in before and "STATUS:CANCELLED" in cancelled
    assert next(one for one in before if one.startswith("DTSTART:")).endswith("T043000Z"), "10:00 in Kolkata"
    assert next(one for one in moved if one.startswith("DTSTART:")).endswith("T103000Z")
    await run_jobs()


async def test_a_time_that_is_only_held_has_no_calendar_file(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)

    assert (await browser.get(f"/visits/{code}/calendar.ics")).status_code == 404


@pytest.mark.parametrize("path", ["", "/cancel", "/another-time", "/another-time/withdraw", "/calendar.ics"])
async def test_somebody_elses_visit_is_not_found(browser: Browser, path: str) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    await browser.signed_in(vikram)

    if path != "/another-time/withdraw":
        assert (await browser.get(f"/visits/{code}{path}")).status_code == 404
    if path not in ("", "/calendar.ics"):
        answer = await browser.post(f"/visits/{code}{path}", {"wish": "x", "note": "", "reason": ""})
        assert answer.status_code == 404
    assert await status_of(code) == "confirmed"


async def test_what_people_type_is_never_read_as_markup(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    await execute("UPDATE persons SET name = '<b>Asha</b>'")
    code = await held_code(browser, await a_slot(doctor), doctor)
    await execute("UPDATE appointments SET reason = '<script>alert(1)</script>'")

    for path in (f"/checkout/{code}", f"/visits/{code}", "/visits"):
        page = await browser.get(path)
        assert not page.html.select("main script")
        assert "<b>Asha" not in page.response.text and "<script>alert" not in page.response.text
