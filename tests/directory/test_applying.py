"""Doctors apply, are let in or turned down, and apply again."""

import asyncio
from uuid import uuid4

import pytest

from app.accounts.errors import AccountBlocked
from app.accounts.queries import get_user
from app.db.engine import execute, fetch_value
from app.desks.admin import standing
from app.directory.errors import (
    ApplicationRejected,
    DoctorApproved,
    NoSuchDoctor,
    NotAnApplicant,
    NotYetApproved,
)
from app.directory.queries import (
    Application,
    application_of_user,
    applications,
    find_practice_of_user,
    get_application,
    listed_slugs,
)
from app.directory.services import (
    Particulars,
    add_practice,
    apply_again,
    apply_as_doctor,
    approve,
    practise_at,
    reject,
    relist_stale,
)
from app.directory.services.clinics import close_practices_of
from app.errors import DomainError, Invalid
from app.events.actor import SYSTEM
from app.events.queries import events_of
from tests.booking.visits import acting
from tests.factories import Cast, a_clinic, a_doctor, a_patient, a_receptionist, an_admin, token_of


async def an_applicant(name: str = "Dr Kabir", number: str = "MH 4711") -> tuple[Cast, Application]:
    """A patient who has applied as a doctor and waits."""
    kabir = await a_patient(name)
    doctor_id = await apply_as_doctor(
        kabir.id,
        name=name,
        speciality="dentistry",
        qualifications="BDS",
        registration_number=number,
        by=acting(kabir),
    )
    return kabir, await get_application(doctor_id)


async def names_of(application: Application) -> list[str]:
    return [event.name for event in await events_of(application.id)]


async def test_a_patient_stays_one_until_approved_and_then_starts_anew_as_a_doctor() -> None:
    kabir, waiting = await an_applicant()
    clinic, admin = await a_clinic(), await an_admin()
    await token_of(kabir)
    assert (waiting.state, waiting.qualifications, waiting.registration_number) == (
        "waiting",
        "BDS",
        "MH 4711",
    )
    assert (await get_user(kabir.id)).role == "patient"

    await approve(waiting.id, clinic_id=clinic, by=acting(admin))

    assert (await get_user(kabir.id)).role == "doctor"
    assert await fetch_value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    practice = await find_practice_of_user(kabir.id)
    assert practice is not None and practice.clinic_id == clinic
    assert await listed_slugs() == [waiting.slug]
    assert await names_of(waiting) == ["DOCTOR_APPLIED", "DOCTOR_APPROVED"]


async def test_without_a_clinic_a_doctor_is_approved_and_listed_only_after_a_practice() -> None:
    kabir, waiting = await an_applicant()

    await approve(waiting.id, by=SYSTEM)

    assert (await get_application(waiting.id)).state == "approved"
    assert await find_practice_of_user(kabir.id) is None
    assert await listed_slugs() == []
    assert not (await get_application(waiting.id)).is_listed

    await practise_at(waiting.id, await a_clinic("Shanti Clinic"), by=SYSTEM)

    after = await get_application(waiting.id)
    assert (after.is_listed, after.clinics) == (True, ["Shanti Clinic"])


async def test_a_clinic_that_is_none_lets_nobody_in() -> None:
    kabir, waiting = await an_applicant()

    with pytest.raises(Invalid) as refused:
        await approve(waiting.id, clinic_id=uuid4(), by=SYSTEM)

    assert set(refused.value.fields) == {"clinic_id"}
    assert (await get_application(waiting.id)).state == "waiting"
    assert (await get_user(kabir.id)).role == "patient"


async def test_who_is_turned_down_reads_why_and_may_apply_again() -> None:
    kabir, waiting = await an_applicant()
    admin = await an_admin()

    await reject(waiting.id, why="The number is not in the register.", by=acting(admin))

    turned_down = await application_of_user(kabir.id)
    assert turned_down is not None
    assert (turned_down.state, turned_down.rejected_why) == (
        "rejected",
        "The number is not in the register.",
    )
    assert (await events_of(waiting.id))[-1].private == {"why": "The number is not in the register."}
    assert "register" not in await fetch_value("SELECT string_agg(facts::text, ' ') FROM events")

    await apply_again(waiting.id, Particulars("ent", "MS (ENT)", "MH 4712"), by=acting(kabir))

    again = await get_application(waiting.id)
    assert (again.state, again.speciality, again.registration_number) == ("waiting", "ent", "MH 4712")
    assert again.rejected_why == ""
    assert again.applied_at > waiting.applied_at
    assert await names_of(waiting) == ["DOCTOR_APPLIED", "DOCTOR_REJECTED", "DOCTOR_APPLIED"]


async def test_who_waits_puts_an_application_better_and_keeps_the_place() -> None:
    kabir, waiting = await an_applicant()

    await apply_again(waiting.id, Particulars("General Medicine", "MD", "MH 1"), by=acting(kabir))

    better = await get_application(waiting.id)
    assert (better.speciality, better.applied_at) == ("general_medicine", waiting.applied_at)
    assert await names_of(waiting) == ["DOCTOR_APPLIED", "DOCTOR_PROFILE_CHANGED"]


async def test_an_approved_doctor_is_neither_turned_down_nor_applies() -> None:
    meera = await a_doctor()

    with pytest.raises(DoctorApproved):
        await reject(meera.doctor_id, why="", by=SYSTEM)
    with pytest.raises(DoctorApproved):
        await apply_again(meera.doctor_id, Particulars("ent"), by=acting(meera))


async def test_one_who_was_turned_down_is_not_turned_down_twice_but_can_be_approved() -> None:
    kabir, waiting = await an_applicant()
    await reject(waiting.id, why="", by=SYSTEM)

    with pytest.raises(ApplicationRejected):
        await reject(waiting.id, why="Again.", by=SYSTEM)
    await approve(waiting.id, by=SYSTEM)

    assert (await get_application(waiting.id)).state == "approved"
    assert (await get_user(kabir.id)).role == "doctor"


async def test_of_two_decisions_at_once_one_counts() -> None:
    for _round in range(5):
        _kabir, waiting = await an_applicant()

        outcomes = await asyncio.gather(
            reject(waiting.id, why="", by=SYSTEM),
            reject(waiting.id, why="No.", by=SYSTEM),
            return_exceptions=True,
        )

        refused = [one for one in outcomes if isinstance(one, DomainError)]
        assert [type(one) for one in refused] == [ApplicationRejected]


async def test_blocked_accounts_and_staff_become_no_doctors() -> None:
    blocked, waiting = await an_applicant()
    await execute("UPDATE users SET blocked_at = created_at WHERE id = $1", blocked.id)
    sunita = await a_receptionist(await a_clinic())
    at_desk = await apply_as_doctor(sunita.id, name="Sunita", speciality="ent", by=SYSTEM)

    with pytest.raises(AccountBlocked):
        await approve(waiting.id, by=SYSTEM)
    with pytest.raises(NotAnApplicant):
        await approve(at_desk, by=SYSTEM)


async def test_a_blocked_doctor_practises_nowhere_and_is_not_listed_until_unblocked() -> None:
    meera, admin = await a_doctor("Dr Meera"), await an_admin()
    await standing.block(meera.id, why="", by=acting(admin))

    for act in (
        practise_at(meera.doctor_id, await a_clinic(), by=SYSTEM),
        practise_at(meera.doctor_id, meera.clinic_id, by=SYSTEM),
        approve(meera.doctor_id, clinic_id=await a_clinic(), by=SYSTEM),
    ):
        with pytest.raises(AccountBlocked):
            await act
    await add_practice(meera.doctor_id, await a_clinic("Second Clinic"), by=SYSTEM)
    await relist_stale()

    assert await listed_slugs() == []
    await standing.unblock(meera.id, by=acting(admin))
    assert await listed_slugs() == [meera.slug]


async def test_who_is_not_approved_practises_nowhere() -> None:
    _kabir, waiting = await an_applicant()

    with pytest.raises(NotYetApproved):
        await practise_at(waiting.id, await a_clinic(), by=SYSTEM)


async def test_a_practice_that_was_closed_is_opened_again_by_choosing_its_clinic() -> None:
    meera = await a_doctor()
    await close_practices_of(meera.id, by=SYSTEM)
    assert await listed_slugs() == []

    again = await practise_at(meera.doctor_id, meera.clinic_id, by=SYSTEM)

    assert again == meera.practice_id
    assert await listed_slugs() == [meera.slug]


async def test_an_unknown_doctor_is_not_there() -> None:
    for act in (approve(uuid4(), by=SYSTEM), reject(uuid4(), why="", by=SYSTEM), get_application(uuid4())):
        with pytest.raises(NoSuchDoctor):
            await act


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Particulars("magic"), "specialization"),
        (Particulars("ent", qualifications="x" * 121), "qualifications"),
        (Particulars("ent", registration_number="x" * 121), "registration_number"),
    ],
)
async def test_particulars_that_do_not_fit_are_refused_at_their_field(said: Particulars, field: str) -> None:
    kabir, waiting = await an_applicant()

    with pytest.raises(Invalid) as refused:
        await apply_again(waiting.id, said, by=acting(kabir))

    assert set(refused.value.fields) == {field}


async def test_too_long_a_reason_is_refused_at_its_field() -> None:
    _kabir, waiting = await an_applicant()

    with pytest.raises(Invalid) as refused:
        await reject(waiting.id, why="x" * 1001, by=SYSTEM)

    assert set(refused.value.fields) == {"reason"}


async def test_who_waits_longest_stands_first_and_is_found_by_name_address_and_number() -> None:
    first, _one = await an_applicant("Dr Kabir", "MH 1")
    second, _other = await an_applicant("Dr Nila", "KA_2%")
    await a_doctor("Dr Meera")

    everybody = await applications("waiting")

    assert [one.user_id for one in everybody.items] == [first.id, second.id]
    for looked_for, found in [
        ("nila", [second.id]),
        (first.email.upper(), [first.id]),
        ("A_2%", [second.id]),
        ("_", [second.id]),
        ("%", [second.id]),
        ("nobody", []),
        ("", [first.id, second.id]),
    ]:
        page = await applications("waiting", looked_for=looked_for)
        assert [one.user_id for one in page.items] == found, looked_for
    assert [one.name for one in (await applications("approved")).items] == ["Dr Meera"]
    assert (await applications("waiting", page=9, page_size=1)).items[0].user_id == second.id
    assert (await applications("rejected", page=9)).items == []
