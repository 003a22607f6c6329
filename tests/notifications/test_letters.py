"""Each letter reaches the right people with the right words, in text and in HTML."""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app import clock
from app.accounts.queries import get_person, self_of
from app.accounts.services import ask_confirmation, confirm_by_code, sign_up
from app.booking import services
from app.checkout import services as checkout
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.events.actor import GATEWAY, SYSTEM
from app.jobs.registry import tasks
from app.main import create_app
from app.notifications import links
from app.notifications.letters import LETTERS
from app.payments.gateway import GatewayPayment
from app.payments.services import sync_refunds
from app.settings import settings
from app.web.filters import clock as clock_words
from app.web.filters import moment, short_day
from app.web.render import environment
from tests.booking.visits import a_visit, acting, hold_for
from tests.browser import Browser
from tests.checkout.stories import Story, a_held_visit, after_the_hold, it_is, pay
from tests.factories import Cast, a_doctor, a_patient, a_person, a_slot, run_jobs
from tests.notifications.office import eventually, html_of, newest_to, says, text_of, words_of
from tests.surroundings import PostOffice

ZONE = "Asia/Kolkata"
SECRET_REASON = "a rash that nobody shall read about"
NOTE = "Surgery at ten, <b>sorry</b>.\nPlease bring the X-ray."


def subjects_to(post_office: PostOffice, person: Cast) -> list[str]:
    return [str(letter["Subject"]) for letter in post_office.to(person.email)]


def carries(letter: EmailMessage, title: str, first: str, second: str) -> None:
    """Both forms quote the two lines under their title, as lines and never as markup."""
    assert f"{title}\n> {first}\n> {second}\n" in text_of(letter)
    assert f"{escape(first)}<br>{escape(second)}" in html_of(letter)
    assert title in words_of(letter)


def carries_note(letter: EmailMessage) -> None:
    """The letter quotes what the clinic wrote."""
    carries(letter, "The clinic writes:", *NOTE.splitlines())


async def when(story: Story) -> tuple[str, str]:
    """A visit's time as subjects and as letters write it."""
    visit = await story.visit()
    assert visit.starts_at is not None
    return (
        f"{short_day(visit.starts_at, ZONE)}, {clock_words(visit.starts_at, ZONE)}",
        moment(visit.starts_at, ZONE),
    )


async def a_paid_visit(*, approves_visits: bool = False) -> Story:
    doctor = await a_doctor("Dr Meera", approves_visits=approves_visits)
    story = await a_held_visit(doctor=doctor, patient=await a_patient("Asha Rao"))
    await services.change_details(
        story.visit_id,
        person=await self_of(story.patient.id),
        reason=SECRET_REASON,
        by=acting(story.patient),
    )
    fields = await pay(story)
    await checkout.take_return(
        fields["razorpay_order_id"], fields["razorpay_payment_id"], fields["razorpay_signature"]
    )
    return story


async def refund_arrives(story: Story) -> None:
    """The gateway processes the refund and we hear of it."""
    payment_id = (await story.payment()).razorpay_payment_id
    assert payment_id is not None

    async def is_refunded() -> bool:
        await sync_refunds(payment_id)
        return (await story.payment()).status == "refunded"

    await eventually(is_refunded)
    await run_jobs()


async def test_a_new_address_gets_a_code_and_a_link_that_both_work(
    post_office: PostOffice, browser: Browser
) -> None:
    for name in ("leela", "ravi"):
        await sign_up(
            name="Click http://evil.example now",
            email=f"{name}@example.com",
            mobile=None,
            password="a long enough one 7",
            role="patient",
            address="127.0.0.1",
            accepts_in="en",
        )
    await run_jobs()

    (leela,), (ravi,) = post_office.to("leela@example.com"), post_office.to("ravi@example.com")
    code = re.search(r"Your code: (\d{6})", text_of(leela))
    link = re.search(r"(http\S+/verify/\S+)", text_of(ravi))
    assert code and link
    assert str(leela["Subject"]) == "Confirm your e-mail address for Parchi"
    says(leela, code[1], "10 minutes", "24 hours")
    assert f'href="{link[1]}"' in html_of(ravi)
    assert "evil" not in leela.as_string()
    assert (await confirm_by_code("leela@example.com", code[1], address="127.0.0.1")).is_verified
    assert (await browser.get(link[1])).status_code == 200
    assert (await browser.post(link[1], {"password": "a long enough one 7"})).status_code == 303
    assert await fetch_value("SELECT email_verified_at FROM users WHERE email = 'ravi@example.com'")


async def test_no_event_and_no_job_carries_the_code(post_office: PostOffice) -> None:
    asha = await a_patient(verified=False)
    await ask_confirmation(asha.id)
    queued = await fetch_value(
        "SELECT string_agg(convert_from(payload, 'UTF8') || coalesce(headers::text, ''), ' ') FROM pgqueuer"
    )
    facts = await fetch_value("SELECT string_agg(facts::text, ' ') FROM events")
    await run_jobs()
    (letter,) = post_office.to(asha.email)
    code = re.search(r"Your code: (\d{6})", text_of(letter))
    link = re.search(r"/verify/(\S+)", text_of(letter))
    assert code and link

    kept = await fetch_value("SELECT string_agg(letters::text, ' ') FROM letters")
    for place in (queued, facts, kept):
        assert place and link[1] not in place
        assert not re.search(rf"(?<![0-9a-f-]){code[1]}(?![0-9a-f-])", place)


@pytest.mark.parametrize(
    ("late", "has_code", "has_link"),
    [(timedelta(0), True, True), (timedelta(hours=1), False, True), (timedelta(days=2), False, False)],
)
async def test_a_letter_that_was_long_on_its_way_offers_only_what_still_works(
    post_office: PostOffice, late: timedelta, *, has_code: bool, has_link: bool
) -> None:
    asha = await a_patient(verified=False)
    await ask_confirmation(asha.id)
    await set_clock(clock.now() + late)

    await run_jobs()

    words = text_of(newest_to(post_office, asha))
    assert ("Your code" in words) is has_code
    assert ("/verify/" in words) is has_link
    assert ("ask for a new one" in words) is not has_link


async def test_the_owner_of_a_known_address_hears_of_a_second_sign_up_and_nobody_else(
    post_office: PostOffice,
) -> None:
    asha = await a_patient()
    await sign_up(
        name="Somebody",
        email=asha.email,
        mobile=None,
        password="a long enough one 7",
        role="patient",
        address="127.0.0.1",
        accepts_in="en",
    )
    await run_jobs()

    (letter,) = post_office.letters
    assert letter["To"] == asha.email
    says(letter, "tried to sign up with Parchi", "Nothing was changed", "/login")


async def test_a_booking_is_told_to_patient_and_doctor(post_office: PostOffice) -> None:
    story = await a_paid_visit()
    await run_jobs()

    short, full = await when(story)
    assert len(post_office.letters) == 2
    mine, theirs = newest_to(post_office, story.patient), newest_to(post_office, story.doctor)
    assert mine["Subject"] == f"Visit booked: {short}"
    says(mine, full, "Your number", "1", story.code, "Dr Meera", "Asha Rao", "Shanti Clinic", "12 MG Road")
    says(mine, "Pune 411001", "+912012345678", "₹500", f"/visits/{story.code}", "Cancel")
    says(mine, "If you cancel before the visit begins, ₹500 comes back to you.")
    assert theirs["Subject"] == f"New visit: {short}"
    says(theirs, full, "Asha Rao", story.code, f"/appointments/{story.code}")


async def test_a_visit_for_somebody_else_is_told_to_the_account_that_booked(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha")
    son = await get_person(await a_person(asha.id, name="Rohan"), account_id=asha.id)
    held = await hold_for(asha, await a_slot(doctor), doctor, person=son)
    await services.confirm(held.id, by=acting(asha))
    await run_jobs()

    says(newest_to(post_office, asha), "For", "Rohan")
    says(newest_to(post_office, doctor), "Patient", "Rohan")


async def test_a_free_visit_costs_nothing_and_says_so(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(fee_paise=0), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await run_jobs()
    says(newest_to(post_office, asha), "Nothing to pay")
    await checkout.cancel(visit.id, by=acting(asha))
    await run_jobs()

    assert "₹" not in newest_to(post_office, asha).as_string()
    says(newest_to(post_office, asha), "Nothing was paid")


async def test_an_approval_is_asked_of_the_doctor_and_a_no_gives_everything_back(
    post_office: PostOffice,
) -> None:
    story = await a_paid_visit(approves_visits=True)
    await run_jobs()
    short, full = await when(story)
    assert subjects_to(post_office, story.doctor) == [f"Please answer: visit on {short}"]
    assert subjects_to(post_office, story.patient) == [f"Asked for: {short}"]
    says(newest_to(post_office, story.doctor), full, "Asha Rao", "/doctor/requests", "Without an answer by")
    says(newest_to(post_office, story.patient), full, "You get an answer by")

    await checkout.decline(story.visit_id, note=NOTE, by=acting(story.doctor))
    await run_jobs()

    assert subjects_to(post_office, story.patient)[1:] == [f"Not possible: {short}"]
    says(newest_to(post_office, story.patient), "cannot take your visit", "₹500 goes back", "5 to 7 working")
    carries_note(newest_to(post_office, story.patient))
    assert len(subjects_to(post_office, story.doctor)) == 1


async def test_a_yes_is_told_as_a_booking(post_office: PostOffice) -> None:
    story = await a_paid_visit(approves_visits=True)
    await services.approve(story.visit_id, note=NOTE, by=acting(story.doctor))
    await run_jobs()

    short, _full = await when(story)
    (letter,) = (one for one in post_office.to(story.patient.email) if "Visit booked" in one["Subject"])
    assert letter["Subject"] == f"Visit booked: {short}"
    carries_note(letter)


async def test_silence_until_the_answer_is_due_is_told_as_such(post_office: PostOffice) -> None:
    story = await a_paid_visit(approves_visits=True)
    await checkout.decline(story.visit_id, by=SYSTEM)
    await run_jobs()

    declined = [one for one in post_office.to(story.patient.email) if "Not possible" in one["Subject"]]
    says(declined[0], "did not answer in time", "₹500 goes back")


@pytest.mark.parametrize("who", ["patient", "doctor"])
async def test_a_cancelled_visit_is_told_to_both_with_what_comes_back(
    post_office: PostOffice, who: str
) -> None:
    story = await a_paid_visit()
    await run_jobs()
    post_office.letters.clear()
    by = acting(story.patient if who == "patient" else story.doctor)

    await checkout.cancel(story.visit_id, reason=NOTE, by=by)
    await run_jobs()

    short, full = await when(story)
    mine = next(one for one in post_office.to(story.patient.email) if "cancelled" in one["Subject"])
    (theirs,) = post_office.to(story.doctor.email)
    assert mine["Subject"] == f"Visit cancelled: {short}"
    says(mine, full, "You cancelled" if who == "patient" else "The clinic had to cancel", "₹500 goes back")
    assert theirs["Subject"] == f"Cancelled: {short}"
    says(theirs, full, "The patient" if who == "patient" else "The clinic", "The time is free again.")
    if who == "doctor":
        carries_note(mine)
        assert "X-ray" not in theirs.as_string(), "the doctor knows what the clinic wrote"
    else:
        carries(theirs, "The patient writes:", *NOTE.splitlines())
        assert "X-ray" not in mine.as_string(), "nobody is sent back their own words"


async def test_a_hold_given_up_is_told_to_nobody(post_office: PostOffice) -> None:
    story = await a_held_visit()
    await checkout.cancel(story.visit_id, by=acting(story.patient))
    other = await a_held_visit()
    await services.release_hold(other.visit_id, by=acting(other.patient))
    await run_jobs()

    assert post_office.letters == []


async def test_a_refund_that_went_out_is_told_with_its_reference(post_office: PostOffice) -> None:
    story = await a_paid_visit()
    await checkout.cancel(story.visit_id, by=acting(story.patient))
    await run_jobs()
    await refund_arrives(story)

    short, _full = await when(story)
    reference = await fetch_value("SELECT razorpay_refund_id FROM refunds")
    sent = [one for one in post_office.to(story.patient.email) if "Refund" in one["Subject"]]
    assert [one["Subject"] for one in sent] == [f"Refund sent: ₹500 ({short})"]
    says(sent[0], "₹500", "5 to 7 working days", reference)


async def test_a_move_is_told_to_both_with_old_and_new_time(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    there = await a_slot(doctor, days_ahead=3, at="16:30")
    moved = await services.reschedule(visit.id, slot_id=there, note=NOTE, by=acting(doctor))
    assert visit.starts_at and moved.starts_at
    await run_jobs()

    old, new = moment(visit.starts_at, ZONE), moment(moved.starts_at, ZONE)
    short = f"{short_day(moved.starts_at, ZONE)}, {clock_words(moved.starts_at, ZONE)}"
    for person, subject in ((asha, f"New time: {short}"), (doctor, f"Moved: now {short}")):
        (letter,) = (one for one in post_office.to(person.email) if one["Subject"] == subject)
        says(letter, new, old)
        assert ("X-ray" in text_of(letter)) is (person is asha)
        if person is asha:
            carries_note(letter)
        assert text_of(letter).index(new) < text_of(letter).index(old)


async def test_the_letter_of_a_booking_tells_the_booked_time_even_when_it_moved_since(
    post_office: PostOffice,
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    there = await a_slot(doctor, days_ahead=3, at="16:30")
    await services.reschedule(visit.id, slot_id=there, by=acting(doctor))
    assert visit.starts_at
    await run_jobs()

    booked = next(one for one in post_office.to(asha.email) if "booked" in one["Subject"])
    says(booked, moment(visit.starts_at, ZONE))


async def test_a_wish_goes_to_the_doctor_and_a_no_to_the_patient(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await run_jobs()
    post_office.letters.clear()

    await services.request_reschedule(
        visit.id, note=SECRET_REASON, wish="Friday, " + SECRET_REASON, by=acting(asha)
    )
    await run_jobs()
    (wish,) = post_office.letters
    assert wish["To"] == doctor.email
    assert str(wish["Subject"]).startswith("Another time wanted: ")
    says(wish, "asks for another time", "/doctor/requests")

    await services.decline_request(visit.id, note=NOTE, by=acting(doctor))
    await run_jobs()
    (_wish, answer) = post_office.letters
    assert answer["To"] == asha.email
    assert str(answer["Subject"]).startswith("Your visit stays: ")
    says(answer, "stays where it was", f"/visits/{visit.code}")
    carries_note(answer)


async def test_a_note_that_was_erased_meanwhile_is_left_out(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.cancel(visit.id, reason=NOTE, by=acting(doctor))
    await execute("DELETE FROM event_private")
    await run_jobs()

    (letter,) = (one for one in post_office.to(asha.email) if "cancelled" in one["Subject"])
    says(letter, "The clinic had to cancel")
    assert "writes" not in text_of(letter) + html_of(letter)


async def test_who_paid_too_late_for_a_taken_time_hears_it_and_nobody_is_told_of_a_booking(
    post_office: PostOffice,
) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    async with it_is(await after_the_hold(story)):
        rival = await a_patient("Vikram")
        await a_visit(rival, story.slot_id, story.doctor)
        await checkout.take_return(
            fields["razorpay_order_id"], fields["razorpay_payment_id"], fields["razorpay_signature"]
        )
        await run_jobs()

    short, full = await when(story)
    (letter, *more) = post_office.to(story.patient.email)
    assert letter["Subject"] == f"Not booked, money goes back: {short}"
    says(letter, full, "You have no visit.", "₹500 goes back", "You need not do anything.")
    assert all("Refund sent" in one["Subject"] for one in more)
    assert all(story.code not in one.as_string() for one in post_office.to(story.doctor.email))


async def test_money_for_a_cancelled_visit_is_told_as_such(post_office: PostOffice) -> None:
    story = await a_held_visit()
    fields = await pay(story)
    await checkout.cancel(story.visit_id, by=acting(story.patient))
    await checkout.take_return(
        fields["razorpay_order_id"], fields["razorpay_payment_id"], fields["razorpay_signature"]
    )
    await run_jobs()

    says(post_office.to(story.patient.email)[0], "after the visit was cancelled", "₹500 goes back")


async def test_a_second_payment_for_one_visit_is_told_to_go_back(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody_sends_it(_payload: dict[str, Any]) -> None:
        """The gateway knows nothing of the second payment below, so it is not asked to give it back."""

    monkeypatch.setitem(
        tasks, "payments.send_refund", replace(tasks["payments.send_refund"], work=nobody_sends_it)
    )
    story = await a_paid_visit()
    await run_jobs()
    post_office.letters.clear()
    second = GatewayPayment(
        id="pay_Qa9Zx8Yw7Vu6Ts",
        order_id=story.order_id,
        amount_paise=50_000,
        currency="INR",
        status="captured",
        was_captured=True,
    )
    await checkout.settle(story.order_id, second, by=GATEWAY)
    await run_jobs()

    short, _full = await when(story)
    (letter,) = post_office.letters
    assert letter["To"] == story.patient.email
    assert letter["Subject"] == f"Money goes back: ₹500 ({short})"
    says(letter, "did not expect", f"/visits/{story.code}")


async def test_a_visit_without_an_account_is_told_to_the_doctor_alone(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await execute("UPDATE appointments SET booked_by_id = NULL WHERE id = $1", visit.id)
    await run_jobs()

    assert [letter["To"] for letter in post_office.letters] == [doctor.email]


async def test_no_letter_tells_why_somebody_sees_a_doctor_nor_which_time_they_wish_for(
    post_office: PostOffice,
) -> None:
    story = await a_paid_visit()
    await services.request_reschedule(
        story.visit_id, note=SECRET_REASON, wish=SECRET_REASON, by=acting(story.patient)
    )
    await services.decline_request(story.visit_id, note=NOTE, by=acting(story.doctor))
    await checkout.cancel(story.visit_id, reason=NOTE, by=acting(story.doctor))
    await run_jobs()

    assert len(post_office.letters) >= 6
    for letter in post_office.letters:
        whole = str(letter["Subject"]) + text_of(letter) + html_of(letter)
        assert "rash" not in whole
        assert "Consultation" not in whole
        assert "general_medicine" not in whole


async def test_times_are_those_of_the_clinic(post_office: PostOffice) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    doctor, asha = await a_doctor(zone="Europe/Berlin"), await a_patient()
    await a_visit(asha, await a_slot(doctor, at="09:30", days_ahead=2, zone=berlin), doctor)
    await run_jobs()

    says(newest_to(post_office, asha), "9:30 am")
    assert str(newest_to(post_office, asha)["Subject"]).endswith("9:30 am")


def test_every_letter_has_its_three_templates() -> None:
    names = {name for name in environment().list_templates() if name.startswith("emails/")}
    own = {name.removeprefix("emails/") for name in names if not name.startswith("emails/_")}
    assert own == {f"{kind}.{form}" for kind in LETTERS for form in ("subject", "txt", "html")}


async def test_every_link_of_a_letter_is_a_page(browser: Browser) -> None:
    app, here = create_app(), settings().base_url
    assert links.home() == here + app.route_reverse("home")
    assert links.log_in() == here + app.route_reverse("accounts.login")
    assert links.enter_code() == here + app.route_reverse("accounts.verify")
    assert links.confirm("x") == here + app.route_reverse("accounts.verify_link", token="x")
    assert links.security() == here + app.route_reverse("accounts.security")
    assert links.visit("X") == here + app.route_reverse("visits.show", code="X")
    assert links.appointment("X") == here + app.route_reverse("appointments.show", code="X")
    assert links.requests() == here + app.route_reverse("doctor.requests")
    assert links.doctor("x") == here + app.route_reverse("doctors.show", slug="x")
