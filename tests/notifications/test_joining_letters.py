"""Administrators hear of applications, doctors of what became of theirs; invitations reach an address."""

from uuid import uuid4

import httpx

from app.db.engine import execute
from app.directory.services import (
    Particulars,
    apply_again,
    approve,
    invite,
    reject,
    withdraw_invitation,
)
from app.events.actor import SYSTEM
from app.main import create_app
from app.notifications import links
from app.settings import settings
from tests.accounts.confirmations import code_of
from tests.booking.visits import acting, all_clocks_later
from tests.directory.test_applying import an_applicant
from tests.factories import a_clinic, an_admin, run_jobs
from tests.notifications.office import text_of, words_of
from tests.surroundings import PostOffice


def to(post_office: PostOffice) -> dict[str, str]:
    """The subjects of the letters by who got them."""
    return {str(letter["To"]): str(letter["Subject"]) for letter in post_office.letters}


async def test_every_administrator_hears_of_an_application_and_the_applicant_that_it_came(
    post_office: PostOffice,
) -> None:
    admins = [await an_admin("Admin"), await an_admin("Second")]
    blocked = await an_admin("Blocked")
    await execute("UPDATE users SET blocked_at = created_at WHERE id = $1", blocked.id)
    kabir, waiting = await an_applicant("Dr Kabir", "MH 4711")

    await run_jobs()

    assert to(post_office) == {
        **{admin.email: "A doctor has applied and waits for you" for admin in admins},
        kabir.email: "We have your application",
    }
    for_admin = next(one for one in post_office.letters if one["To"] == admins[0].email)
    for words in ("Dr Kabir", "Dentistry", "MH 4711", f"/admin/doctors/{waiting.id}"):
        assert words in text_of(for_admin)
        assert words in words_of(for_admin)


async def test_an_application_is_told_of_only_once_its_address_is_confirmed(
    post_office: PostOffice, api: httpx.AsyncClient
) -> None:
    admin = await an_admin()
    await api.post(
        "/api/auth/signup",
        json={
            "name": "Dr Nila",
            "email": "nila@example.com",
            "password": "a calm green river",
            "role": "doctor",
        },
    )
    await run_jobs()
    assert to(post_office) == {"nila@example.com": "Confirm your e-mail address for Parchi"}
    post_office.letters.clear()

    code = await code_of("nila@example.com")
    await api.post("/api/auth/verify-email", json={"email": "nila@example.com", "code": code})
    await run_jobs()

    assert to(post_office) == {
        admin.email: "A doctor has applied and waits for you",
        "nila@example.com": "We have your application",
    }
    received = next(one for one in post_office.letters if one["To"] == "nila@example.com")
    assert "still missing" in text_of(received)


async def test_nobody_is_asked_to_decide_what_is_decided(post_office: PostOffice) -> None:
    await an_admin()
    _kabir, waiting = await an_applicant()
    await approve(waiting.id, by=SYSTEM)

    await run_jobs()

    assert to(post_office) == {}


async def test_an_approved_doctor_hears_where_she_practises(post_office: PostOffice) -> None:
    kabir, waiting = await an_applicant()
    await run_jobs()
    post_office.letters.clear()

    await approve(waiting.id, clinic_id=await a_clinic("Shanti Clinic"), by=acting(await an_admin()))
    await run_jobs()

    (letter,) = post_office.letters
    assert (letter["To"], letter["Subject"]) == (kabir.email, "You are approved as a doctor")
    for words in ("Shanti Clinic", "log in again", "/login"):
        assert words in text_of(letter)
        assert words in words_of(letter)


async def test_without_a_clinic_the_letter_says_what_comes(post_office: PostOffice) -> None:
    _kabir, waiting = await an_applicant()
    await run_jobs()
    post_office.letters.clear()

    await approve(waiting.id, by=acting(await an_admin()))
    await run_jobs()

    (letter,) = post_office.letters
    assert "You do not belong to a clinic yet" in text_of(letter)


async def test_who_is_turned_down_reads_why_and_hears_of_the_next_application_anew(
    post_office: PostOffice,
) -> None:
    kabir, waiting = await an_applicant()
    await run_jobs()
    post_office.letters.clear()

    await reject(waiting.id, why="Not in <b>the</b> register.\nSorry.", by=acting(await an_admin()))
    await run_jobs()

    (letter,) = post_office.letters
    assert letter["Subject"] == "Your application as a doctor was not accepted"
    assert "> Not in <b>the</b> register.\n> Sorry.\n" in text_of(letter)
    assert "Not in <b>the</b> register." in words_of(letter)
    assert "/me/practise" in text_of(letter)
    post_office.letters.clear()
    await apply_again(waiting.id, Particulars("ent", "MS", "MH 2"), by=acting(kabir))
    await run_jobs()
    assert to(post_office)[kabir.email] == "We have your application"


async def test_a_refusal_that_was_taken_back_meanwhile_is_not_told(post_office: PostOffice) -> None:
    _kabir, waiting = await an_applicant()
    admin = acting(await an_admin())
    await run_jobs()
    post_office.letters.clear()

    await reject(waiting.id, why="No.", by=admin)
    await approve(waiting.id, by=admin)
    await run_jobs()

    assert [one["Subject"] for one in post_office.letters] == ["You are approved as a doctor"]


async def test_an_invitation_goes_to_its_address_with_code_and_link(post_office: PostOffice) -> None:
    admin = await an_admin()
    made = await invite(email="new@example.com", clinic_id=await a_clinic("Shanti Clinic"), by=acting(admin))
    await invite(by=acting(admin))

    await run_jobs()

    (letter,) = post_office.letters
    assert (letter["To"], letter["Subject"]) == ("new@example.com", "You are invited to practise with Parchi")
    for words in (made.code, f"/join/invitation?code={made.code}", "Shanti Clinic invites you"):
        assert words in text_of(letter)
        assert words in words_of(letter)


async def test_an_invitation_withdrawn_or_too_old_is_not_sent(post_office: PostOffice) -> None:
    admin = acting(await an_admin())
    withdrawn = await invite(email="one@example.com", by=admin)
    await withdraw_invitation(withdrawn.id, by=admin)
    await run_jobs()
    assert post_office.letters == []

    await invite(email="two@example.com", by=admin)
    async with all_clocks_later(days=15):
        await run_jobs()

    assert post_office.letters == []


def test_the_links_lead_to_pages_there_are() -> None:
    app, here = create_app(), settings().base_url
    doctor_id = uuid4()

    assert links.application(doctor_id) == here + app.route_reverse("admin.doctor", doctor_id=doctor_id)
    assert links.practise() == here + app.route_reverse("join.practise")
    assert links.invitation("X") == here + app.route_reverse("join.invitation") + "?code=X"
