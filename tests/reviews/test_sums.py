"""The kept sum is always what a recount gives: many at once, and any sequence of acts."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.db.engine import fetch_value
from app.errors import DomainError
from app.reviews import services
from app.reviews.errors import AlreadyReviewed
from app.reviews.queries import Review, stars_of
from tests.booking.visits import acting
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, an_admin
from tests.reviews.visits import a_review, a_seen_visit, counted_sum, kept_sum


async def _a_judged_doctor(reviews: int) -> tuple[CastDoctor, Cast, list[Review]]:
    doctor, asha = await a_doctor(), await a_patient()
    return doctor, asha, [await a_review(asha, doctor, stars=1, number=number) for number in range(reviews)]


async def _edits_at_once(asha: Cast, reviews: list[Review]) -> None:
    """Two changes of each review at the same moment, which both find it with one star."""
    await asyncio.gather(
        *(services.change(one.id, stars=stars, by=acting(asha)) for one in reviews for stars in (2, 3))
    )


async def test_twenty_reviews_at_once_are_all_counted() -> None:
    doctor = await a_doctor()
    patients = [await a_patient() for _number in range(20)]
    visits = [await a_seen_visit(one, doctor, number=number) for number, one in enumerate(patients)]

    await asyncio.gather(
        *(
            services.write(visit.id, stars=1 + number % 5, by=acting(patient))
            for number, (visit, patient) in enumerate(zip(visits, patients, strict=True))
        )
    )

    assert await kept_sum(doctor.doctor_id) == await counted_sum(doctor.doctor_id) == (60, 20)


async def test_one_visit_reviewed_ten_times_at_once_is_counted_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)

    outcomes = await asyncio.gather(
        *(services.write(visit.id, stars=4, by=acting(asha)) for _number in range(10)), return_exceptions=True
    )

    assert sum(isinstance(one, AlreadyReviewed) for one in outcomes) == 9
    assert await kept_sum(doctor.doctor_id) == (4, 1)


async def test_twenty_changes_at_once_leave_the_sum_right() -> None:
    doctor, asha, reviews = await _a_judged_doctor(10)

    await _edits_at_once(asha, reviews)

    assert await kept_sum(doctor.doctor_id) == await counted_sum(doctor.doctor_id)


async def test_without_the_doctors_lock_the_same_changes_leave_it_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def no_lock(_doctor_id: object) -> None:
        """Leaves time for the others to read the same old stars."""
        await asyncio.sleep(0)

    monkeypatch.setattr(services, "_lock_doctor", no_lock)
    doctor, asha, reviews = await _a_judged_doctor(10)

    await _edits_at_once(asha, reviews)

    assert await kept_sum(doctor.doctor_id) != await counted_sum(doctor.doctor_id)


Act = Callable[[], Awaitable[Any]]


class _Story:
    """Two doctors, a few patients, and acts chosen by chance; what is refused is part of it."""

    def __init__(self, seed: int, doctors: list[CastDoctor], cast: list[Cast], admin: Cast) -> None:
        self.chance = random.Random(seed)
        self.doctors, self.cast, self.admin = doctors, cast, admin
        self.seen: list[tuple[Cast, Any]] = []
        self.written: list[tuple[Cast, CastDoctor, Any]] = []

    async def prepare(self) -> None:
        for number in range(10):
            for doctor in self.doctors:
                patient = self.chance.choice(self.cast)
                self.seen.append((patient, await a_seen_visit(patient, doctor, number=number)))

    async def act(self) -> None:
        """One act of somebody; a refusal is as good as done."""
        acts: list[Act] = [self.write, self.change, self.change, self.report, self.decide, self.show_again]
        try:
            await self.chance.choice(acts)()
        except DomainError:
            return

    async def write(self) -> None:
        patient, visit = self.chance.choice(self.seen)
        review = await services.write(visit.id, stars=self.chance.randint(1, 5), by=acting(patient))
        doctor = next(one for one in self.doctors if one.doctor_id == review.doctor_id)
        self.written.append((patient, doctor, review.id))

    async def change(self) -> None:
        patient, _doctor, review_id = self._one()
        await services.change(review_id, stars=self.chance.randint(0, 6), by=acting(patient))

    async def report(self) -> None:
        _patient, doctor, review_id = self._one()
        await services.report(review_id, why="Please look.", by=acting(doctor))

    async def decide(self) -> None:
        _patient, _doctor, review_id = self._one()
        decision: services.Decision = self.chance.choice(("kept", "hidden"))
        await services.decide(review_id, decision, by=acting(self.admin))

    async def show_again(self) -> None:
        _patient, _doctor, review_id = self._one()
        await services.show_again(review_id, by=acting(self.admin))

    def _one(self) -> tuple[Cast, CastDoctor, Any]:
        if not self.written:
            raise DomainError
        return self.chance.choice(self.written)


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_acts_the_kept_sum_is_what_a_recount_gives(seed: int) -> None:
    doctors = [await a_doctor(), await a_doctor("Dr Arjun")]
    story = _Story(seed, doctors, [await a_patient() for _number in range(3)], await an_admin())
    await story.prepare()
    hidden = 0

    for turn in range(60):
        await asyncio.gather(*(story.act() for _number in range(1 if turn % 3 else 4)))
        for doctor in doctors:
            sums = await kept_sum(doctor.doctor_id)
            assert sums == await counted_sum(doctor.doctor_id), (seed, turn)
            assert sums[1] == (await stars_of(doctor.doctor_id)).total
        hidden = max(hidden, await fetch_value("SELECT count(*) FROM reviews WHERE hidden_at IS NOT NULL"))

    assert len(story.written) > 5 and hidden > 0, "the story was too short to prove anything"
