"""From a pressed time to the gateway and back, as a patient without JavaScript meets it."""

import asyncio
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from app.accounts.queries import self_of
from app.booking import services as booking
from app.booking.queries import get_appointment
from app.db.engine import execute, fetch, fetch_value
from app.directory.queries import get_service
from app.directory.services import retire_service
from app.events.actor import SYSTEM
from app.settings import settings
from app.web.filters import clock as clock_time
from app.web.filters import day, together
from tests.browser import Browser
from tests.desks.steps import (
    booked_code,
    come_back,
    held_code,
    id_of,
    order_of,
    pass_time,
    pay,
    press,
    status_of,
)
from tests.factories import (
    Cast,
    CastDoctor,
    a_doctor,
    a_patient,
    a_person,
    a_receptionist,
    a_service,
    a_slot,
    clinic_day,
    paid_at_gateway,
    run_jobs,
)

ALL_ACTS = ("order", "details", "extend", "release")


async def _hold_for(person: Cast, slot: object, doctor: CastDoctor) -> None:
    service = await get_service(doctor.service_id, practice_id=doctor.practice_id)
    account = await person.account()
    await booking.hold(
        slot,  # type: ignore[arg-type]
        service=service,
        person=await self_of(person.id),
        reason="",
        booked_by=person.id,
        by=account.actor,
    )


async def _count() -> int:
    rows: int = await fetch_value("SELECT count(*) FROM appointments")
    return rows


async def test_a_stranger_who_presses_a_time_logs_in_and_comes_back_to_it(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)

    pressed = await press(browser, slot, doctor)

    there = urlsplit(pressed.location)
    (way_on,) = parse_qs(there.query)["next"]
    assert (pressed.status_code, there.path) == (303, "/login")
    assert way_on == f"/checkout/new?slot={slot}&service={doctor.service_id}"

    entered = await browser.post(
        "/login", {"identifier": asha.email, "password": asha.password, "next": way_on}
    )
    page = await browser.follow(entered)
    form = page.one("form[data-submit-on-load]")
    assert form["action"] == "/checkout"
    fields = {field["name"]: field.get("value", "") for field in form.select("input")}
    assert (fields["slot"], fields["service"]) == (str(slot), str(doctor.service_id))
    assert "Dr Meera" in page.text and "₹500" in page.text and "10:00 am" in page.text
    assert await _count() == 0, "opening a page holds nothing"

    held = await browser.post("/checkout", fields)
    assert held.location.startswith("/checkout/")


async def test_who_opens_the_address_of_a_time_signed_out_is_asked_to_log_in(browser: Browser) -> None:
    slot = await a_slot(await a_doctor())

    answer = await browser.get("/checkout/new", slot=slot)

    assert parse_qs(urlsplit(answer.location).query)["next"] == [f"/checkout/new?slot={slot}"]


async def test_an_address_not_confirmed_yet_comes_first(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient(verified=False)
    slot = await a_slot(doctor)
    await browser.signed_in(asha)

    pressed = await press(browser, slot, doctor)

    there = urlsplit(pressed.location)
    assert (pressed.status_code, there.path) == (303, "/verify")
    assert parse_qs(there.query)["next"] == [f"/checkout/new?slot={slot}&service={doctor.service_id}"]
    opened = await browser.get("/checkout/new", slot=slot)
    assert urlsplit(opened.location).path == "/verify"
    assert await _count() == 0


async def test_a_service_that_was_retired_meanwhile_leads_back_to_what_the_doctor_offers(
    browser: Browser,
) -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor, at="16:00", days_ahead=3)
    await browser.signed_in(await a_patient())
    await retire_service(doctor.service_id, practice_id=doctor.practice_id, by=SYSTEM)
    await a_service(doctor.practice_id, fee_paise=40_000)

    pressed = await press(browser, slot, doctor)
    opened = await browser.get("/checkout/new", slot=slot, service=doctor.service_id)

    for answer in (pressed, opened):
        assert answer.status_code == 409
        assert "changed this service or no longer offers it" in answer.one("#notice").get_text()
        assert answer.one("#picked").get_text().startswith(day(clinic_day(3)))
        assert "4:00 pm" in answer.text and "₹400" in answer.text
    assert await _count() == 0


async def test_those_who_work_at_the_clinic_cannot_press_a_time(browser: Browser) -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)

    for person in (doctor, await a_receptionist(doctor.clinic_id)):
        await browser.signed_in(person)
        answer = await press(browser, slot, doctor)
        assert answer.status_code == 403
        assert "Your account may not do this." in answer.text


async def test_a_pressed_time_is_held_and_the_page_says_all_there_is_to_check(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient(mobile="+919000000001")
    await browser.signed_in(asha)

    code = await held_code(browser, await a_slot(doctor), doctor)
    page = await browser.get(f"/checkout/{code}")

    for words in (
        "Dr Meera",
        "Shanti Clinic, 12 MG Road, Pune",
        "10:00 am – 10:30 am",
        "Consultation",
        "Asha",
    ):
        assert words in page.text
    assert "all of the ₹500 comes back to you" in page.text
    beside = page.one("form[data-razorpay] noscript").get_text()
    assert beside == "You pay for the visit of Asha. If you changed that above, press Save first."
    assert "If the clinic cancels, all of it always comes back." in page.text
    form = page.one("form[data-razorpay]")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    here = settings().base_url
    assert (
        form["action"] == f"{settings().sandbox_origin or settings().razorpay_base_url}/v1/checkout/embedded"
    )
    assert fields == {
        "key_id": settings().razorpay_key_id,
        "order_id": await order_of(code),
        "amount": "50000",
        "currency": "INR",
        "name": "Shanti Clinic",
        "description": f"Visit {code}",
        "prefill[name]": "Asha",
        "prefill[email]": asha.email,
        "prefill[contact]": "+919000000001",
        "callback_url": f"{here}/checkout/return?visit={code}",
        "cancel_url": f"{here}/checkout/{code}?payment=cancelled",
    }
    assert page.one("form[data-razorpay] button").text == "Pay ₹500"
    gateway_scripts = [
        str(tag["src"]) for tag in page.html.select("script") if "checkout.js" in str(tag.get("src"))
    ]
    assert len(gateway_scripts) == 1
    assert "checkout.js" not in (await browser.get("/visits")).response.text


async def test_pressing_the_same_time_twice_leads_to_the_same_hold(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    await browser.signed_in(asha)

    first, second = await press(browser, slot, doctor), await press(browser, slot, doctor)

    assert first.location == second.location
    assert await _count() == 1


async def test_the_same_time_pressed_in_five_tabs_at_once_is_one_hold_and_one_order(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    await browser.signed_in(asha)

    answers = await asyncio.gather(*[press(browser, slot, doctor) for _tab in range(5)])

    assert len({answer.location for answer in answers}) == 1, [answer.status_code for answer in answers]
    assert await _count() == 1
    (payment,) = await fetch("SELECT razorpay_order_id FROM payments")
    assert payment["razorpay_order_id"].startswith("order_")


async def test_a_taken_time_is_said_and_three_others_are_offered(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    taken = await a_slot(doctor)
    others = [await a_slot(doctor, at=at) for at in ("10:30", "11:00", "11:30", "15:00")]
    await _hold_for(vikram, taken, doctor)
    await browser.signed_in(asha)

    answer = await press(browser, taken, doctor)

    assert answer.status_code == 409
    assert "That time was just taken" in " ".join(answer.one("#notice").get_text(" ").split())
    offered = [tag["value"] for tag in answer.html.select(".panel button[name=slot]")]
    assert offered == [str(slot) for slot in others[:3]]
    assert (await press(browser, others[0], doctor)).status_code == 303


async def test_a_time_that_has_begun_cannot_be_held(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    await browser.signed_in(asha)
    await execute(
        "UPDATE slots SET starts_at = starts_at - interval '3 days', ends_at = ends_at - interval '3 days', "
        "on_date = on_date - 3 WHERE id = $1",
        slot,
    )

    answer = await press(browser, slot, doctor)

    assert answer.status_code == 409
    assert "That time has already begun" in answer.text


@pytest.mark.parametrize(
    "slot", ["11111111-1111-4111-8111-111111111111", "7", "", "'; DROP TABLE slots", "\x00"]
)
async def test_a_slot_that_is_none_is_not_found(browser: Browser, slot: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)

    pressed = await browser.post("/checkout", {"slot": slot, "service": doctor.service_id})
    opened = await browser.get("/checkout/new", slot=slot)

    assert (pressed.status_code, opened.status_code) == (404, 404)


async def test_whoever_holds_three_times_is_shown_them_instead_of_a_fourth(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slots = [await a_slot(doctor, at=at) for at in ("10:00", "10:30", "11:00", "11:30")]
    await browser.signed_in(asha)
    held = [await held_code(browser, slot, doctor) for slot in slots[:3]]

    answer = await press(browser, slots[3], doctor)

    assert answer.status_code == 409
    assert "You are holding three times already." in answer.text
    links = {tag["href"] for tag in answer.html.select("a.card")}
    assert links == {f"/checkout/{code}" for code in held}


async def test_whom_it_is_for_and_why_are_kept(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)

    answer = await browser.post(f"/checkout/{code}/details", {"person": ravi, "reason": "Fever since Monday"})

    page = await browser.follow(answer)
    assert page.one("select[name=person] option[selected]")["value"] == str(ravi)
    assert page.one("textarea[name=reason]").text.strip() == "Fever since Monday"
    assert "Saved." in page.text
    kept = await get_appointment(await id_of(code))
    assert (kept.person_id, kept.reason) == (ravi, "Fever since Monday")


async def test_the_script_saves_details_as_they_are_typed(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    person = (await self_of(asha.id)).id

    saved = await browser.post(f"/checkout/{code}/details", {"person": person, "reason": "Cough"}, part=True)
    wrong = await browser.post(
        f"/checkout/{code}/details", {"person": person, "reason": "x" * 501}, part=True
    )

    assert (saved.status_code, saved.text) == (200, "Saved.")
    assert wrong.status_code == 422
    assert "500 characters or fewer" in wrong.text
    assert (await get_appointment(await id_of(code))).reason == "Cough"


async def test_a_reason_that_is_too_long_is_said_at_the_field_and_kept(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    typed = "long " * 101

    answer = await browser.post(
        f"/checkout/{code}/details", {"person": (await self_of(asha.id)).id, "reason": typed}
    )

    assert answer.status_code == 422
    assert "500 characters or fewer" in answer.error_of("reason")
    assert answer.one("textarea[name=reason]").text.strip() == typed.strip()
    assert answer.one(".summary a[href='#reason']")


async def test_somebody_elses_person_cannot_be_chosen(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    stranger = await a_person(vikram.id, name="Not hers")
    await browser.signed_in(asha)
    slot, other = await a_slot(doctor), await a_slot(doctor, at="11:00")
    code = await held_code(browser, slot, doctor)

    changed = await browser.post(f"/checkout/{code}/details", {"person": stranger, "reason": ""})
    started = await press(browser, other, doctor, person=stranger)

    assert changed.status_code == 422
    assert started.status_code == 404
    assert (await get_appointment(await id_of(code))).person_id != stranger


async def test_the_hold_is_extended_once(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    before = (await get_appointment(await id_of(code))).hold_expires_at
    await pass_time(minutes=5)
    shown = await browser.get(f"/checkout/{code}")

    first = await browser.post(f"/checkout/{code}/extend")
    again = await browser.post(f"/checkout/{code}/extend")

    page = await browser.follow(first)
    after = (await get_appointment(await id_of(code))).hold_expires_at
    assert before is not None and after == before + settings().hold_for
    until = f"until {clock_time(after, 'Asia/Kolkata')}"
    assert together(until) in together(shown.one(f"form[action='/checkout/{code}/extend']").get_text())
    assert until in page.one("#notice").get_text()
    assert "The time is now held for you until" in page.text
    assert not page.html.select(f"form[action='/checkout/{code}/extend']")
    assert again.status_code == 409
    assert "cannot be extended again" in again.text
    assert again.html.select("form[data-razorpay]"), "the page to pay on stays"


@pytest.mark.parametrize(("then", "leads_to"), [("choose", "/doctors/"), ("leave", "/visits")])
async def test_a_time_given_up_is_free_for_others_at_once(browser: Browser, then: str, leads_to: str) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    await browser.signed_in(asha)
    code = await held_code(browser, slot, doctor)

    answer = await browser.post(f"/checkout/{code}/release", {"then": then})
    again = await browser.post(f"/checkout/{code}/release", {"then": then})

    assert answer.location.startswith(leads_to)
    assert (await browser.follow(answer)).status_code == 200
    assert "This visit is cancelled" in (await browser.follow(again)).text
    await _hold_for(vikram, slot, doctor)


async def test_a_hold_that_ran_out_is_said_kindly_and_held_again_by_one_press(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    slot = await a_slot(doctor, days_ahead=3)
    near = await a_slot(doctor, days_ahead=3, at="10:30")
    await browser.signed_in(asha)
    code = await held_code(browser, slot, doctor)
    await browser.post(f"/checkout/{code}/details", {"person": ravi, "reason": "Rash"})
    await pass_time(seconds=settings().hold_for.total_seconds() + 1)

    page = await browser.get(f"/checkout/{code}")

    assert page.status_code == 200
    assert "This time is no longer held for you" in page.text
    assert "Nothing was charged." in page.text
    assert [tag["value"] for tag in page.html.select("button.slot")] == [str(near)]
    form = page.one("form[action='/checkout']")
    fields = {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}
    again = await browser.post("/checkout", {**fields, "slot": page.one("button.btn-main")["value"]})
    kept = await get_appointment(await id_of(again.location.rpartition("/")[2]))
    assert (kept.slot_id, kept.person_id, kept.reason) == (slot, ravi, "Rash")


async def test_a_hold_that_ran_out_and_went_to_somebody_else_offers_only_others(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor, days_ahead=3)
    near = await a_slot(doctor, days_ahead=3, at="10:30")
    await browser.signed_in(asha)
    code = await held_code(browser, slot, doctor)
    await pass_time(seconds=settings().hold_for.total_seconds() + 1)
    await _hold_for(vikram, slot, doctor)

    page = await browser.get(f"/checkout/{code}")

    assert "It cannot be had any more." in page.text
    assert [tag["value"] for tag in page.html.select("button[name=slot]")] == [str(near)]


@pytest.mark.parametrize("act", ["details", "extend", "release", "order"])
async def test_nothing_can_be_done_with_a_hold_that_ran_out(browser: Browser, act: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor, days_ahead=3), doctor)
    person = (await self_of(asha.id)).id
    await execute("UPDATE payments SET razorpay_order_id = NULL, status = 'due'")
    await execute("UPDATE appointments SET status = 'expired'")

    answer = await browser.post(f"/checkout/{code}/{act}", {"person": person, "reason": ""})

    assert answer.status_code == 409
    assert "no longer held for you" in answer.text


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("release", "This visit is paid and booked. To give it up, cancel it."),
        ("details", "This visit is booked already."),
        ("extend", "This visit is booked already."),
        ("order", "This visit is booked already."),
    ],
)
async def test_a_page_left_open_while_another_tab_paid_says_so(
    browser: Browser, act: str, words: str
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    person = (await self_of(asha.id)).id

    answer = await browser.post(f"/checkout/{code}/{act}", {"person": person, "reason": ""})

    page = await browser.follow(answer)
    assert words in page.one("#notice").get_text()
    assert "Your visit is booked" in page.text
    assert await status_of(code) == "confirmed"


async def test_once_the_gateway_is_back_a_reload_shows_the_way_to_pay(
    browser: Browser, gateway: httpx.AsyncClient
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    await gateway.post("/sandbox/faults", json={"api": {"next": 1, "status": 503}})
    code = await held_code(browser, await a_slot(doctor), doctor)
    down = await browser.get(f"/checkout/{code}")

    await run_jobs()

    assert "The payment service does not answer just now" in down.text
    up = await browser.get(f"/checkout/{code}")
    assert up.one("form[data-razorpay] input[name=order_id]")["value"] == await order_of(code)


async def test_who_leaves_the_bank_without_javascript_reads_that_nothing_was_charged(
    browser: Browser,
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor, days_ahead=3), doctor)
    pay_page = await browser.get(f"/checkout/{code}")
    way_back = str(pay_page.one("input[name=cancel_url]")["value"]).removeprefix(settings().base_url)

    back = await browser.get(way_back)
    await pass_time(seconds=settings().hold_for.total_seconds() + 1)
    too_late = await browser.get(way_back)

    words = "You closed the payment. Nothing was charged, and the time is still held for you."
    assert words in back.one("#notice").get_text()
    assert pay_page.one("form[data-razorpay]")["data-dismissed"] == words
    assert "still held" not in too_late.text


async def test_while_the_gateway_is_down_the_time_stays_held_and_a_button_tries_again(
    browser: Browser, gateway: httpx.AsyncClient
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    await gateway.post("/sandbox/faults", json={"api": {"next": 3, "status": 503}})

    code = await held_code(browser, await a_slot(doctor), doctor)
    page = await browser.get(f"/checkout/{code}")
    still_down = await browser.post(f"/checkout/{code}/order")

    assert await status_of(code) == "held"
    assert "The payment service does not answer just now" in page.text
    assert "The time is held for you until" in page.text
    assert not page.html.select("form[data-razorpay]")
    assert still_down.status_code == 503
    assert "Try again" in still_down.one(f"form[action='/checkout/{code}/order']").text

    await gateway.post("/sandbox/faults", json={"clear": True})
    up = await browser.follow(await browser.post(f"/checkout/{code}/order"))
    assert up.one("form[data-razorpay] input[name=order_id]")["value"] == await order_of(code)


async def test_who_pays_comes_back_to_the_slip(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)

    answer = await pay(browser, code)

    assert answer.location == f"/visits/{code}?paid=1"
    assert "set-cookie" not in answer.headers
    page = await browser.follow(answer)
    assert "Your visit is booked" in page.text
    assert page.one(".slip-number").text == "1"
    back_button = await browser.get(f"/checkout/{code}")
    assert back_button.location == f"/visits/{code}"


async def test_coming_back_twice_books_once(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    fields = await paid_at_gateway(await order_of(code))

    answers = await asyncio.gather(*[come_back(browser, code, fields) for _tab in range(4)])

    assert {answer.location for answer in answers} == {f"/visits/{code}?paid=1"}
    booked = await fetch_value("SELECT count(*) FROM events WHERE name = 'APPOINTMENT_BOOKED'")
    assert booked == 1


async def test_a_forged_return_changes_nothing_and_leads_back_to_paying(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    fields = await paid_at_gateway(await order_of(code))

    answer = await come_back(browser, code, {**fields, "razorpay_signature": "f" * 64})

    assert (answer.status_code, answer.location) == (303, f"/checkout/{code}")
    assert await status_of(code) == "held"


async def test_a_failed_payment_leads_back_and_says_that_it_can_be_tried_again(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)

    answer = await come_back(browser, code, {})
    failed = await browser.client.post(
        f"/checkout/return?visit={code}",
        data={"error[code]": "BAD_REQUEST_ERROR", "error[reason]": "payment_failed"},
    )

    assert answer.location == f"/checkout/{code}"
    page = await browser.get(failed.headers["location"])
    assert "The payment did not go through." in page.text
    assert page.html.select("form[data-razorpay]")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"razorpay_order_id": [1]}'),
        ("application/json", b"{"),
        ("application/x-www-form-urlencoded", b"%ff%00=%zz&razorpay_order_id=%00&=&&&"),
        (
            "application/x-www-form-urlencoded",
            b"razorpay_order_id=%00&razorpay_payment_id=%00&razorpay_signature=%C3%A9",
        ),
        ("application/x-www-form-urlencoded", "razorpay_order_id=é&razorpay_payment_id=ü".encode("latin-1")),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data", b""),
        ("", b"\xff\xfe"),
    ],
)
@pytest.mark.parametrize(
    "visit", ["", "?visit=", "?visit=..%2F..%2Flogin", "?visit=%00", "?visit=ABCDEFGH", "?a=%ff"]
)
async def test_a_return_of_any_shape_leads_to_a_page_of_ours(
    browser: Browser, visit: str, content_type: str, body: bytes
) -> None:
    headers = {"Content-Type": content_type, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    answer = await browser.client.post(f"/checkout/return{visit}", content=body, headers=headers)

    assert answer.status_code == 303
    assert answer.headers["location"].partition("?")[0] in ("/visits", "/checkout/ABCDEFGH")
    assert "set-cookie" not in answer.headers


async def test_a_return_by_get_leads_to_the_visit(browser: Browser) -> None:
    answer = await browser.get("/checkout/return", visit="ABCDEFGH", razorpay_payment_id="pay_1")

    assert (answer.status_code, answer.location) == (303, "/visits/ABCDEFGH")
    assert "set-cookie" not in answer.headers


async def test_while_the_gateway_is_not_sure_the_page_waits_and_then_shows_the_slip(
    browser: Browser, gateway: httpx.AsyncClient
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    fields = await paid_at_gateway(await order_of(code))
    await gateway.post("/sandbox/faults", json={"api": {"next": 5, "status": 503}})

    page = await browser.follow(await come_back(browser, code, fields))

    assert "We are waiting for the bank" in page.text
    waiting = page.one("[hx-trigger='every 2s']")
    assert waiting["hx-get"] == f"/visits/{code}?paid=1"
    assert waiting.select(f"a[href='/visits/{code}?paid=1']"), "a link for those without JavaScript"
    assert (await browser.get(str(waiting["hx-get"]), part=True)).status_code == 204

    await gateway.post("/sandbox/faults", json={"clear": True})
    await come_back(browser, code, fields)
    settled = await browser.get(str(waiting["hx-get"]), part=True)
    assert settled.status_code == 200
    assert "Your visit is booked" in settled.text
    assert not settled.html.select("[hx-trigger]"), "nothing asks any longer"


async def test_an_authorized_payment_waits_without_offering_to_pay_twice(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)
    fields = await paid_at_gateway(await order_of(code), outcome="authorized")

    await come_back(browser, code, fields)

    assert (await browser.get(f"/checkout/{code}")).location == f"/visits/{code}"
    assert "We are waiting for the bank" in (await browser.get(f"/visits/{code}")).text
    await run_jobs()
    assert "Your visit is booked" in (await browser.get(f"/visits/{code}")).text


async def test_money_that_came_too_late_is_told_with_what_comes_back(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor, days_ahead=3)
    await browser.signed_in(asha)
    code = await held_code(browser, slot, doctor)
    await pass_time(seconds=settings().hold_for.total_seconds() + 1)
    await _hold_for(vikram, slot, doctor)

    page = await browser.follow(await pay(browser, code))

    assert "somebody else had taken it" in page.text
    assert "₹500 is on its way back" in page.text
    told = [line.get_text() for line in page.html.select("#visit-now li")]
    assert [any(words in line for line in told) for words in ("₹500 paid", "Refund of ₹500 started")] == [
        True,
        True,
    ]
    assert "5 to 7 working days" in page.text
    await run_jobs()


async def test_a_free_visit_needs_no_payment(browser: Browser) -> None:
    doctor, asha = await a_doctor(fee_paise=0), await a_patient()
    await browser.signed_in(asha)

    answer = await press(browser, await a_slot(doctor), doctor)

    there = await browser.follow(answer)
    assert "Your visit is booked" in (await browser.follow(there)).text


async def test_what_somebody_else_holds_is_not_found(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    await browser.signed_in(asha)
    code = await held_code(browser, await a_slot(doctor), doctor)

    await browser.signed_in(vikram)

    assert (await browser.get(f"/checkout/{code}")).status_code == 404
    for act in ALL_ACTS:
        assert (await browser.post(f"/checkout/{code}/{act}", {"person": uuid4()})).status_code == 404, act
    assert await status_of(code) == "held"


@pytest.mark.parametrize("code", ["ABCDEFGH", "nope", "%00", "%2e%2e", "🙂", "x" * 300])
async def test_a_code_that_is_none_is_not_found(browser: Browser, code: str) -> None:
    await browser.signed_in(await a_patient())

    assert (await browser.get(f"/checkout/{code}")).status_code == 404
    assert (await browser.get(f"/visits/{code}")).status_code == 404


async def test_signed_out_the_held_time_asks_to_log_in_and_staff_find_none(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    code = await booked_code(browser, asha, await a_slot(doctor), doctor)
    browser.client.cookies.clear()

    assert (await browser.get(f"/checkout/{code}")).location == f"/login?next=%2Fcheckout%2F{code}"
    assert (await browser.post(f"/checkout/{code}/extend")).location == "/login"
    await browser.signed_in(doctor)
    assert (await browser.get(f"/checkout/{code}")).status_code == 404
    assert (await browser.post(f"/checkout/{code}/release")).status_code == 404
