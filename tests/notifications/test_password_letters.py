"""Letters about passwords and addresses go to the right mailbox, with links that work."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest

from app import clock
from app.accounts.codes import link_token_for
from app.accounts.services import (
    ask_email_change,
    ask_reset,
    change_email_by_code,
    choose_password,
    create_member,
    find_proof,
    invite_to_set_password,
)
from app.accounts.where import Where
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.desks.admin.adding import add_doctor
from app.desks.admin.staffing import add_staff
from app.directory.services import Particulars
from app.events.actor import SYSTEM
from app.main import create_app
from app.notifications import links
from app.settings import settings
from tests.accounts.confirmations import newest
from tests.booking.visits import acting
from tests.browser import Browser
from tests.factories import a_clinic, a_patient, an_admin, run_jobs
from tests.notifications.office import html_of, newest_to, says, text_of
from tests.surroundings import PostOffice

HERE = "127.0.0.1"
PLACE = Where(HERE, "tests")
NEW = "asha.new@example.com"


def link_in(letter: EmailMessage, path: str) -> str:
    """The link of a letter, which both of its forms carry."""
    found = re.search(rf"(http\S+{path}\S+)", text_of(letter))
    assert found
    assert f'href="{found[1]}"' in html_of(letter)
    return found[1]


async def test_the_letter_to_a_new_password_works_and_its_change_is_told(
    post_office: PostOffice, browser: Browser
) -> None:
    asha = await a_patient("Asha")
    await ask_reset(asha.email, address=HERE)
    await run_jobs()
    letter = newest_to(post_office, asha)
    assert letter["Subject"] == "Choose a new password for Parchi"
    says(letter, "60 minutes", "your password stays as it is")

    link = link_in(letter, "/login/reset/")
    answer = await browser.post(link, {"password": "an even calmer lake", "notice": "y"})
    assert answer.status_code == 303
    await run_jobs()

    told = newest_to(post_office, asha)
    assert told["Subject"] == "Your password was changed"
    says(told, "Every other device was logged out", "/login/forgot")
    assert "calmer" not in told.as_string()


async def test_a_letter_that_was_too_long_on_its_way_offers_another_one(post_office: PostOffice) -> None:
    asha = await a_patient("Asha")
    await ask_reset(asha.email, address=HERE)
    await set_clock(clock.now() + timedelta(hours=2))

    await run_jobs()

    letter = newest_to(post_office, asha)
    says(letter, "too old now", "/login/forgot")
    assert "/login/reset/" not in letter.as_string()


async def test_a_letter_whose_link_is_worth_nothing_any_more_is_not_sent(post_office: PostOffice) -> None:
    asha = await a_patient("Asha")
    for _ in range(2):
        await ask_reset(asha.email, address=HERE)
    token = link_token_for(await newest(asha.email), "reset_password")
    where = Where(HERE, "tests", None)
    await choose_password(token, "an even calmer lake", where=where, accepts_in=None)

    await run_jobs()

    assert [str(letter["Subject"]) for letter in post_office.to(asha.email)] == ["Your password was changed"]


async def test_whoever_an_account_was_made_for_gets_a_link_for_a_week(post_office: PostOffice) -> None:
    member = await create_member(
        name="Sunita", email="sunita@example.com", mobile=None, role="reception", by=SYSTEM
    )
    await invite_to_set_password(member)
    await run_jobs()

    (letter,) = post_office.to("sunita@example.com")
    says(letter, "Parchi has made an account for you", "to work at a clinic's reception", "7 days")
    token = link_in(letter, "/login/reset/").rpartition("/")[2]
    proof = await find_proof(token, "set_password")
    assert proof is not None
    assert proof.user_id == member


@pytest.mark.parametrize("role", ["reception", "doctor"])
async def test_the_first_letter_says_which_clinic_made_the_account_and_as_what(
    post_office: PostOffice, role: str
) -> None:
    clinic, by = await a_clinic("Shanti Clinic"), acting(await an_admin())
    if role == "doctor":
        said = Particulars("ent", "MBBS", "MH 1")
        await add_doctor(name="Nila", email=NEW, said=said, clinic_id=clinic, by=by)
    else:
        await add_staff(name="Sunita", email=NEW, role=role, clinic_id=clinic, by=by)

    await run_jobs()

    (letter,) = post_office.to(NEW)
    as_what = {"reception": "to work at its reception", "doctor": "to see patients as a doctor"}[role]
    says(letter, "Shanti Clinic has made an account with Parchi for you", as_what)


async def test_a_first_password_raises_no_alarm_and_the_page_says_the_account_is_ready(
    post_office: PostOffice, browser: Browser
) -> None:
    member = await create_member(name="Sunita", email=NEW, mobile=None, role="reception", by=SYSTEM)
    await invite_to_set_password(member)
    await run_jobs()
    link = link_in(post_office.to(NEW)[0], "/login/reset/")

    answer = await browser.post(link, {"password": "an even calmer lake", "notice": "y"})
    await run_jobs()

    assert "Your account is ready." in (await browser.follow(answer)).text
    assert len(post_office.to(NEW)) == 1


async def test_who_signs_up_while_the_account_is_erased_is_told_to_try_again_soon(
    post_office: PostOffice, browser: Browser
) -> None:
    asha = await a_patient("Asha")
    await execute("UPDATE users SET blocked_at = $2, erased_at = $2 WHERE id = $1", asha.id, clock.now())
    new = {"name": "Asha", "email": asha.email, "password": "an even calmer lake", "notice": "y"}

    assert (await browser.post("/signup", new)).location == "/verify"
    await run_jobs()

    (letter,) = post_office.to(asha.email)
    says(letter, "is still being erased", "try again in some minutes", "/signup")
    assert "/login" not in letter.as_string()


async def test_a_new_address_gets_code_and_link_and_the_old_one_a_note_before_and_after(
    post_office: PostOffice,
) -> None:
    asha = await a_patient("Asha")
    account = await asha.account()
    await ask_email_change(account, email=NEW, password=asha.password, where=PLACE)
    await run_jobs()

    (to_new,) = post_office.to(NEW)
    (to_old,) = post_office.to(asha.email)
    code = re.search(r"Your code: (\d{6})", text_of(to_new))
    assert code
    says(to_new, code[1], "10 minutes", "24 hours")
    assert link_in(to_new, "/me/email/")
    says(to_old, "to use another e-mail address", "/login/forgot")
    assert code[1] not in to_old.as_string()
    assert NEW not in to_old.as_string()

    await change_email_by_code(account, code[1])
    await run_jobs()

    after = newest_to(post_office, asha)
    assert after["Subject"] == "Your e-mail address was changed"
    assert len(post_office.to(NEW)) == 1


async def test_the_owner_of_a_wanted_address_is_told_and_gets_no_code(post_office: PostOffice) -> None:
    asha, owner = await a_patient("Asha"), await a_patient("Owner")
    await ask_email_change(await asha.account(), email=owner.email, password=asha.password, where=PLACE)
    await run_jobs()

    (letter,) = post_office.to(owner.email)
    says(letter, "asked to use this address", "Nothing was changed")
    assert not re.search(r"\d{6}", text_of(letter))
    assert "Asha" not in letter.as_string()


async def test_an_address_that_was_never_proved_hears_nothing_of_its_end(post_office: PostOffice) -> None:
    asha = await a_patient("Asha", verified=False)
    account = await asha.account()
    await ask_email_change(account, email=NEW, password=asha.password, where=PLACE)
    await run_jobs()
    code = re.search(r"Your code: (\d{6})", text_of(post_office.to(NEW)[0]))
    assert code
    await change_email_by_code(account, code[1])
    await run_jobs()

    assert post_office.to(asha.email) == []


async def test_no_event_and_no_job_carries_what_the_letters_do(post_office: PostOffice) -> None:
    asha = await a_patient("Asha")
    await ask_reset(asha.email, address=HERE)
    await ask_email_change(await asha.account(), email=NEW, password=asha.password, where=PLACE)
    kept = await fetch_value(
        "SELECT (SELECT string_agg(convert_from(payload, 'UTF8') || coalesce(headers::text, ''), ' ') "
        "FROM pgqueuer) || (SELECT string_agg(facts::text, ' ') FROM events)"
    )
    await run_jobs()

    token = link_in(newest_to_any(post_office, asha.email, "Choose"), "/login/reset/").rpartition("/")[2]
    code = re.search(r"Your code: (\d{6})", text_of(post_office.to(NEW)[0]))
    assert code
    assert token not in kept
    assert NEW not in kept
    assert not re.search(rf"(?<![0-9a-f-]){code[1]}(?![0-9a-f-])", kept)


def newest_to_any(post_office: PostOffice, address: str, begins: str) -> EmailMessage:
    """The newest letter to an address whose subject begins so."""
    return [letter for letter in post_office.to(address) if str(letter["Subject"]).startswith(begins)][-1]


def test_links_are_those_of_the_pages() -> None:
    app, here = create_app(), settings().base_url
    assert links.sign_up() == here + app.route_reverse("accounts.sign_up")
    assert links.forgot() == here + app.route_reverse("accounts.forgot")
    assert links.choose_password("x") == here + app.route_reverse("accounts.reset", token="x")
    assert links.change_email("x") == here + app.route_reverse("accounts.email_link", token="x")
