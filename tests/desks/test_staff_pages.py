"""The clinic's pages: the day, the list, one appointment, moving, answering, ending."""

from datetime import datetime, time, timedelta

import pytest
from bs4 import BeautifulSoup

from app import clock
from app.booking import queries, services
from app.db.engine import execute
from tests.booking.visits import a_visit, acting, all_clocks_later, hold_for
from tests.browser import Browser
from tests.factories import (
    KOLKATA,
    a_doctor,
    a_patient,
    a_person,
    a_receptionist,
    a_slot,
    an_admin,
    clinic_day,
)


async def test_the_day_shows_now_next_and_who_is_done(browser: Browser) -> None:
    doctor = await a_doctor()
    sitting = await a_visit(await a_patient("Asha Rao"), await a_slot(doctor, at="10:00"), doctor)
    waiting = await a_visit(await a_patient("Vikram Shah"), await a_slot(doctor, at="10:40"), doctor)

    await browser.signed_in(doctor)
    at_ten = datetime.combine(clinic_day(1), time(10, 5), KOLKATA)
    async with all_clocks_later(seconds=(at_ten - clock.now()).total_seconds()):
        answer = await browser.get("/doctor")

    assert answer.status_code == 200
    cards = answer.html.select("#today .card")
    now_card, next_card, figures = (card.get_text(" ", strip=True) for card in cards)
    assert "Asha Rao" in now_card
    assert "Vikram Shah" in next_card
    assert "2 to see" in figures
    assert [sitting.token_number, waiting.token_number] == [1, 2]


async def test_the_day_counts_what_waits_and_how_full_the_coming_days_are(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(visit.id, wish="evenings", by=acting(asha))

    answer = await (await browser.signed_in(doctor)).get("/doctor")

    assert "No visits today" in answer.text
    assert "1 request waits for your answer" in answer.text
    assert "1 visit" in answer.text


async def test_a_doctor_who_is_not_approved_reads_what_happens_next(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)

    answer = await (await browser.signed_in(doctor)).get("/doctor")

    assert answer.status_code == 200
    assert "Your application waits for an administrator" in answer.text


async def test_complete_on_the_day_swaps_the_days_part_and_works_without_javascript(browser: Browser) -> None:
    doctor = await a_doctor()
    visits = [
        await a_visit(
            await a_patient(), await a_slot(doctor, starts_at=clock.now() + timedelta(minutes=n)), doctor
        )
        for n in (1, 40)
    ]
    await browser.signed_in(doctor)

    part = await browser.post(f"/appointments/{visits[0].code}/complete", {"back": "day"}, part=True)
    plain = await browser.post(f"/appointments/{visits[1].code}/complete", {"back": "day"})

    assert part.status_code == 200
    assert "<html" not in part.response.text
    assert "completed" in part.side_part("notice")
    assert plain.location == "/doctor"
    for visit in visits:
        assert (await queries.get_appointment(visit.id)).status == "completed"


async def test_completing_a_visit_that_is_still_to_come_is_asked_first(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient("Asha Rao"), await a_slot(doctor, days_ahead=3), doctor)
    path = f"/appointments/{visit.code}/complete"
    await browser.signed_in(doctor)

    shown = await browser.get(f"/appointments/{visit.code}")
    asked = await browser.get(path)
    done = await browser.post(str(asked.one("main form")["action"]))
    over = await browser.get(path)

    assert shown.html.select(f"a[href='{path}']") and not shown.html.select(f"form[action='{path}']")
    assert "Asha Rao" in asked.text and "still to come" in asked.text
    assert done.location == over.location == f"/appointments/{visit.code}"
    assert "state has changed" in (await browser.follow(over)).text
    assert (await queries.get_appointment(visit.id)).status == "completed"


async def test_the_day_asks_before_its_time_and_offers_both_ends_from_then_on(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(
        await a_patient(), await a_slot(doctor, starts_at=clock.now() + timedelta(minutes=2)), doctor
    )
    path = f"/appointments/{visit.code}"
    await browser.signed_in(doctor)

    early = await browser.get("/doctor")
    asked = await browser.get(f"{path}/complete?back=day")
    async with all_clocks_later(minutes=5):
        begun = await browser.get("/doctor")
        missed = await browser.post(f"{path}/no-show", {"back": "day"}, part=True)

    assert early.html.select(f"#today a[href='{path}/complete?back=day']")
    assert not early.html.select("#today form")
    assert asked.one("main form input[name=back]")["value"] == "day"
    assert [form["action"] for form in begun.html.select("#today form")] == [
        f"{path}/complete",
        f"{path}/no-show",
    ]
    assert missed.status_code == 200 and "marked as missed" in missed.side_part("notice")
    assert (await queries.get_appointment(visit.id)).status == "no_show"
    done = BeautifulSoup(missed.response.text, "html.parser")
    assert done.select("td.last")[0].decode_contents() == "", "an empty cell takes no line on a phone"


async def test_what_cannot_be_done_any_more_is_refused_beside_the_visit(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=3), doctor)
    await services.cancel(visit.id, reason="", by=acting(doctor))

    answer = await (await browser.signed_in(doctor)).post(f"/appointments/{visit.code}/complete")

    assert answer.status_code == 409
    assert answer.one("#notice").get_text().strip()
    assert visit.code in answer.text


async def test_a_missed_visit_is_marked_once_its_time_has_come(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(
        await a_patient(), await a_slot(doctor, starts_at=clock.now() + timedelta(minutes=2)), doctor
    )
    await browser.signed_in(doctor)

    early = await browser.post(f"/appointments/{visit.code}/no-show")
    async with all_clocks_later(minutes=5):
        shown = await browser.get(f"/appointments/{visit.code}")
        done = await browser.post(f"/appointments/{visit.code}/no-show")
        again = await browser.post(f"/appointments/{visit.code}/no-show")

    assert (early.status_code, done.status_code, again.status_code) == (409, 303, 409)
    assert "closed for good" in shown.text


@pytest.mark.parametrize("who", ["doctor", "reception", "admin"])
async def test_staff_see_the_clinics_appointments_and_everything_about_one(
    browser: Browser, who: str
) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    people = {
        "doctor": doctor,
        "reception": await a_receptionist(doctor.clinic_id),
        "admin": await an_admin(),
    }
    held = await hold_for(asha, await a_slot(doctor), doctor, reason="Cough for a week")
    visit = await services.confirm(held.id, by=acting(asha))
    await browser.signed_in(people[who])

    listed = await browser.get("/appointments")
    shown = await browser.get(f"/appointments/{visit.code}")

    assert "Asha Rao" in listed.text
    assert listed.one("tbody th a")["href"] == f"/appointments/{visit.code}"
    assert "Cough for a week" in shown.text
    assert "Move to another time" in shown.text


async def test_another_doctors_reception_and_a_patient_find_nothing(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    strangers = [await a_doctor("Dr Arjun"), await a_receptionist((await a_doctor("Dr Who")).clinic_id)]

    for stranger in strangers:
        await browser.signed_in(stranger)
        assert visit.code not in (await browser.get("/appointments")).text
        for path in ("", "/reschedule", "/cancel"):
            assert (await browser.get(f"/appointments/{visit.code}{path}")).status_code == 404
        for act in ("complete", "no-show", "cancel", "reschedule", "approve", "decline"):
            assert (await browser.post(f"/appointments/{visit.code}/{act}")).status_code == 404, act
    await browser.signed_in(asha)
    for path in ("/doctor", "/doctor/requests", "/appointments", f"/appointments/{visit.code}"):
        assert (await browser.get(path)).status_code == 403, path
    assert (await queries.get_appointment(visit.id)).status == "confirmed"


async def test_signed_out_people_are_sent_to_log_in(browser: Browser) -> None:
    answer = await browser.get("/appointments")

    assert answer.location == "/login?next=%2Fappointments"


async def test_the_list_filters_by_state_and_day_and_has_pages(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    first = await a_visit(asha, await a_slot(doctor), doctor)
    gone = await a_visit(asha, await a_slot(doctor, at="12:00"), doctor)
    far = await a_visit(asha, await a_slot(doctor, days_ahead=5), doctor)
    await services.cancel(gone.id, reason="", by=acting(asha))
    await browser.signed_in(doctor)

    def codes(answer: object) -> list[str]:
        return [str(link["href"]).rsplit("/", 1)[-1] for link in answer.html.select("tbody th a")]  # type: ignore[attr-defined]

    tomorrow = clinic_day().isoformat()
    assert codes(await browser.get("/appointments")) == [first.code, far.code]
    assert codes(await browser.get("/appointments", status="cancelled")) == [gone.code]
    assert codes(await browser.get("/appointments", first=tomorrow, last=tomorrow, status="all")) == [
        first.code,
        gone.code,
    ]
    part = await browser.get("/appointments", part=True, status="cancelled")
    assert gone.code in part.response.text
    assert "From" in part.side_part("filters")
    wrong = await browser.get("/appointments", part=True, first="x", status="all")
    assert wrong.status_code == 422
    assert "There is a problem" in wrong.side_part("filters")


async def test_filters_that_make_no_sense_are_refused_at_their_field(browser: Browser) -> None:
    doctor = await a_doctor()
    await browser.signed_in(doctor)

    backwards = await browser.get("/appointments", first="2026-12-02", last="2026-12-01", status="all")
    nonsense = await browser.get("/appointments", first="yesterday", status="all")
    unknown = await browser.get("/appointments", status="lost")

    assert (backwards.status_code, nonsense.status_code, unknown.status_code) == (422, 422, 422)
    assert "not before" in backwards.error_of("last")
    assert nonsense.error_of("first")
    assert unknown.error_of("status")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9999999999", "²"])
async def test_a_page_number_that_is_none_is_the_first_page(browser: Browser, page: str) -> None:
    answer = await (await browser.signed_in(await a_doctor())).get("/appointments", page=page, status="all")

    assert answer.status_code == 200


async def test_the_doctor_moves_a_visit_to_another_day(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    other = await a_slot(doctor, days_ahead=2, at="11:00")
    day = clinic_day(2).isoformat()
    await browser.signed_in(doctor)

    chosen = await browser.get(f"/appointments/{visit.code}/reschedule", day=day)
    part = await browser.get(f"/appointments/{visit.code}/reschedule", day=day, part=True)
    moved = await browser.post(
        f"/appointments/{visit.code}/reschedule", {"slot": other, "day": day, "note": "Away that day"}
    )

    assert chosen.one("input[name=slot]")["value"] == str(other)
    assert "<textarea" not in part.response.text
    assert moved.location == f"/appointments/{visit.code}"
    shown = await browser.follow(moved)
    assert "Away that day" in shown.text
    assert (await queries.get_appointment(visit.id)).slot_id == other


async def test_moving_begins_with_the_day_of_the_closest_free_time(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    other = await a_slot(doctor, days_ahead=4)

    answer = await (await browser.signed_in(doctor)).get(f"/appointments/{visit.code}/reschedule")

    assert answer.one("input[name=slot]")["value"] == str(other)
    assert answer.one("input[name=day]")["value"] == clinic_day(4).isoformat()


async def test_moving_without_a_time_is_refused_at_the_field_and_keeps_the_note(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    await a_slot(doctor, at="11:00")

    answer = await (await browser.signed_in(doctor)).post(
        f"/appointments/{visit.code}/reschedule", {"day": clinic_day().isoformat(), "note": "Away"}
    )

    assert answer.status_code == 422
    assert answer.error_of("slot") == "Error: Choose a time."
    assert answer.one("textarea").get_text().strip() == "Away"


async def test_moving_to_a_time_just_taken_offers_others_and_keeps_the_note(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    wanted, other = await a_slot(doctor, at="11:00"), await a_slot(doctor, at="12:00")
    await hold_for(await a_patient("Vikram"), wanted, doctor)

    answer = await (await browser.signed_in(doctor)).post(
        f"/appointments/{visit.code}/reschedule",
        {"slot": wanted, "day": clinic_day().isoformat(), "note": "Away"},
    )

    assert answer.status_code == 409
    assert "just taken" in answer.one("#notice").get_text()
    assert [tag["value"] for tag in answer.html.select("input[name=slot]")] == [str(other)]
    assert answer.one("textarea").get_text().strip() == "Away"


@pytest.mark.parametrize("slot", ["nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_moving_to_a_slot_that_is_none_is_not_found(browser: Browser, slot: str) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)

    answer = await (await browser.signed_in(doctor)).post(
        f"/appointments/{visit.code}/reschedule", {"slot": slot}
    )

    assert answer.status_code == 404


async def test_a_visit_that_is_over_is_not_offered_another_time(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.cancel(visit.id, reason="", by=acting(asha))
    await browser.signed_in(doctor)

    answer = await browser.get(f"/appointments/{visit.code}/reschedule")

    assert answer.location == f"/appointments/{visit.code}"
    assert "nothing left to do" in (await browser.follow(answer)).text


async def test_the_clinic_cancels_after_saying_what_it_means(browser: Browser) -> None:
    doctor = await a_doctor()
    sunita = await a_receptionist(doctor.clinic_id)
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    await browser.signed_in(sunita)

    asked = await browser.get(f"/appointments/{visit.code}/cancel")
    done = await browser.post(f"/appointments/{visit.code}/cancel", {"reason": "Doctor ill"})
    again = await browser.post(f"/appointments/{visit.code}/cancel", {"reason": ""})

    assert "cannot be undone" in asked.text
    assert done.status_code == 303
    assert "Doctor ill" in (await browser.follow(done)).text
    assert again.status_code == 409
    assert "cancelled already" in again.one("#notice").get_text()


async def test_a_reason_too_long_is_refused_and_kept(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)

    answer = await (await browser.signed_in(doctor)).post(
        f"/appointments/{visit.code}/cancel", {"reason": "a" * 501}
    )

    assert answer.status_code == 422
    assert answer.error_of("reason")
    assert answer.one("textarea").get_text().strip() == "a" * 501
    assert (await queries.get_appointment(visit.id)).status == "confirmed"


async def test_a_wish_for_another_time_is_accepted_with_one_press(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    other = await a_slot(doctor, at="16:00")
    await services.request_reschedule(visit.id, note="Exam", wish="afternoons", by=acting(asha))
    await browser.signed_in(doctor)

    listed = await browser.get("/doctor/requests")
    done = await browser.post(f"/doctor/requests/{visit.code}/accept", {"slot": other})

    assert "afternoons" in listed.text
    assert "Exam" in listed.text
    assert [button["value"] for button in listed.html.select("button[name=slot]")] == [str(other)]
    assert "Nothing waits" in (await browser.follow(done)).text
    assert (await queries.get_appointment(visit.id)).slot_id == other


async def test_a_wish_answered_in_another_tab_is_not_accepted_again(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    first, second = await a_slot(doctor, at="16:00"), await a_slot(doctor, at="17:00")
    await services.request_reschedule(visit.id, wish="afternoons", by=acting(asha))
    await browser.signed_in(doctor)

    await browser.post(f"/doctor/requests/{visit.code}/accept", {"slot": first})
    again = await browser.post(f"/doctor/requests/{visit.code}/accept", {"slot": second})
    shown = await browser.get(f"/appointments/{visit.code}")

    assert again.status_code == 409
    assert "answered or taken back already" in again.one("#notice").get_text()
    assert (await queries.get_appointment(visit.id)).slot_id == first
    row = next(row for row in shown.html.select("tr") if "Moved from" in row.get_text())
    assert "10:00 am to" in row.get_text() and "4:00 pm" in row.get_text()


async def test_only_the_most_urgent_wishes_show_times_of_their_own(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desks.doctor.requests.WITH_TIMES", 1)
    doctor, asha = await a_doctor(), await a_patient()
    urgent = await a_visit(asha, await a_slot(doctor), doctor)
    later_on = await a_visit(asha, await a_slot(doctor, days_ahead=3), doctor)
    await a_slot(doctor, days_ahead=2)
    for visit in (later_on, urgent):
        await services.request_reschedule(visit.id, wish="afternoons", by=acting(asha))

    page = await (await browser.signed_in(doctor)).get("/doctor/requests")

    first, second = page.html.select("article")
    assert urgent.code in str(first) and first.select("button[name=slot]")
    assert later_on.code in str(second) and not second.select("button[name=slot]")
    assert "Another day" in second.get_text()


async def test_a_wish_for_a_time_that_was_taken_meanwhile_is_answered_with_others(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    wanted, other = await a_slot(doctor, at="16:00"), await a_slot(doctor, at="16:30")
    await services.request_reschedule(visit.id, wish="afternoons", by=acting(asha))
    await hold_for(await a_patient("Vikram"), wanted, doctor)

    answer = await (await browser.signed_in(doctor)).post(
        f"/doctor/requests/{visit.code}/accept", {"slot": wanted}
    )

    assert answer.status_code == 409
    assert [button["value"] for button in answer.html.select("button[name=slot]")] == [str(other)]


async def test_a_wish_is_declined_with_a_note_and_twice_is_refused(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(visit.id, wish="afternoons", by=acting(asha))
    await browser.signed_in(doctor)

    done = await browser.post(f"/doctor/requests/{visit.code}/decline", {"note": "Only mornings"})
    again = await browser.post(f"/doctor/requests/{visit.code}/decline", {"note": ""})

    assert done.location == "/doctor/requests"
    assert again.status_code == 409
    assert "Only mornings" in (await browser.get(f"/appointments/{visit.code}")).text


async def test_a_visit_that_needs_approval_is_approved_or_declined_with_a_note(browser: Browser) -> None:
    doctor = await a_doctor(approves_visits=True)
    first = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=3), doctor)
    second = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=3, at="12:00"), doctor)
    await browser.signed_in(doctor)

    waiting = await browser.get("/doctor/requests")
    approved = await browser.post(f"/appointments/{first.code}/approve", {"note": "Come fasting"})
    declined = await browser.post(f"/appointments/{second.code}/decline", {"note": "On leave"})
    again = await browser.post(f"/appointments/{second.code}/approve")

    assert waiting.text.count("Approve or decline") == 2
    assert (approved.status_code, declined.status_code, again.status_code) == (303, 303, 409)
    assert (await queries.get_appointment(first.id)).token_number == 1
    assert (await queries.get_appointment(second.id)).status == "cancelled"


async def test_what_people_wrote_is_never_markup(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient("<b>Asha</b>")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(
        visit.id, note="<script>alert(1)</script>", wish="<img src=x>", by=acting(asha)
    )
    await browser.signed_in(doctor)

    for path in ("/doctor/requests", "/appointments", f"/appointments/{visit.code}"):
        answer = await browser.get(path)
        assert "<b>Asha" not in answer.response.text
        assert "<script>alert" not in answer.response.text
        assert "<img src=x" not in answer.response.text


async def test_staff_pages_never_reach_for_the_gateway(browser: Browser) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    await browser.signed_in(doctor)

    for path in ("/doctor", "/appointments", f"/appointments/{visit.code}", "/doctor/requests"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "localhost" not in policy


async def test_the_list_has_as_many_pages_as_it_needs(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    person = await a_person(asha.id)
    start = clock.now() + timedelta(days=2)
    for n in range(52):
        await execute(
            "INSERT INTO appointments (code, practice_id, doctor_id, service_id, person_id, booked_by_id, "
            "on_date, status, amount_paise, created_at, changed_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, 'confirmed', 0, $8, $8)",
            f"CODE{n:04}",
            doctor.practice_id,
            doctor.doctor_id,
            doctor.service_id,
            person,
            asha.id,
            start.date(),
            start,
        )
    await browser.signed_in(doctor)

    first = await browser.get("/appointments", status="booked")
    second = await browser.get(str(first.one("a[rel=next]")["href"]))

    assert len(first.html.select("tbody tr")) == 50
    assert len(second.html.select("tbody tr")) == 2
    assert second.html.select("a[rel=prev]")
