"""Invitations: one doctor, one time, until they end."""

import asyncio
import string
from datetime import timedelta
from uuid import uuid4

import pytest

from app import clock
from app.accounts.queries import get_user
from app.db.engine import fetch_one, fetch_value
from app.directory.codes import CODE_LENGTH, SIGNS, invitation_code, invitation_hash
from app.directory.errors import DoctorApproved, InvitationNotValid, InvitationUsed
from app.directory.queries import application_of_user, find_practice_of_user, get_invitation, invitations
from app.directory.services import (
    MadeInvitation,
    Particulars,
    invite,
    read_invitation,
    use_invitation,
    withdraw_invitation,
)
from app.directory.services import invitations as service
from app.errors import DomainError, Invalid, NotFound, TooMany
from tests.accounts.confirmations import happened
from tests.booking.visits import acting, later
from tests.directory.test_applying import an_applicant
from tests.factories import Cast, a_clinic, a_doctor, a_patient, an_admin

SAID = Particulars("ent", "MS (ENT)", "MH 12")


async def use(invitation: MadeInvitation, person: Cast, said: Particulars | None = SAID) -> None:
    await use_invitation(invitation.id, user_id=person.id, name=person.name, said=said, by=acting(person))


async def is_open(invitation: MadeInvitation) -> bool:
    try:
        found = await read_invitation(invitation.code, address=str(uuid4()))
    except InvitationNotValid:
        return False
    return found.id == invitation.id


def test_a_code_is_of_signs_nobody_takes_for_others_and_the_same_for_a_row() -> None:
    ids = [uuid4() for _n in range(200)]
    codes = [invitation_code(one) for one in ids]

    assert len(set(codes)) == 200
    assert {len(code.replace("-", "")) for code in codes} == {CODE_LENGTH}
    assert not set("".join(codes)) & set("01ILOU" + string.ascii_lowercase)
    assert set("".join(codes)) == {*SIGNS, "-"}
    assert codes == [invitation_code(one) for one in ids]


def test_a_code_is_read_however_it_is_written_and_its_hash_tells_nothing() -> None:
    code = invitation_code(uuid4())

    kept = invitation_hash(code)

    assert kept is not None
    for written in (code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}\n"):
        assert invitation_hash(written) == kept
    for wrong in ("", code[:-1], code + "2", code[:-1] + "0", "é" * 12, "\x00" * 12, "२" * 12):
        assert invitation_hash(wrong) is None
    assert code.replace("-", "").encode() not in kept


async def test_the_code_stands_nowhere_in_the_database() -> None:
    made = await invite(email="New@Example.com", by=acting(await an_admin()))

    row = await fetch_one("SELECT i::text AS row FROM invitations i")
    events = await fetch_value("SELECT string_agg(e::text, ' ') FROM events e")

    assert row is not None
    for code in (made.code, made.code.replace("-", "")):
        assert code not in row["row"] + events
    assert "new@example.com" not in events
    assert made.email == "new@example.com"


async def test_an_invitation_lets_a_patient_in_at_once_at_its_clinic() -> None:
    clinic, kabir = await a_clinic(), await a_patient("Dr Kabir")
    made = await invite(clinic_id=clinic, by=acting(await an_admin()))

    await use(made, kabir)

    assert (await get_user(kabir.id)).role == "doctor"
    application = await application_of_user(kabir.id)
    assert application is not None and application.state == "approved"
    practice = await find_practice_of_user(kabir.id)
    assert practice is not None and practice.clinic_id == clinic
    kept = await get_invitation(made.id)
    assert (kept.state(now=clock.now()), kept.used_by) == ("used", "Dr Kabir")


async def test_who_waits_already_keeps_what_the_application_says() -> None:
    kabir, waiting = await an_applicant()
    made = await invite(by=acting(await an_admin()))

    await use(made, kabir, None)

    after = await application_of_user(kabir.id)
    assert after is not None
    assert (after.id, after.state, after.speciality) == (waiting.id, "approved", waiting.speciality)


async def test_who_has_not_applied_must_name_a_speciality_and_the_invitation_stays_open() -> None:
    made = await invite(by=acting(await an_admin()))

    with pytest.raises(Invalid) as refused:
        await use(made, await a_patient(), None)

    assert set(refused.value.fields) == {"specialization"}
    assert await is_open(made)


async def test_an_approved_doctor_uses_no_invitation_up() -> None:
    made = await invite(by=acting(await an_admin()))

    with pytest.raises(DoctorApproved):
        await use(made, await a_doctor())

    assert await is_open(made)


async def test_a_used_withdrawn_or_old_invitation_and_an_unknown_code_are_refused_alike() -> None:
    admin = acting(await an_admin())
    used, withdrawn, old = [await invite(by=admin) for _n in range(3)]
    await use(used, await a_patient())
    await withdraw_invitation(withdrawn.id, by=admin)
    await withdraw_invitation(withdrawn.id, by=admin)

    refusals = set()
    for code in (used.code, withdrawn.code, invitation_code(uuid4()), "", "nonsense"):
        with pytest.raises(InvitationNotValid) as refused:
            await read_invitation(code, address="192.0.2.1")
        refusals.add(str(refused.value.fields))
    assert len(refusals) == 1
    for one in (used, withdrawn):
        with pytest.raises(InvitationNotValid):
            await use(one, await a_patient())
    assert await is_open(old)
    with later(days=14, seconds=1):
        assert not await is_open(old)
        with pytest.raises(InvitationNotValid):
            await use(old, await a_patient())


async def test_a_used_invitation_is_not_withdrawn_and_an_unknown_one_is_not_there() -> None:
    admin = acting(await an_admin())
    made = await invite(by=admin)
    await use(made, await a_patient())

    with pytest.raises(InvitationUsed):
        await withdraw_invitation(made.id, by=admin)
    with pytest.raises(NotFound):
        await withdraw_invitation(uuid4(), by=admin)


@pytest.mark.parametrize(
    ("asked", "field"), [({"email": "nobody"}, "email"), ({"clinic_id": uuid4()}, "clinic_id")]
)
async def test_an_invitation_for_nobody_or_nowhere_is_refused(asked: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await invite(by=acting(await an_admin()), **asked)  # type: ignore[arg-type]

    assert set(refused.value.fields) == {field}
    assert (await invitations()).total == 0


async def test_codes_can_be_tried_a_few_times_only() -> None:
    made = await invite(by=acting(await an_admin()))
    for _try in range(20):
        with pytest.raises(InvitationNotValid):
            await read_invitation(invitation_code(uuid4()), address="192.0.2.7")

    with pytest.raises(TooMany):
        await read_invitation(made.code, address="192.0.2.7")
    assert await is_open(made)


async def _at_once(people: int = 6) -> tuple[int, list[DomainError]]:
    """How many of several who use one invitation at the same moment become doctors, and what others hear."""
    made = await invite(by=acting(await an_admin()))
    crowd = [await a_patient(f"Dr {n}") for n in range(people)]
    outcomes = await asyncio.gather(*(use(made, one) for one in crowd), return_exceptions=True)
    bugs = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)]
    assert not bugs, bugs
    doctors = await fetch_value("SELECT count(*) FROM users WHERE role = 'doctor'")
    return doctors, [one for one in outcomes if isinstance(one, DomainError)]


async def test_of_many_who_use_one_invitation_at_once_one_is_let_in() -> None:
    doctors, refused = await _at_once()

    assert (doctors, len(refused)) == (1, 5)
    assert all(isinstance(one, InvitationNotValid) for one in refused)


async def test_without_the_guard_all_of_them_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(service, "_USE", service._USE.replace("used_at IS NULL AND", ""))

    doctors, refused = await _at_once()

    assert (doctors, refused) == (6, [])


async def test_withdrawing_and_using_at_once_never_both_succeed() -> None:
    admin = acting(await an_admin())
    for n in range(6):
        made, kabir = await invite(by=admin), await a_patient(f"Dr {n}")

        outcomes = await asyncio.gather(
            withdraw_invitation(made.id, by=admin), use(made, kabir), return_exceptions=True
        )

        assert sum(one is None for one in outcomes) == 1, outcomes


async def test_a_code_that_was_given_in_time_still_counts_when_its_address_is_confirmed_later() -> None:
    made, kabir = await invite(by=acting(await an_admin())), await a_patient()
    given_at = clock.now() + timedelta(days=13)

    with later(days=15):
        await use_invitation(
            made.id, user_id=kabir.id, name="Dr Kabir", said=SAID, by=acting(kabir), as_of=given_at
        )

    assert (await get_user(kabir.id)).role == "doctor"
    assert await happened("INVITATION_USED") == 1


async def test_the_list_shows_each_with_its_state_and_code_the_newest_first() -> None:
    admin = acting(await an_admin("Admin"))
    made = [await invite(by=admin, email=f"doctor{n}@example.com") for n in range(3)]

    page = await invitations(page_size=2)

    assert (page.total, page.pages) == (3, 2)
    assert [one.id for one in page.items] == [made[2].id, made[1].id]
    assert (page.items[0].code, page.items[0].created_by) == (made[2].code, "Admin")
    assert [one.id for one in (await invitations(page=9, page_size=2)).items] == [made[0].id]
