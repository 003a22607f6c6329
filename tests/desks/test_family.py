"""The people of an account: taking one out, putting one back, joining one by the code on a slip."""

import asyncio
from contextvars import Context

import httpx
import pytest

from app.accounts.errors import OwnPerson
from app.accounts.queries import Person, persons_of, self_of
from app.accounts.services import family
from app.accounts.services.family import put_back_person
from app.booking.errors import NoSuchSlip, PersonExpected
from app.booking.services.family import claim, take_out
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import Invalid, NotFound
from app.events import names
from app.events.queries import events_of
from app.web.limits import LIMITS
from tests.booking.desk import a_desk_visit
from tests.booking.visits import acting, hold_for
from tests.browser import Browser
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, a_person, a_slot, bearer
from tests.scheduling.calendars import a_statement_waits


async def _people(account: Cast) -> list[str]:
    return [person.name for person in await persons_of(account.id)]


async def _out(person_id, account: Cast) -> None:  # type: ignore[no-untyped-def]
    await take_out(person_id, account=await account.account(), by=acting(account))


async def _claim(code: str, account: Cast, relation: str = "parent") -> None:
    await claim(code, relation=relation, account=await account.account(), by=acting(account))


# taking out and putting back


async def test_who_is_taken_out_can_no_longer_be_booked_for_and_comes_back_on_demand(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    await browser.signed_in(asha)
    await bearer(api, asha)
    booking = {"slot_id": str(await a_slot(doctor)), "person_id": str(ravi)}

    asked = await browser.get(f"/me/people/{ravi}/remove")
    answer = await browser.post(f"/me/people/{ravi}/remove")

    assert "No longer book for Ravi?" in asked.text
    assert answer.location == "/me/people"
    assert await _people(asha) == ["Asha"]
    assert [one["name"] for one in (await api.get("/api/me/people")).json()["items"]] == ["Asha"]
    assert (await api.post("/api/appointments/book", json=booking)).status_code == 404

    page = await browser.get("/me/people")
    assert "Taken out Ravi" in page.text.replace("R Ravi", "Ravi")
    back = await browser.post(f"/me/people/{ravi}/back")

    assert back.location == "/me/people"
    assert await _people(asha) == ["Asha", "Ravi"]
    assert (await api.post("/api/appointments/book", json=booking)).status_code == 201
    assert [event.name for event in await events_of(ravi)] == [names.PERSON_REMOVED, names.PERSON_TAKEN_BACK]


@pytest.mark.parametrize("path", ["", "/remove"])
async def test_the_way_back_to_who_was_taken_out_leads_to_where_they_are_put_back(
    browser: Browser, path: str
) -> None:
    asha, vikram = await a_patient(), await a_patient("Vikram")
    ravi = await a_person(asha.id, name="Ravi")
    await _out(ravi, asha)

    await browser.signed_in(asha)
    answer = await browser.get(f"/me/people/{ravi}{path}")
    page = await browser.follow(answer)
    await browser.signed_in(vikram)
    of_another = await browser.get(f"/me/people/{ravi}{path}")

    assert answer.location == "/me/people"
    assert "You have taken this person out." in page.text
    assert page.one(f"form[action='/me/people/{ravi}/back']")
    assert of_another.status_code == 404


async def test_twice_is_once(browser: Browser) -> None:
    asha = await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    for _ in range(2):
        await _out(ravi, asha)
    for _ in range(2):
        await put_back_person(ravi, account=await asha.account(), by=acting(asha))
    assert [event.name for event in await events_of(ravi)] == [names.PERSON_REMOVED, names.PERSON_TAKEN_BACK]


async def test_who_has_a_visit_ahead_stays_and_the_page_says_why(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    person = next(one for one in await persons_of(asha.id) if one.id == ravi)
    await hold_for(asha, await a_slot(doctor), doctor, person=person)
    await browser.signed_in(asha)

    answer = await browser.post(f"/me/people/{ravi}/remove")

    assert answer.status_code == 409
    assert PersonExpected.message in answer.text
    assert await _people(asha) == ["Asha", "Ravi"]
    assert not await events_of(ravi)


async def test_a_visit_that_is_over_stays_in_the_list(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    person = next(one for one in await persons_of(asha.id) if one.id == ravi)
    held = await hold_for(asha, await a_slot(doctor), doctor, person=person)
    await execute("UPDATE appointments SET status = 'completed', token_number = 1, token_on = on_date")
    await execute(
        "UPDATE appointments SET starts_at = starts_at - interval '9 days', "
        "ends_at = ends_at - interval '9 days', on_date = on_date - 9"
    )
    await browser.signed_in(asha)

    await browser.post(f"/me/people/{ravi}/remove")

    assert "Ravi" in (await browser.get("/visits")).text
    assert (await browser.get(f"/visits/{held.code}")).status_code == 200


async def test_nobody_takes_out_themselves_or_somebody_elses_people(browser: Browser) -> None:
    asha, vikram = await a_patient(), await a_patient("Vikram")
    kiran = await a_person(vikram.id, name="Kiran")
    await browser.signed_in(asha)
    own = (await self_of(asha.id)).id

    assert OwnPerson.message in (await browser.post(f"/me/people/{own}/remove")).text
    for act in ("remove", "back"):
        assert (await browser.post(f"/me/people/{kiran}/{act}")).status_code == 404
    assert await _people(vikram) == ["Vikram", "Kiran"]


async def _ravi() -> tuple[CastDoctor, Cast, Person]:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    return doctor, asha, next(one for one in await persons_of(asha.id) if one.id == ravi)


async def _is_out_and_is_held(person: Person) -> tuple[bool, bool]:
    is_out = await fetch_value("SELECT removed_at IS NOT NULL FROM persons WHERE id = $1", person.id)
    return is_out, await fetch_value("SELECT EXISTS (SELECT FROM appointments WHERE status = 'held')")


async def _hold_while_they_are_taken_out() -> tuple[bool, bool]:
    """Hold a time for somebody while a transaction that took them out has not committed."""
    doctor, asha, person = await _ravi()
    slot = await a_slot(doctor)
    async with transaction():
        await _out(person.id, asha)
        holding = asyncio.create_task(hold_for(asha, slot, doctor, person=person), context=Context())
        waiting = asyncio.create_task(a_statement_waits(), context=Context())
        await asyncio.wait({holding, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    return await _is_out_and_is_held(person)


async def _take_out_while_a_time_is_held() -> tuple[bool, bool]:
    """Take somebody out while a transaction that holds a time for them has not committed."""
    doctor, asha, person = await _ravi()
    slot = await a_slot(doctor)
    async with transaction():
        await hold_for(asha, slot, doctor, person=person)
        removing = asyncio.create_task(_out(person.id, asha), context=Context())
        waiting = asyncio.create_task(a_statement_waits(), context=Context())
        await asyncio.wait({removing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    await asyncio.gather(removing, return_exceptions=True)
    return await _is_out_and_is_held(person)


def _without(monkeypatch: pytest.MonkeyPatch, name: str, lock: str) -> None:
    """Take a lock out of what `accounts.services.family` asks with this function."""
    asked = getattr(family, name)

    async def without(sql: str, *args: object) -> object:
        return await asked(sql.replace(lock, ""), *args)

    monkeypatch.setattr(family, name, without)


async def test_a_hold_waits_for_a_removal_and_is_refused() -> None:
    assert await _hold_while_they_are_taken_out() == (True, False)


async def test_without_the_holds_lock_somebody_is_out_and_has_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _without(monkeypatch, "fetch_value", " FOR KEY SHARE")
    assert await _hold_while_they_are_taken_out() == (True, True)


async def test_a_removal_waits_for_a_hold_and_is_refused() -> None:
    assert await _take_out_while_a_time_is_held() == (False, True)


async def test_without_the_removals_lock_somebody_is_out_and_has_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _without(monkeypatch, "fetch_one", " FOR UPDATE")
    assert await _take_out_while_a_time_is_held() == (True, True)


async def test_a_hold_and_a_removal_at_the_same_moment_never_both_succeed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    person = next(one for one in await persons_of(asha.id) if one.id == ravi)
    for at in ("09:00", "09:30", "10:00"):
        slot = await a_slot(doctor, at=at)
        await asyncio.gather(
            _out(ravi, asha), hold_for(asha, slot, doctor, person=person), return_exceptions=True
        )
        is_out = await fetch_value("SELECT removed_at IS NOT NULL FROM persons WHERE id = $1", ravi)
        ahead = await fetch_value("SELECT count(*) FROM appointments WHERE status = 'held'")
        assert is_out != bool(ahead)
        await execute("UPDATE persons SET removed_at = NULL")
        await execute("UPDATE appointments SET status = 'expired'")


async def test_a_hold_that_read_the_person_before_they_were_taken_out_is_refused() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ravi = await a_person(asha.id, name="Ravi")
    person = next(one for one in await persons_of(asha.id) if one.id == ravi)
    await _out(ravi, asha)

    with pytest.raises(NotFound):
        await hold_for(asha, await a_slot(doctor), doctor, person=person)


# joining by a slip


async def test_the_code_on_the_slip_joins_somebody_with_all_their_visits(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_desk_visit(doctor)
    other = await a_desk_visit(doctor, visit.person_id, at="16:00")
    await browser.signed_in(asha)

    typed = f" {visit.code[:4].lower()}-{visit.code[4:]} "
    seen = await browser.post("/me/people/claim", {"code": typed})

    assert "L… P…" in seen.text
    assert "Lata" not in seen.text and "98765" not in seen.text
    assert await _people(asha) == ["Asha"]

    code = seen.one("input[name=code]")["value"]
    missing = await browser.post("/me/people/claim/join", {"code": code, "relation": ""})
    assert missing.status_code == 422 and missing.error_of("relation")
    assert await _people(asha) == ["Asha"]

    answer = await browser.post("/me/people/claim/join", {"code": code, "relation": "parent"})

    assert answer.location == "/me/people"
    assert await _people(asha) == ["Asha", "Lata Patil"]
    for one in (visit, other):
        assert (await browser.get(f"/visits/{one.code}")).status_code == 200
    (event,) = await events_of(visit.person_id)
    assert event.name == names.PERSON_CLAIMED
    assert event.facts["appointment_id"] == str(visit.visit_id)


async def test_whoever_was_seen_before_signing_up_joins_themselves(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_desk_visit(doctor)
    await browser.signed_in(asha)

    await browser.post("/me/people/claim/join", {"code": visit.code, "relation": "self"})

    own = await self_of(asha.id)
    row = await fetch_one("SELECT person_id, booked_by_id FROM appointments WHERE id = $1", visit.visit_id)
    assert row and (row["person_id"], row["booked_by_id"]) == (own.id, asha.id)
    assert await _people(asha) == ["Asha"]
    assert "Lata" not in (await browser.get("/me/people")).text
    kept = await fetch_one("SELECT account_id, same_as FROM persons WHERE id = $1", visit.person_id)
    assert kept and (kept["account_id"], kept["same_as"]) == (asha.id, own.id)
    assert (await browser.post(f"/me/people/{visit.person_id}/back")).status_code == 404


async def test_joining_twice_joins_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit, mine = await a_desk_visit(doctor), await a_desk_visit(doctor, at="16:00")
    for _ in range(2):
        await _claim(visit.code, asha)
        await _claim(mine.code, asha, "self")
    assert len(await persons_of(asha.id)) == 2
    assert len(await events_of(visit.person_id)) == len(await events_of(mine.person_id)) == 1


async def test_of_two_accounts_with_the_same_slip_the_first_wins() -> None:
    doctor, visits = await a_doctor(), []
    asha, vikram = await a_patient(), await a_patient("Vikram")
    for at in ("15:00", "15:30", "16:00", "16:30"):
        visits.append(await a_desk_visit(doctor, at=at))
    for visit in visits:
        ends = await asyncio.gather(
            _claim(visit.code, asha), _claim(visit.code, vikram), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ends) == ["NoSuchSlip", "NoneType"]
        owner = await fetch_value("SELECT account_id FROM persons WHERE id = $1", visit.person_id)
        booked_by = await fetch_value("SELECT booked_by_id FROM appointments WHERE id = $1", visit.visit_id)
        assert owner == booked_by == (asha, vikram)[isinstance(ends[0], NoSuchSlip)].id
        assert len(await events_of(visit.person_id)) == 1


async def test_every_other_code_gets_the_same_answer(browser: Browser) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    theirs = await hold_for(vikram, await a_slot(doctor), doctor)
    joined = await a_desk_visit(doctor)
    await _claim(joined.code, vikram)
    only_held = await a_desk_visit(doctor, at="16:00", status="expired")
    await browser.signed_in(asha)

    answers = []
    for code in (theirs.code, joined.code, only_held.code, "ZZZZ2222", "x' OR 1=1 --"):
        look = await browser.post("/me/people/claim", {"code": code})
        join = await browser.post("/me/people/claim/join", {"code": code, "relation": "parent"})
        answers.append((look.status_code, look.error_of("code"), join.status_code))

    assert {answer[0] for answer in answers} == {422}
    assert len({answer[1] for answer in answers}) == 1
    assert {answer[2] for answer in answers} == {422}
    assert await _people(asha) == ["Asha"]


async def test_a_mobile_that_is_the_same_proves_nothing(browser: Browser) -> None:
    """Neither at sign-up nor later does somebody with the number of a person see anything of theirs."""
    doctor = await a_doctor()
    visit = await a_desk_visit(doctor)
    same = await a_patient("Mala", mobile="+919876500000")
    await browser.signed_in(same)

    assert visit.code not in (await browser.get("/visits")).text
    assert (await browser.get(f"/visits/{visit.code}")).status_code == 404
    assert await _people(same) == ["Mala"]


async def test_guessing_codes_ends_after_few_tries(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_desk_visit(doctor)
    await browser.signed_in(asha)
    most = LIMITS["slip_code"].most
    for number in range(most):
        path = "/me/people/claim" if number % 2 else "/me/people/claim/join"
        await browser.post(path, {"code": f"ZZZZ22{number:02}", "relation": "parent"})

    answer = await browser.post("/me/people/claim", {"code": visit.code})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await browser.post("/me/people/claim/join", {"code": visit.code})).status_code == 429
    assert await _people(asha) == ["Asha"]


async def test_an_unknown_relation_joins_nobody() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_desk_visit(doctor)
    with pytest.raises(Invalid):
        await _claim(visit.code, asha, "owner")
    assert await _people(asha) == ["Asha"]


async def test_the_form_says_who_may_add_a_child(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    assert "parent or lawful guardian" in (await browser.get("/me/people")).text
