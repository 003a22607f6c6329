"""The second step of a log-in: for whom, on which devices, and that each code serves once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.codes import device_of_token, link_token_for
from app.accounts.errors import LogInOver, WrongLogIn, WrongSecondStep
from app.accounts.rules import CODE_TRIES
from app.accounts.services import (
    Tokens,
    ask_reset,
    block,
    change_password,
    change_role,
    choose_password,
    confirm_log_in,
    end_all_sessions,
    logging_in,
)
from app.accounts.services.sessions import end_sessions
from app.accounts.where import Where
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value
from app.errors import TooMany
from app.settings import settings
from tests.accounts.authenticator import code_of, turned_on
from tests.accounts.confirmations import newest
from tests.accounts.guessing import OWNER_ADDRESS, comes_in
from tests.accounts.second_steps import BROWSER, another_code, begun, sent_code
from tests.factories import (
    Cast,
    a_clinic,
    a_doctor,
    a_patient,
    a_receptionist,
    an_admin,
    known_device,
)

NEW = "another long secret 8"

# who is asked


async def test_staff_are_asked_on_a_device_nobody_knows_and_patients_are_not() -> None:
    doctor, reception, admin = await a_doctor(), await a_receptionist(await a_clinic()), await an_admin()
    for person in (doctor, reception, admin):
        assert (await begun(person)).kind == "email_code"
    assert isinstance(await comes_in((patient := await a_patient()).email, patient.password), Tokens)


async def test_a_device_that_did_it_once_is_not_asked_again_until_it_is_taken_for_a_stranger() -> None:
    doctor = await a_doctor()
    challenge = await begun(doctor)
    tokens = await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)
    assert tokens.account.id == doctor.id

    again = await comes_in(doctor.email, doctor.password, device_id=BROWSER.device_id)
    assert isinstance(again, Tokens)
    await end_sessions(doctor.id, why="ended_by_user")
    assert (await begun(doctor)).kind == "email_code"


async def test_no_code_is_sent_by_e_mail_where_everybody_knows_the_passwords(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    demo = replace(settings(), demo=True)
    monkeypatch.setattr(logging_in, "settings", lambda: demo)
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    await turned_on(other)
    assert isinstance(await comes_in(doctor.email, doctor.password), Tokens)
    assert (await begun(other)).kind == "totp"


async def test_who_has_an_app_is_asked_for_its_code_on_known_devices_too() -> None:
    doctor = await a_doctor()
    secret, recovery = await turned_on(doctor)
    device = device_of_token(await known_device(doctor))
    at_desk = Where(OWNER_ADDRESS, "tests", device)

    challenge = await begun(doctor, at_desk)
    assert challenge.kind == "totp"
    with pytest.raises(WrongSecondStep):
        await confirm_log_in(challenge.id, sent_code(challenge), where=at_desk)
    await confirm_log_in(challenge.id, code_of(secret), where=at_desk)

    replayed = await begun(doctor, at_desk)
    with pytest.raises(WrongSecondStep):
        await confirm_log_in(replayed.id, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ", where=at_desk)
    await confirm_log_in(replayed.id, recovery[0], where=at_desk)


# what it takes


async def test_a_log_in_is_over_once_its_code_was_used() -> None:
    challenge = await begun(await a_doctor())
    code = sent_code(challenge)
    await confirm_log_in(challenge.id, f" {code[:3]}-{code[3:]}", where=BROWSER)
    with pytest.raises(LogInOver):
        await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)


async def test_of_two_who_enter_one_code_at_once_one_comes_in() -> None:
    challenge = await begun(await a_doctor())
    both = await asyncio.gather(
        *(confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["LogInOver", "Tokens"]
    assert await fetch_value("SELECT count(*) FROM sessions") == 1


async def test_it_goes_on_only_on_the_device_where_it_began() -> None:
    challenge = await begun(await a_doctor())
    for elsewhere in (UUID(int=12), None):
        with pytest.raises(LogInOver):
            await confirm_log_in(
                challenge.id, sent_code(challenge), where=Where(OWNER_ADDRESS, "tests", elsewhere)
            )


async def test_it_is_over_after_five_wrong_codes_and_after_ten_minutes() -> None:
    doctor = await a_doctor()
    first = await begun(doctor)
    for _ in range(CODE_TRIES):
        with pytest.raises(WrongSecondStep):
            await confirm_log_in(first.id, another_code(first), where=BROWSER)
    with pytest.raises(LogInOver):
        await confirm_log_in(first.id, sent_code(first), where=BROWSER)

    second = await begun(doctor)
    await set_clock(clock.now() + timedelta(minutes=10))
    with pytest.raises(LogInOver):
        await confirm_log_in(second.id, sent_code(second), where=BROWSER)


async def test_wrong_codes_are_counted_for_the_account_over_all_its_log_ins() -> None:
    doctor = await a_doctor()
    tried = 0
    with pytest.raises(TooMany):
        for _ in range(3):
            challenge = await begun(doctor)
            for _ in range(3):
                with pytest.raises(WrongSecondStep):
                    await confirm_log_in(challenge.id, another_code(challenge), where=BROWSER)
                tried += 1
    assert tried == 5


async def test_of_many_codes_at_once_as_few_are_looked_at() -> None:
    challenge = await begun(await a_doctor())
    answers = await asyncio.gather(
        *(confirm_log_in(challenge.id, another_code(challenge), where=BROWSER) for _ in range(30)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, WrongSecondStep) for one in answers) == CODE_TRIES


# what ends it in between


async def test_what_takes_rights_away_ends_log_ins_that_are_under_way() -> None:
    admin = (await (await an_admin()).account()).actor

    async def changes_password(person: Cast) -> None:
        await change_password(await person.account(), current=person.password, password=NEW, where=BROWSER)

    async def chooses_by_letter(person: Cast) -> None:
        await ask_reset(person.email, address=OWNER_ADDRESS)
        token = link_token_for(await newest(person.email), "reset_password")
        await choose_password(token, NEW, where=BROWSER, accepts_in=None)

    for what, sessions in (
        (lambda one: block(one.id, why="", by=admin), 0),
        (lambda one: change_role(one.id, "patient", by=admin), 0),
        (lambda one: end_all_sessions(one.id, by=admin), 0),
        (changes_password, 1),
        (chooses_by_letter, 0),
    ):
        doctor = await a_doctor()
        challenge = await begun(doctor)
        await what(doctor)
        with pytest.raises(LogInOver):
            await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)
        now_open = await fetch_value("SELECT count(*) FROM sessions WHERE user_id = $1", doctor.id)
        assert now_open == sessions, "one where somebody who changed the password goes on"


async def test_a_password_changed_while_the_old_one_is_looked_at_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For both ways on: a session at once, and a second step."""
    really = logging_in.is_password

    async def slowly(password: str, kept: str | None) -> bool:
        right = await really(password, kept)
        await execute("UPDATE users SET password_hash = 'changed meanwhile'")
        return right

    monkeypatch.setattr(logging_in, "is_password", slowly)
    for person in (await a_patient(), await a_doctor()):
        with pytest.raises(WrongLogIn):
            await comes_in(person.email, person.password)
    assert not await fetch("SELECT 1 FROM sessions UNION ALL SELECT 1 FROM log_in_challenges")
