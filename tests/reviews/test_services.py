"""Who may say what of a visit, when, and what becomes of it."""

import pytest

from app.booking.queries import get_appointment
from app.booking.services import mark_no_show
from app.db.engine import execute, fetch_value
from app.errors import Invalid, NotFound, TooMany
from app.events import names
from app.events.queries import events_of
from app.reviews import services
from app.reviews.errors import (
    AlreadyReported,
    AlreadyReviewed,
    IsHidden,
    KeptAsItIs,
    NoSuchReview,
    NotCompleted,
    NothingToDecide,
    OwnReview,
)
from app.reviews.queries import (
    find_review_of,
    get_review,
    hidden_reviews,
    kept_for,
    reported_by,
    reported_reviews,
    reviews_for_doctor,
    reviews_shown,
    stars_of,
)
from tests.booking.visits import a_visit, acting, later
from tests.factories import NOBODY, a_doctor, a_patient, a_slot, an_admin
from tests.reviews.visits import a_review, a_seen_visit, counted_sum, kept_sum


async def test_a_completed_visit_is_reviewed_and_counts() -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    visit = await a_seen_visit(asha, doctor)

    review = await services.write(visit.id, stars=4, text=" Listened.\r\nKind. ", by=acting(asha))

    assert (review.stars, review.text, review.author) == (4, "Listened.\nKind.", "Asha R.")
    assert not review.is_changed and not review.is_hidden
    assert await kept_sum(doctor.doctor_id) == (4, 1)
    (event,) = await events_of(review.id)
    assert (event.name, event.by_id) == (names.REVIEW_WRITTEN, asha.id)
    assert event.facts == {
        "doctor_id": str(doctor.doctor_id),
        "appointment_id": str(visit.id),
        "stars": 4,
    }
    assert event.private == {"text": "Listened.\nKind."}


async def test_stars_alone_are_enough() -> None:
    review = await a_review(await a_patient(), await a_doctor(), stars=1)

    assert (review.stars, review.text) == (1, "")
    assert (await events_of(review.id))[0].private == {}


async def test_a_second_review_of_a_visit_is_refused_and_counts_nothing() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)
    await services.write(visit.id, stars=5, by=acting(asha))

    with pytest.raises(AlreadyReviewed):
        await services.write(visit.id, stars=1, by=acting(asha))

    assert await kept_sum(doctor.doctor_id) == (5, 1)


async def test_two_visits_to_one_doctor_are_two_reviews() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await a_review(asha, doctor, stars=5, number=9)
    await a_review(asha, doctor, stars=2, number=10)

    assert await kept_sum(doctor.doctor_id) == (7, 2)


async def test_a_visit_that_did_not_take_place_is_not_reviewed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    coming = await a_visit(asha, await a_slot(doctor), doctor)
    with pytest.raises(NotCompleted):
        await services.write(coming.id, stars=5, by=acting(asha))
    with later(days=2):
        await mark_no_show(coming.id, by=acting(doctor))
    with pytest.raises(NotCompleted):
        await services.write(coming.id, stars=5, by=acting(asha))

    assert (await get_appointment(coming.id)).status == "no_show"
    assert await kept_sum(doctor.doctor_id) == (0, 0)


async def test_only_the_account_that_booked_writes_and_changes() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    visit = await a_seen_visit(asha, doctor)
    for other in (vikram, doctor):
        with pytest.raises(NotFound):
            await services.write(visit.id, stars=1, by=acting(other))
    review = await services.write(visit.id, stars=5, by=acting(asha))

    for other in (vikram, doctor):
        with pytest.raises(NotFound):
            await services.change(review.id, stars=1, by=acting(other))

    assert (await get_review(review.id)).stars == 5


async def test_a_visit_without_an_account_is_reviewed_by_nobody() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)
    await execute("UPDATE appointments SET booked_by_id = NULL WHERE id = $1", visit.id)

    with pytest.raises(NotFound):
        await services.write(visit.id, stars=5, by=acting(asha))


@pytest.mark.parametrize(
    ("stars", "text", "field"),
    [(0, "", "stars"), (6, "", "stars"), (5, "x" * 2001, "text"), (5, "a\x00b", "text")],
)
async def test_what_cannot_be_kept_is_refused_at_its_field(stars: int, text: str, field: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)
    with pytest.raises(Invalid) as refused:
        await services.write(visit.id, stars=stars, text=text, by=acting(asha))
    assert set(refused.value.fields) == {field}
    review = await services.write(visit.id, stars=3, text="Fine.", by=acting(asha))

    with pytest.raises(Invalid) as refused:
        await services.change(review.id, stars=stars, text=text, by=acting(asha))

    assert set(refused.value.fields) == {field}
    assert await kept_sum(doctor.doctor_id) == (3, 1)


async def test_a_change_moves_the_sum_and_says_that_it_was_changed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    review = await a_review(asha, doctor, stars=2, text="Long wait.")

    changed = await services.change(review.id, stars=4, by=acting(asha))

    assert (changed.stars, changed.text, changed.is_changed) == (4, "Long wait.", True)
    assert await kept_sum(doctor.doctor_id) == (4, 1)
    event = (await events_of(review.id))[-1]
    assert (event.name, event.facts["from_stars"], event.facts["stars"]) == (names.REVIEW_CHANGED, 2, 4)


async def test_the_same_again_changes_nothing() -> None:
    asha = await a_patient()
    review = await a_review(asha, await a_doctor(), stars=2, text="Long wait.")

    same = await services.change(review.id, stars=2, text="Long wait.\r\n", by=acting(asha))

    assert same == review
    assert len(await events_of(review.id)) == 1


async def test_a_doctor_answers_changes_the_answer_and_takes_it_back() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    review = await a_review(asha, doctor)

    first = await services.answer(review.id, text="Thank you.", by=acting(doctor))
    again = await services.answer(review.id, text="Thank you.", by=acting(doctor))
    second = await services.answer(review.id, text="Thank you, Asha.", by=acting(doctor))
    gone = await services.take_back_answer(review.id, by=acting(doctor))
    await services.take_back_answer(review.id, by=acting(doctor))

    assert first.answer == "Thank you." and first.answered_at
    assert again == first
    assert second.answer == "Thank you, Asha."
    assert (gone.answer, gone.answered_at) == ("", None)
    told = [(event.name, event.facts.get("was_answered")) for event in await events_of(review.id)]
    assert told == [
        (names.REVIEW_WRITTEN, None),
        (names.REVIEW_ANSWERED, False),
        (names.REVIEW_ANSWERED, True),
        (names.REVIEW_ANSWER_REMOVED, None),
    ]


@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 2001, "a\x00b"])
async def test_an_answer_that_says_nothing_or_too_much_is_refused(text: str) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)

    with pytest.raises(Invalid) as refused:
        await services.answer(review.id, text=text, by=acting(doctor))

    assert set(refused.value.fields) == {"answer"}


async def test_a_report_stays_open_until_it_is_decided_and_each_person_has_one() -> None:
    doctor, admin, vikram = await a_doctor(), await an_admin(), await a_patient("Vikram")
    review = await a_review(await a_patient(), doctor)

    await services.report(review.id, why="Not my patient.", by=acting(doctor))
    await services.report(review.id, why="Rude.", by=acting(vikram))
    with pytest.raises(AlreadyReported):
        await services.report(review.id, why="Really rude.", by=acting(vikram))

    (judged,) = (await reported_reviews()).items
    assert [(one.why, one.by_role) for one in judged.reports] == [
        ("Not my patient.", "doctor"),
        ("Rude.", "patient"),
    ]
    assert (judged.doctor_name, judged.doctor_slug) == (doctor.name, doctor.slug)
    assert await reported_by(vikram.id, [review.id, NOBODY]) == {review.id}
    await services.decide(review.id, "kept", by=acting(admin))
    assert (await reported_reviews()).total == 0
    await services.report(review.id, why="Still rude.", by=acting(vikram))
    assert (await reported_reviews()).total == 1


async def test_authors_do_not_report_themselves() -> None:
    asha = await a_patient()
    review = await a_review(asha, await a_doctor())

    with pytest.raises(OwnReview):
        await services.report(review.id, why="Hm.", by=acting(asha))


@pytest.mark.parametrize("why", ["", "  ", "x" * 501, "a\x00b"])
async def test_a_report_says_why(why: str) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)

    with pytest.raises(Invalid) as refused:
        await services.report(review.id, why=why, by=acting(doctor))

    assert set(refused.value.fields) == {"why"}


async def test_a_hidden_review_counts_for_nothing_until_it_is_shown_again() -> None:
    doctor, admin, asha = await a_doctor(), await an_admin(), await a_patient()
    await a_review(await a_patient(), doctor, stars=5, number=1)
    review = await a_review(asha, doctor, stars=1, number=2)
    await services.report(review.id, why="Abuse.", by=acting(doctor))

    hidden = await services.decide(review.id, "hidden", by=acting(admin))

    assert hidden.is_hidden
    assert await kept_sum(doctor.doctor_id) == await counted_sum(doctor.doctor_id) == (5, 1)
    assert [one.stars for one in (await reviews_shown(doctor.doctor_id)).items] == [5]
    assert (await stars_of(doctor.doctor_id)).counts == {5: 1, 4: 0, 3: 0, 2: 0, 1: 0}
    assert [one.review.id for one in (await hidden_reviews()).items] == [review.id]
    assert (await reviews_for_doctor(doctor.doctor_id)).total == 2
    await services.change(review.id, stars=3, by=acting(asha))
    assert await kept_sum(doctor.doctor_id) == (5, 1), "a change of a hidden one counts for nothing"

    await services.show_again(review.id, by=acting(admin))

    assert await kept_sum(doctor.doctor_id) == await counted_sum(doctor.doctor_id) == (8, 2)
    decided = [
        one.facts["decision"] for one in await events_of(review.id) if one.name == names.REVIEW_DECIDED
    ]
    assert decided == ["hidden", "shown again"]


async def test_a_hidden_review_is_neither_answered_nor_reported() -> None:
    doctor, admin = await a_doctor(), await an_admin()
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "hidden", by=acting(admin))

    with pytest.raises(IsHidden):
        await services.answer(review.id, text="Thanks.", by=acting(doctor))
    with pytest.raises(IsHidden):
        await services.report(review.id, why="Again.", by=acting(doctor))


async def test_what_was_decided_is_not_decided_again_from_an_old_page() -> None:
    doctor, admin = await a_doctor(), await an_admin()
    review = await a_review(await a_patient(), doctor)
    for decision in ("kept", "hidden"):
        with pytest.raises(NothingToDecide):
            await services.decide(review.id, decision, by=acting(admin))  # type: ignore[arg-type]
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "kept", by=acting(admin))

    with pytest.raises(NothingToDecide):
        await services.decide(review.id, "hidden", by=acting(admin))

    assert not (await get_review(review.id)).is_hidden
    report = await fetch_value("SELECT decided_by_id FROM review_reports")
    assert report == admin.id


async def test_a_stale_keep_does_not_show_what_another_administrator_has_hidden() -> None:
    doctor, admin, other = await a_doctor(), await an_admin("First"), await an_admin("Second")
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "hidden", by=acting(admin))

    for decision in ("kept", "hidden"):
        with pytest.raises(NothingToDecide):
            await services.decide(review.id, decision, by=acting(other))  # type: ignore[arg-type]

    assert (await get_review(review.id)).is_hidden
    assert await kept_sum(doctor.doctor_id) == (0, 0)


async def test_only_what_is_hidden_is_shown_again_and_once() -> None:
    doctor, admin = await a_doctor(), await an_admin()
    review = await a_review(await a_patient(), doctor, stars=4)
    with pytest.raises(NothingToDecide):
        await services.show_again(review.id, by=acting(admin))
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "hidden", by=acting(admin))

    shown = await services.show_again(review.id, by=acting(admin))
    with pytest.raises(NothingToDecide):
        await services.show_again(review.id, by=acting(admin))

    assert not shown.is_hidden
    assert await kept_sum(doctor.doctor_id) == (4, 1)


async def test_a_doctor_reports_again_what_was_kept_only_once_it_has_changed() -> None:
    doctor, admin, asha = await a_doctor(), await an_admin(), await a_patient()
    review = await a_review(asha, doctor, text="Rude.")
    assert await kept_for(doctor.id, [review.id]) == set()
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "kept", by=acting(admin))
    assert await kept_for(doctor.id, [review.id, NOBODY]) == {review.id}

    with pytest.raises(KeptAsItIs):
        await services.report(review.id, why="Abuse, I say.", by=acting(doctor))
    await services.change(review.id, text="Very rude.", by=acting(asha))
    await services.report(review.id, why="Now it is abuse.", by=acting(doctor))

    (judged,) = (await reported_reviews()).items
    assert [one.why for one in judged.reports] == ["Now it is abuse."]


async def test_what_was_kept_against_anothers_report_a_doctor_may_still_report() -> None:
    doctor, admin, vikram = await a_doctor(), await an_admin(), await a_patient("Vikram")
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Rude.", by=acting(vikram))
    await services.decide(review.id, "kept", by=acting(admin))

    await services.report(review.id, why="Never was here.", by=acting(doctor))

    assert (await reported_reviews()).total == 1


async def test_reports_are_counted_by_whichever_door_they_come() -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram")
    reviews = [await a_review(vikram, doctor, number=number) for number in range(21)]

    for review in reviews[:20]:
        await services.report(review.id, why="Hm.", by=acting(doctor))
    with pytest.raises(TooMany):
        await services.report(reviews[20].id, why="Hm.", by=acting(doctor))

    assert (await reported_reviews()).total == 20


async def test_what_is_not_there_is_not_found() -> None:
    asha = await a_patient()
    assert await find_review_of(NOBODY) is None
    with pytest.raises(NotFound):
        await services.write(NOBODY, stars=5, by=acting(asha))
    for act in (
        services.change(NOBODY, stars=5, by=acting(asha)),
        services.answer(NOBODY, text="x", by=acting(asha)),
        services.take_back_answer(NOBODY, by=acting(asha)),
        services.report(NOBODY, why="x", by=acting(asha)),
        services.decide(NOBODY, "kept", by=acting(asha)),
        services.show_again(NOBODY, by=acting(asha)),
    ):
        with pytest.raises(NoSuchReview):
            await act


async def test_lists_are_paged_the_newest_first() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    written = [await a_review(asha, doctor, number=number) for number in range(5)]
    await services.answer(written[0].id, text="Thanks.", by=acting(doctor))

    pages = [await reviews_shown(doctor.doctor_id, page=number, page_size=2) for number in (1, 2, 3, 4)]

    assert [one.id for page in pages for one in page.items] == [one.id for one in reversed(written)]
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}
    waiting = await reviews_for_doctor(doctor.doctor_id, unanswered=True)
    assert written[0].id not in {one.id for one in waiting.items} and waiting.total == 4
