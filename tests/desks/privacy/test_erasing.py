"""Giving an account up: what stands in the way, what happens at once, and what becomes of the house."""

import asyncio
import json
from datetime import datetime, timedelta

import httpx
import pytest

from app import clock
from app.booking.queries import Appointment
from app.checkout.services import cancel, take_return
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_one, fetch_value
from app.desks.privacy.inventory import EXPORTED
from app.desks.privacy.jobs import look
from app.desks.privacy.leaving import NotYetPossible, close_for_good, mask
from app.notifications.letters import LETTERS
from app.notifications.privacy_listeners import on_account_erased
from app.notifications.services import write_letter
from tests.accounts.places import HERE
from tests.booking.visits import a_visit, acting
from tests.browser import Browser
from tests.checkout.stories import a_held_visit, captured_message, deliver, pay
from tests.desks.privacy.entering import entered
from tests.desks.privacy.leaving import erase, event_of, give_up
from tests.desks.privacy.planting import until
from tests.factories import (
    Cast,
    a_doctor,
    a_patient,
    a_slot,
    an_admin,
    run_jobs,
    token_of,
)
from tests.surroundings import PostOffice

PROOF = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")

EXPORTED_PARTS = {part for parts in EXPORTED.values() for part in parts}

WAITING_TO_MASK = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'privacy.mask'"


async def test_withdrawing_is_two_taps_from_the_profile(browser: Browser) -> None:
    await entered(browser, await a_patient())

    data = await browser.get(str((await browser.get("/me")).one("a[href='/me/data']")["href"]))
    erase = await browser.get(str(data.one("a[href='/me/data/erase']")["href"]))

    assert erase.one("form[action='/me/data/erase'] button").get_text() == "Erase the account for good"


async def test_the_page_says_until_when_what_is_kept(browser: Browser) -> None:
    await set_clock(clock.now().replace(year=2027, month=3, day=1, hour=9, minute=0))

    page = await (await entered(browser, await a_patient())).get("/me/data/erase")

    assert "Until Wed 1 Mar 2028" in page.text
    assert "rule 8(3)" in page.text


@pytest.mark.parametrize(
    ("typed", "field"), [({"password": "not this one"}, "password"), ({"sure": ""}, "sure")]
)
async def test_a_wrong_password_or_a_missing_tick_leaves_everything_as_it_was(
    browser: Browser, typed: dict[str, object], field: str
) -> None:
    asha = await a_patient()
    await entered(browser, asha)

    answer = await browser.post("/me/data/erase", {"password": asha.password, "sure": "y", **typed})

    assert answer.status_code == 422
    assert answer.error_of(field)
    assert await fetch_value("SELECT blocked_at FROM users") is None
    assert (await browser.get("/me")).status_code == 200


async def test_a_visit_to_come_stands_in_the_way_with_a_link_to_it(browser: Browser) -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    assert await give_up(browser, asha) == 409
    page = await browser.get("/me/data/erase")

    assert page.one(f"main a[href='/visits/{visit.code}']")
    assert not page.html.select("form[action='/me/data/erase']")
    await cancel(visit.id, by=acting(asha))
    assert await give_up(browser, asha) == 303


async def test_a_visit_that_is_over_does_not_stand_in_the_way(browser: Browser) -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    await a_visit(asha, await a_slot(doctor), doctor)

    await set_clock(clock.now() + timedelta(days=2))

    assert await give_up(browser, asha) == 303


async def test_a_visit_whose_end_nobody_wrote_stands_in_the_way_for_its_day_alone(browser: Browser) -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    visit = await a_visit(asha, await a_slot(doctor, at="10:00"), doctor)
    assert visit.starts_at is not None
    await execute("UPDATE appointments SET status = 'in_consultation'")  # as the doctor's desk will write it

    await set_clock(visit.starts_at + timedelta(hours=8))
    for one in (asha, doctor):
        assert await give_up(browser, one) == 409
    await set_clock(visit.starts_at + timedelta(days=1))

    for one in (asha, doctor):
        assert await give_up(browser, one) == 303


async def test_a_visit_booked_at_the_same_moment_is_either_seen_or_called_off() -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    slot = await a_slot(doctor)
    account = await asha.account()

    closed, booked = await asyncio.gather(
        close_for_good(account, password=asha.password, where=HERE),
        a_visit(asha, slot, doctor),
        return_exceptions=True,
    )
    statuses = "SELECT array_agg(status) FROM appointments"
    if isinstance(closed, NotYetPossible):
        assert isinstance(booked, Appointment)
        assert await fetch_value("SELECT blocked_at FROM users WHERE id = $1", asha.id) is None
        assert await fetch_value(statuses) == ["confirmed"]
        return
    assert isinstance(closed, datetime)
    await mask(asha.id)
    assert set(await fetch_value(statuses) or []) <= {"cancelled"}


async def test_a_visit_booked_before_the_account_is_looked_at_wins() -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    await a_visit(asha, await a_slot(doctor), doctor)

    with pytest.raises(NotYetPossible):
        await close_for_good(await asha.account(), password=asha.password, where=HERE)

    assert await fetch_value("SELECT blocked_at FROM users WHERE id = $1", asha.id) is None
    assert await fetch_value("SELECT status FROM appointments") == "confirmed"


async def test_a_visit_that_slipped_in_is_called_off_and_its_time_free() -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    await close_for_good(await asha.account(), password=asha.password, where=HERE)
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    await mask(asha.id)

    row = await fetch_one("SELECT status, reason FROM appointments WHERE id = $1", visit.id)
    assert row and (row["status"], row["reason"]) == ("cancelled", "")


async def test_the_account_is_shut_at_once_and_answers_like_a_wrong_password(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    bearer = {"Authorization": f"Bearer {await token_of(asha)}"}

    assert await give_up(browser, asha) == 303

    browser.client.cookies.set("access", await token_of(asha))
    assert (await browser.get("/me")).location.startswith("/login")
    assert (await api.get("/api/me", headers=bearer)).status_code == 401
    gone = await api.post("/api/auth/login", json={"identifier": asha.email, "password": asha.password})
    wrong = await api.post("/api/auth/login", json={"identifier": vikram.email, "password": "not this one"})
    assert (gone.status_code, gone.json()["type"]) == (wrong.status_code, wrong.json()["type"])


async def test_no_letter_leads_back_in(browser: Browser, post_office: PostOffice) -> None:
    asha = await a_patient()
    assert await give_up(browser, asha) == 303
    await run_jobs()

    browser.client.cookies.clear()
    assert (await browser.post("/login/forgot", {"email": asha.email})).status_code == 303
    await run_jobs()

    assert [letter["Subject"] for letter in post_office.to(asha.email)] == ["Your account is erased"]


async def test_the_address_is_free_for_somebody_new(api: httpx.AsyncClient) -> None:
    asha = await a_patient()
    await erase(asha)

    answer = await api.post(
        "/api/auth/signup",
        json={"name": "Asha", "email": asha.email, "password": "a calm green river", "role": "patient"},
    )

    assert answer.status_code == 201
    assert await fetch_value("SELECT count(*) FROM appointments WHERE booked_by_id IS NOT NULL") == 0


async def test_the_last_letter_goes_out_before_the_address_is_erased(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient()
    assert await give_up(browser, asha) == 303
    await on_account_erased(await event_of(asha))

    await look()
    assert await fetch_value(WAITING_TO_MASK) == 0
    await run_jobs()
    await look()
    assert await fetch_value(WAITING_TO_MASK) == 1
    await run_jobs()

    assert len(post_office.to(asha.email)) == 1
    assert await fetch_value("SELECT email FROM users") == f"erased-{asha.id}@erased.invalid"


async def test_whose_letter_went_out_does_not_wait_for_all_whose_letters_cannot() -> None:
    now = clock.now()
    for minutes in range(101):
        await execute(
            "INSERT INTO erasures (user_id, asked_at, kept_until) VALUES ($1, $2, $2)",
            (await a_patient()).id,
            now - timedelta(minutes=1 + minutes),
        )
    last = await a_patient()
    await close_for_good(await last.account(), password=last.password, where=HERE)
    await run_jobs()

    await look()

    waiting = await fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'privacy.mask'")
    assert [json.loads(row["payload"])["user_id"] for row in waiting] == [str(last.id)]


async def test_a_mailbox_that_is_no_more_does_not_keep_anybody(browser: Browser) -> None:
    asha = await a_patient()
    assert await give_up(browser, asha) == 303
    await on_account_erased(await event_of(asha))
    await execute("DELETE FROM pgqueuer")  # as if its job had been tried and set aside

    await set_clock(clock.now() + timedelta(days=5, hours=2))
    await look()
    await run_jobs()

    assert await fetch_value("SELECT masked_at FROM erasures")
    assert await fetch_value("SELECT count(*) FROM letters WHERE refused_at IS NULL AND sent_at IS NULL") == 0


async def _last_letter_of(person: Cast, post_office: PostOffice) -> str:
    await close_for_good(await person.account(), password=person.password, where=HERE)
    await run_jobs()
    (letter,) = post_office.to(person.email)
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


async def test_the_last_letter_says_what_is_true_of_its_reader(post_office: PostOffice) -> None:
    asha, doctor = await a_patient(), await a_doctor()
    applicant, admin = await a_doctor("Dr Nobody Yet", approved=False), await an_admin()
    await an_admin("Another")
    name_stays, ask_admin = "On past visits stay your professional name", "tell another administrator"

    letters = [await _last_letter_of(one, post_office) for one in (asha, doctor, applicant, admin)]

    assert [name_stays in letter for letter in letters] == [False, True, False, False]
    assert [ask_admin in letter for letter in letters] == [False, False, False, True]
    for letter in letters:
        assert "a copy that no page of ours shows" in letter
        assert "as rule 8(3) of the Digital Personal Data Protection Rules 2025 will ask" in letter
        assert "sealed" not in letter


async def test_the_copy_kept_for_the_legal_term_leaves_out_what_serves_nobody() -> None:
    story = await a_held_visit()
    proof = await pay(story)
    await take_return(*(proof[name] for name in PROOF))
    await cancel(story.visit_id, by=acting(story.patient))
    await erase(story.patient)

    kept = json.loads(await fetch_value("SELECT sealed FROM erasures"))["tables"]

    assert kept["payments"] and kept["events"]
    assert kept.keys() == EXPORTED_PARTS - {"idempotency_keys", "webhook_deliveries"}


async def test_a_letter_that_comes_up_later_goes_nowhere(post_office: PostOffice) -> None:
    asha = await a_patient()
    await erase(asha)
    post_office.letters.clear()

    await write_letter(await event_of(asha), "known_email", asha.id)
    await run_jobs()

    assert post_office.letters == []
    assert await fetch_value("SELECT refused_why FROM letters WHERE kind = 'known_email'") == "overtaken"


async def test_money_on_its_way_back_is_told_and_comes(browser: Browser, post_office: PostOffice) -> None:
    story = await a_held_visit()
    proof = await pay(story)
    await take_return(*(proof[name] for name in PROOF))
    await cancel(story.visit_id, by=acting(story.patient))

    page = await (await entered(browser, story.patient)).get("/me/data/erase")
    assert "₹500 is still on its way back to you." in page.text
    assert await give_up(browser, story.patient) == 303
    told = await LETTERS["account_erased"](await event_of(story.patient), story.patient.id)
    assert told["coming_back"] == 50_000
    await run_jobs()

    await look()
    await until("SELECT status = 'processed' FROM refunds")

    subjects = [str(letter["Subject"]) for letter in post_office.to(story.patient.email)]
    assert "Your account is erased" in subjects


async def test_what_the_gateway_says_after_an_erasure_is_handled_and_not_kept(
    api: httpx.AsyncClient,
) -> None:
    story = await a_held_visit()
    proof = await pay(story, email="payer.canary@example.org")
    await take_return(*(proof[name] for name in PROOF))
    await cancel(story.visit_id, by=acting(story.patient))
    await erase(story.patient)

    body = await captured_message(proof["razorpay_payment_id"])
    assert b"payer.canary@example.org" in body
    await deliver(api, body, event_id="late")
    await run_jobs()

    kept = await fetch_one("SELECT body, handled_at FROM webhook_deliveries WHERE event_id = 'late'")
    assert kept and kept["handled_at"] and kept["body"] == ""
