"""What is ahead is the same to the patient's list, to who takes somebody out, and to who leaves."""

import pytest

from app import clock
from app.accounts.queries import self_of
from app.booking.queries import coming_visits, past_visits
from app.booking.queries.ahead import ahead_of, is_expected, patients_ahead_of
from app.db.engine import execute
from tests.booking.visits import a_visit
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, clinic_day

WITHOUT_TIME = "status = 'checked_in', slot_id = NULL, starts_at = NULL, ends_at = NULL"
NEVER_ENDED = (
    "status = 'in_consultation', starts_at = starts_at - interval '3 days', "
    "ends_at = ends_at - interval '3 days'"
)


async def _who_says_it_is_ahead(doctor: CastDoctor, change: str, days: int) -> set[str]:
    """Make a visit, change it, move it to a day, and ask everybody who wants to know."""
    asha, now = await a_patient(), clock.now()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await execute(f"UPDATE appointments SET {change}, on_date = $2 WHERE id = $1", visit.id, clinic_day(days))
    past = await past_visits(asha.id, paid=[], now=now, page=1, page_size=10)
    answers = {
        "the list": bool(await coming_visits(asha.id, now=now)),
        "the list of what is over": not past.items,
        "who takes them out": await is_expected((await self_of(asha.id)).id, now=now),
        "who leaves": bool(await ahead_of(asha.id, now=now)),
        "the doctor who leaves": await patients_ahead_of(doctor.id, now=now) is not None,
    }
    return {who for who, says in answers.items() if says}


@pytest.mark.parametrize(("change", "days"), [(WITHOUT_TIME, 0), (NEVER_ENDED, 0), (WITHOUT_TIME, 1)])
async def test_a_visit_without_an_end_is_ahead_on_its_day_and_before(change: str, days: int) -> None:
    assert len(await _who_says_it_is_ahead(await a_doctor(), change, days)) == 5


@pytest.mark.parametrize("change", [WITHOUT_TIME, NEVER_ENDED])
async def test_and_over_with_its_day(change: str) -> None:
    assert await _who_says_it_is_ahead(await a_doctor(), change, -1) == set()
