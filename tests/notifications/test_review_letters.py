"""A patient hears when the doctor answers their review: once."""

from app.db.engine import execute, fetch_value
from app.reviews import services
from tests.booking.visits import acting
from tests.factories import a_doctor, a_patient, an_admin, run_jobs
from tests.notifications.test_letters import carries, says
from tests.reviews.visits import a_review
from tests.surroundings import PostOffice


async def test_the_first_answer_is_told_and_no_later_one(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    review = await a_review(asha, doctor, text="Kind.")
    await run_jobs()
    post_office.letters.clear()

    await services.answer(review.id, text="Thank you, <b>Asha</b>.\nCome again.", by=acting(doctor))
    await run_jobs()
    await services.answer(review.id, text="Thank you.", by=acting(doctor))
    await services.take_back_answer(review.id, by=acting(doctor))
    await services.answer(review.id, text="Thanks.", by=acting(doctor))
    await run_jobs()

    (letter,) = post_office.letters
    code = await fetch_value("SELECT code FROM appointments")
    assert letter["To"] == asha.email
    assert str(letter["Subject"]).startswith("Your review was answered: ")
    says(letter, "Dr Meera has answered your review", f"/visits/{code}")
    carries(letter, "The answer:", "Thank you, <b>Asha</b>.", "Come again.")


async def test_an_answer_taken_back_or_hidden_before_the_letter_went_is_not_told(
    post_office: PostOffice,
) -> None:
    doctor, admin = await a_doctor(), await an_admin()
    gone = await a_review(await a_patient(), doctor, number=1)
    hidden = await a_review(await a_patient(), doctor, number=2)
    await run_jobs()
    post_office.letters.clear()
    for review in (gone, hidden):
        await services.answer(review.id, text="Thank you.", by=acting(doctor))
    await services.take_back_answer(gone.id, by=acting(doctor))
    await services.report(hidden.id, why="Abuse.", by=acting(doctor))
    await services.decide(hidden.id, "hidden", by=acting(admin))

    await run_jobs()

    assert post_office.letters == []
    assert await fetch_value("SELECT count(*) FROM letters WHERE refused_why = 'overtaken'") == 2


async def test_a_visit_without_a_time_is_named_by_its_day(post_office: PostOffice) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    review = await a_review(asha, doctor)
    await run_jobs()
    post_office.letters.clear()
    await execute("UPDATE appointments SET slot_id = NULL, starts_at = NULL, ends_at = NULL")

    await services.answer(review.id, text="Thank you.", by=acting(doctor))
    await run_jobs()

    (letter,) = post_office.letters
    assert str(letter["Subject"]).startswith("Your review was answered: ")


async def test_nothing_else_about_reviews_is_mailed(post_office: PostOffice) -> None:
    doctor, asha, admin = await a_doctor(), await a_patient(), await an_admin()
    review = await a_review(asha, doctor)
    await run_jobs()
    post_office.letters.clear()

    await services.change(review.id, stars=1, by=acting(asha))
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "hidden", by=acting(admin))
    await run_jobs()

    assert post_office.letters == []
