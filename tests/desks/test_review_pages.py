"""Reviews on pages: writing, reading, answering, reporting, judging."""

from uuid import UUID

import pytest

from app.booking.rows import Appointment
from app.db.engine import execute, fetch_value
from app.reviews import services
from app.reviews.queries import find_review_of, get_review
from tests.booking.visits import a_visit, acting
from tests.browser import Browser
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, a_receptionist, a_slot, an_admin
from tests.reviews.visits import a_review, a_seen_visit, kept_sum


async def _seen(browser: Browser, name: str = "Asha Rao") -> tuple[CastDoctor, Cast, Appointment]:
    """A patient, signed in, after a visit."""
    doctor, asha = await a_doctor(), await a_patient(name)
    visit = await a_seen_visit(asha, doctor)
    await browser.signed_in(asha)
    return doctor, asha, visit


# writing


async def test_a_completed_visit_asks_how_it_was_and_then_shows_what_was_said(browser: Browser) -> None:
    doctor, _asha, visit = await _seen(browser)
    asked = await browser.get(f"/visits/{visit.code}")
    link = asked.one(f"a[href='/visits/{visit.code}/review']")

    form = await browser.get(str(link["href"]))
    sent = await browser.post(str(link["href"]), {"stars": 4, "text": "Listened.\r\n\r\n\r\nKind."})
    page = await browser.follow(sent)

    assert link.get_text() == "Write a review"
    assert "Your name will appear as: Asha R." in form.text
    assert [radio["value"] for radio in form.html.select("input[name=stars]")] == ["5", "4", "3", "2", "1"]
    assert "4 stars of 5 Good" in form.text
    assert "Thank you. Your review helps others to choose." in page.one("#notice").get_text()
    assert page.one(".panel .stars").get_text() == "★★★★☆"
    assert "Listened. Kind." in page.text
    assert "Write a review" not in page.text
    assert await kept_sum(doctor.doctor_id) == (4, 1)


async def test_a_visit_still_to_come_offers_no_review(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await browser.signed_in(asha)

    page = await browser.get(f"/visits/{visit.code}")
    form = await browser.get(f"/visits/{visit.code}/review")
    sent = await browser.post(f"/visits/{visit.code}/review", {"stars": 5, "text": ""})
    unfilled = await browser.post(f"/visits/{visit.code}/review", {"stars": "", "text": ""})

    assert "review" not in page.text.lower()
    assert form.location == f"/visits/{visit.code}"
    assert "once the visit has taken place" in (await browser.follow(form)).one("#notice").get_text()
    assert sent.status_code == 409
    assert "once the visit has taken place" in sent.one("#notice").get_text()
    assert unfilled.status_code == 409, "the visit is looked at before the form"
    assert await find_review_of(visit.id) is None


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"text": "No stars"}, "stars", "Choose from 1 to 5 stars."),
        ({"stars": "", "text": "No stars"}, "stars", "Choose from 1 to 5 stars."),
        ({"stars": 6, "text": "Six"}, "stars", "Please choose one from the list."),
        ({"stars": "many", "text": "Many"}, "stars", "Please choose one from the list."),
        ({"stars": 5, "text": "x" * 2001}, "text", "at most 2,000 characters"),
    ],
)
async def test_what_cannot_be_published_stays_typed_and_says_why(
    browser: Browser, sent: dict[str, object], field: str, said: str
) -> None:
    _doctor, _asha, visit = await _seen(browser)

    page = await browser.post(f"/visits/{visit.code}/review", sent)

    assert page.status_code == 422
    assert said in page.error_of(field)
    assert page.one(f".summary a[href='#{field}']")
    assert page.one(f"#{field}")
    assert page.one("#text").get_text().strip() == sent["text"]
    assert page.html.title and page.html.title.get_text().startswith("Error:")
    assert await find_review_of(visit.id) is None


async def test_two_thousand_letters_over_many_lines_are_not_too_many(browser: Browser) -> None:
    _doctor, _asha, visit = await _seen(browser)
    text = "\n".join(["x" * 99] * 20)

    sent = await browser.post(
        f"/visits/{visit.code}/review", {"stars": 5, "text": text.replace("\n", "\r\n")}
    )

    assert sent.status_code == 303
    review = await find_review_of(visit.id)
    assert review and review.text == text and len(text) == 1999


async def test_a_review_is_changed_on_the_same_page(browser: Browser) -> None:
    doctor, asha, visit = await _seen(browser)
    await services.write(visit.id, stars=2, text="Long wait.", by=acting(asha))

    form = await browser.get(f"/visits/{visit.code}/review")
    page = await browser.follow(
        await browser.post(f"/visits/{visit.code}/review", {"stars": 5, "text": "They said sorry."})
    )

    assert form.one("input[name=stars][checked]")["value"] == "2"
    assert form.one("#text").get_text().strip() == "Long wait."
    assert "Your review is changed." in page.one("#notice").get_text()
    assert "They said sorry." in page.text and "changed " in page.text
    assert await kept_sum(doctor.doctor_id) == (5, 1)


async def test_a_hidden_review_says_so_to_its_author_and_nobody_else(browser: Browser) -> None:
    doctor, asha, visit = await _seen(browser)
    review = await services.write(visit.id, stars=1, text="Something rude.", by=acting(asha))
    await _hidden(review.id, doctor)

    page = await browser.get(f"/visits/{visit.code}")
    form = await browser.get(f"/visits/{visit.code}/review")
    listed = await browser.get(f"/doctors/{doctor.slug}/reviews")

    assert "Something rude." in page.text and "nobody else reads it" in page.text
    assert "it stays hidden" in form.text
    assert "Something rude." not in listed.text and "No reviews yet" in listed.text


async def test_somebody_elses_visit_has_no_review_page(browser: Browser) -> None:
    _doctor, _asha, visit = await _seen(browser)
    await browser.signed_in(await a_patient("Vikram"))

    assert (await browser.get(f"/visits/{visit.code}/review")).status_code == 404
    sent = await browser.post(f"/visits/{visit.code}/review", {"stars": 1, "text": ""})
    assert sent.status_code == 404
    assert await find_review_of(visit.id) is None


async def _hidden(review_id: UUID, doctor: CastDoctor) -> None:
    await services.report(review_id, why="Abuse.", by=acting(doctor))
    await services.decide(review_id, "hidden", by=acting(await an_admin()))


# reading


async def test_everybody_reads_what_was_said_with_average_spread_and_answer(browser: Browser) -> None:
    doctor = await a_doctor()
    await a_review(await a_patient("Asha Rao"), doctor, stars=5, text="Kind.", number=1)
    latest = await a_review(await a_patient("Vikram Shah"), doctor, stars=2, text="Late.", number=2)
    await services.answer(latest.id, text="I am sorry.", by=acting(doctor))

    page = await browser.get(f"/doctors/{doctor.slug}/reviews")

    assert page.status_code == 200
    assert "3.5 of 5 · 2 reviews" in page.text
    spread = [" ".join(line.get_text(" ").split()) for line in page.html.select("main li")]
    assert spread[0].endswith("5 stars of 5 1") and spread[3].endswith("2 stars of 5 1")
    cards = [card.get_text(" ", strip=True) for card in page.html.select("article.card")]
    assert "Vikram S." in cards[0] and "Late." in cards[0] and "I am sorry." in cards[0]
    assert "Asha R." in cards[1] and "Kind." in cards[1]
    assert "Shah" not in page.text and "Rao" not in page.text
    assert not page.html.select("a[href*=report]"), "nobody is signed in"


async def test_a_doctor_without_reviews_has_a_page_and_an_unknown_one_has_none(browser: Browser) -> None:
    doctor, hidden = await a_doctor(), await a_doctor(approved=False)

    page = await browser.get(f"/doctors/{doctor.slug}/reviews")

    assert "No reviews yet" in page.text
    for slug in (hidden.slug, "nobody", "Ä"):
        assert (await browser.get(f"/doctors/{slug}/reviews")).status_code == 404


async def test_reviews_are_paged_and_odd_pages_give_the_nearest(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    for number in range(12):
        await a_review(asha, doctor, text=f"Word {number}.", number=number)

    first, second = [await browser.get(f"/doctors/{doctor.slug}/reviews", page=number) for number in (1, 2)]

    assert [len(page.html.select("article")) for page in (first, second)] == [10, 2]
    assert "Word 11." in first.text and "Word 0." in second.text
    for odd in ("0", "-1", "99", "x", "9" * 40, "²"):
        page = await browser.get(f"/doctors/{doctor.slug}/reviews", page=odd)
        assert page.html.select("article"), odd


async def test_what_people_type_is_never_read_as_markup(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await execute("UPDATE users SET name = '<b>Asha</b> <u>Rao'")
    await execute("UPDATE doctors SET name = '<i>Dr Meera</i>'")
    nasty = "<script>alert(1)</script>{{ 7 * 7 }}"
    visit = await a_seen_visit(asha, doctor)
    review = await services.write(visit.id, stars=5, text=nasty, by=acting(asha))
    await services.answer(review.id, text=nasty, by=acting(doctor))
    await services.report(review.id, why=nasty, by=acting(doctor))

    for person, path in (
        (asha, f"/doctors/{doctor.slug}/reviews"),
        (asha, f"/visits/{visit.code}"),
        (asha, f"/visits/{visit.code}/review"),
        (doctor, "/doctor/reviews"),
        (doctor, f"/reviews/{review.id}/report"),
        (await an_admin(), "/admin/reviews"),
    ):
        page = await (await browser.signed_in(person)).get(path)
        assert page.status_code == 200
        assert nasty in page.html.get_text(), path
        assert not page.html.select("main script, main b > script, main u"), path
        assert "<i>Dr Meera" not in page.response.text, path


# reporting


async def test_who_is_signed_in_reports_a_review_once(browser: Browser) -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram")
    review = await a_review(await a_patient(), doctor, text="Something rude.")
    await browser.signed_in(vikram)
    listed = await browser.get(f"/doctors/{doctor.slug}/reviews")
    link = str(listed.one("article a")["href"])

    form = await browser.get(link)
    empty = await browser.post(link, {"why": "  "})
    sent = await browser.post(link, {"why": "It is rude."})
    after = await browser.follow(sent)
    again = await browser.post(link, {"why": "Really."})

    assert link == f"/reviews/{review.id}/report"
    assert "Something rude." in form.text
    assert empty.status_code == 422 and "what is wrong" in empty.error_of("why")
    assert "The administrator will look at the review." in after.one("#notice").get_text()
    assert "You have reported this review." in after.text and not after.html.select("article a")
    assert "Something rude." in after.text, "it stays shown"
    assert again.status_code == 409 and "reported this review already" in again.one("#notice").get_text()
    assert await fetch_value("SELECT count(*) FROM review_reports") == 1


async def test_authors_are_offered_no_report_of_their_own(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    review = await a_review(asha, doctor)
    await browser.signed_in(asha)

    listed = await browser.get(f"/doctors/{doctor.slug}/reviews")
    opened = await browser.follow(await browser.get(f"/reviews/{review.id}/report"))
    sent = await browser.follow(await browser.post(f"/reviews/{review.id}/report", {"why": "Hm."}))

    assert not listed.html.select("article a")
    for answer in (opened, sent):
        assert answer.response.url.path == f"/doctors/{doctor.slug}/reviews"
        assert "is your own" in answer.one("#notice").get_text()


async def test_to_report_one_logs_in_and_confirms_the_address_and_comes_back(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    path = f"/reviews/{review.id}/report"

    out = await browser.get(path)
    await browser.signed_in(await a_patient(verified=False))
    unconfirmed = await browser.get(path)

    assert out.location == f"/login?next=%2Freviews%2F{review.id}%2Freport"
    assert unconfirmed.location == f"/verify?next=%2Freviews%2F{review.id}%2Freport"


async def test_a_hidden_review_is_not_there_to_report(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    await _hidden(review.id, doctor)
    await browser.signed_in(await a_patient("Vikram"))

    assert (await browser.get(f"/reviews/{review.id}/report")).status_code == 404
    assert (await browser.post(f"/reviews/{review.id}/report", {"why": "x"})).status_code == 404


async def test_nobody_floods_the_administrator(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    reviews = [await a_review(asha, doctor, number=number) for number in range(21)]
    await browser.signed_in(await a_patient("Vikram"))

    answers = [await browser.post(f"/reviews/{one.id}/report", {"why": "Hm."}) for one in reviews]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429]


# the doctor


async def test_a_doctor_answers_in_place_and_on_a_plain_page(browser: Browser) -> None:
    doctor = await a_doctor()
    one = await a_review(await a_patient("Asha Rao"), doctor, text="Kind.", number=1)
    other = await a_review(await a_patient("Vikram"), doctor, text="Late.", number=2)
    await browser.signed_in(doctor)

    part = await browser.post(f"/doctor/reviews/{one.id}/answer", {"answer": "Thank you."}, part=True)
    plain = await browser.post(f"/doctor/reviews/{other.id}/answer", {"answer": "Sorry."})
    page = await browser.follow(plain)

    assert part.status_code == 200
    assert "Thank you." in part.text and "the patient is told" in part.text
    assert "<html" not in part.response.text and "Late." not in part.text
    assert plain.location == "/doctor/reviews"
    assert "the patient is told" in page.one("#notice").get_text()
    assert "Thank you." in page.text and "Sorry." in page.text
    ids = [tag["id"] for tag in page.html.select("[id]")]
    assert len(ids) == len(set(ids)), "every form has ids of its own"


async def test_an_answer_can_be_changed_and_taken_back(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    await services.answer(review.id, text="Thank you.", by=acting(doctor))
    await browser.signed_in(doctor)

    page = await browser.get("/doctor/reviews")
    assert page.one(f"#answer-{review.id}").get_text().strip() == "Thank you."
    await browser.post(f"/doctor/reviews/{review.id}/answer", {"answer": "Thank you, Asha."})
    assert (await get_review(review.id)).answer == "Thank you, Asha."
    gone = await browser.follow(await browser.post(f"/doctor/reviews/{review.id}/answer/take-back"))

    assert "unanswered again" in gone.one("#notice").get_text()
    assert "Thank you" not in gone.one("article").get_text()


async def test_only_of_the_first_answer_it_is_said_that_the_patient_is_told(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    path = f"/doctor/reviews/{review.id}/answer"
    await browser.signed_in(doctor)

    first = await browser.post(path, {"answer": "Thank you."}, part=True)
    changed = await browser.post(path, {"answer": "Thank you, Asha."}, part=True)
    await browser.post(f"{path}/take-back", part=True)
    again = await browser.post(path, {"answer": "Thanks."}, part=True)

    assert "and the patient is told" in first.text
    assert "Your answer is changed. The patient gets no second e-mail" in changed.text
    assert "Only the first answer to a review is told to the patient" in again.text
    assert "and the patient is told" not in changed.text + again.text


@pytest.mark.parametrize("part", [True, False])
async def test_an_answer_that_says_nothing_is_refused_at_its_field(browser: Browser, *, part: bool) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor, text="Kind.")
    await browser.signed_in(doctor)

    empty = await browser.post(f"/doctor/reviews/{review.id}/answer", {"answer": " "}, part=part)
    long = await browser.post(f"/doctor/reviews/{review.id}/answer", {"answer": "y" * 2001}, part=part)
    why = await browser.post(f"/doctor/reviews/{review.id}/report", {"why": ""}, part=part)

    assert [answer.status_code for answer in (empty, long, why)] == [422] * 3
    assert "write your answer" in empty.error_of(f"answer-{review.id}")
    assert "2,000" in long.error_of(f"answer-{review.id}")
    assert long.one(f"#answer-{review.id}").get_text().strip() == "y" * 2001
    assert "what is wrong" in why.error_of(f"why-{review.id}")
    for answer, field in ((empty, "answer"), (why, "why")):
        assert answer.one(f".summary a[href='#{field}-{review.id}']")
        assert len(answer.html.select("details[open]")) == 1
        assert "Kind." in answer.text


async def test_a_doctor_sees_what_waits_for_an_answer(browser: Browser) -> None:
    doctor = await a_doctor()
    await browser.signed_in(doctor)
    nothing = await browser.get("/doctor/reviews")
    answered = await a_review(await a_patient(), doctor, text="Old words.", number=1)
    await services.answer(answered.id, text="Thanks.", by=acting(doctor))
    done = await browser.get("/doctor/reviews?show=unanswered")
    await a_review(await a_patient(), doctor, text="New words.", number=2)

    every = await browser.get("/doctor/reviews")
    waiting = await browser.get("/doctor/reviews?show=unanswered", part=True)

    assert "No reviews yet" in nothing.text
    assert "Every review is answered" in done.text
    assert "Old words." in every.text and "New words." in every.text
    assert "Old words." not in waiting.text and "New words." in waiting.text
    assert "<html" not in waiting.response.text


async def test_a_doctors_report_reaches_the_administrator_and_says_so(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    await browser.signed_in(doctor)

    path = f"/doctor/reviews/{review.id}/report"
    part = await browser.post(path, {"why": "Never was here."}, part=True)
    again = await browser.post(path, {"why": "Never."}, part=True)

    assert part.status_code == 200 and "stays shown until then" in part.text and "Reported" in part.text
    assert again.status_code == 409 and "reported this review already" in again.text
    page = await (await browser.signed_in(await an_admin())).get("/admin/reviews")
    assert "Never was here." in page.text and "1 report" in page.text


async def test_a_doctor_is_told_that_a_report_was_decided_against(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "kept", by=acting(await an_admin()))
    await browser.signed_in(doctor)

    page = await browser.get("/doctor/reviews")
    again = await browser.post(f"/doctor/reviews/{review.id}/report", {"why": "Abuse!"}, part=True)
    elsewhere = await browser.post(f"/reviews/{review.id}/report", {"why": "Abuse!"})

    assert "looked at it after your report and kept it" in page.text
    assert not page.html.select("form[action$='/report']")
    assert again.status_code == 409 and "if the patient changes it" in again.text
    assert elsewhere.status_code == 409 and "if the patient changes it" in elsewhere.text


async def test_a_doctor_does_not_flood_the_administrator_either(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    reviews = [await a_review(asha, doctor, number=number) for number in range(21)]
    await browser.signed_in(doctor)

    answers = [await browser.post(f"/doctor/reviews/{one.id}/report", {"why": "Hm."}) for one in reviews]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429]


async def test_another_doctors_review_is_not_found(browser: Browser) -> None:
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    review = await a_review(await a_patient(), doctor)
    await browser.signed_in(other)

    for path in ("answer", "answer/take-back", "report"):
        sent = await browser.post(f"/doctor/reviews/{review.id}/{path}", {"answer": "x", "why": "x"})
        assert sent.status_code == 404, path

    assert (await get_review(review.id)).answer == ""


async def test_a_hidden_review_is_shown_to_its_doctor_as_such(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor, text="Something rude.")
    await _hidden(review.id, doctor)
    await browser.signed_in(doctor)

    page = await browser.get("/doctor/reviews")
    late = await browser.post(f"/doctor/reviews/{review.id}/answer", {"answer": "Hm."}, part=True)

    assert "Something rude." in page.text and "Hidden" in page.text
    assert not page.html.select("article form")
    assert late.status_code == 409 and "no longer shown" in late.text


async def test_a_doctor_without_approval_reads_what_happens_next(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)

    page = await (await browser.signed_in(doctor)).get("/doctor/reviews")

    assert page.status_code == 200 and "not approved yet" in page.text


# the administrator


async def test_the_administrator_hides_and_shows_again(browser: Browser) -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram Shah")
    review = await a_review(await a_patient(), doctor, stars=1, text="Something rude.")
    await services.report(review.id, why="It is rude.", by=acting(vikram))
    await browser.signed_in(await an_admin())

    waiting = await browser.get("/admin/reviews")
    hidden = await browser.follow(await browser.post(f"/admin/reviews/{review.id}/hide"))
    assert await kept_sum(doctor.doctor_id) == (0, 0)
    listed = await browser.get("/admin/reviews?show=hidden")
    action = str(listed.one("article form")["action"])
    again = await browser.post(action)

    assert (
        "About Dr Meera" in waiting.text and "Vikram Shah" in waiting.text and "It is rude." in waiting.text
    )
    assert "counts no more" in hidden.one("#notice").get_text()
    assert "Nothing waits for a decision" in hidden.text
    assert "Something rude." in listed.text and "Hidden on" in listed.text
    assert action == f"/admin/reviews/{review.id}/show-again?show=hidden"
    assert again.location == "/admin/reviews?show=hidden"
    shown = await browser.follow(again)
    assert "shown again" in shown.one("#notice").get_text() and "Nothing is hidden" in shown.text
    assert await kept_sum(doctor.doctor_id) == (1, 1)


async def test_a_decision_from_an_old_page_is_refused_and_shows_how_it_is(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Hm.", by=acting(doctor))
    await services.decide(review.id, "kept", by=acting(await an_admin("First")))
    await browser.signed_in(await an_admin("Second"))

    late = await browser.post(f"/admin/reviews/{review.id}/hide")

    assert late.status_code == 409
    assert "decided already" in late.one("#notice").get_text()
    assert not (await get_review(review.id)).is_hidden


async def test_keep_it_on_an_old_page_leaves_hidden_what_another_has_hidden(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor, text="Something rude.")
    await _hidden(review.id, doctor)
    await browser.signed_in(await an_admin("Second"))

    late = await browser.post(f"/admin/reviews/{review.id}/keep")

    assert late.status_code == 409 and "decided already" in late.one("#notice").get_text()
    assert (await get_review(review.id)).is_hidden


async def test_show_it_again_on_an_old_page_says_that_it_is_shown(browser: Browser) -> None:
    doctor = await a_doctor()
    review = await a_review(await a_patient(), doctor)
    other = await a_review(await a_patient(), doctor, text="Still hidden.", number=1)
    await _hidden(other.id, doctor)
    await browser.signed_in(await an_admin("Second"))

    late = await browser.post(f"/admin/reviews/{review.id}/show-again?show=hidden")

    assert late.status_code == 409 and "decided already" in late.one("#notice").get_text()
    assert "Still hidden." in late.text, "the list one came from"


async def test_only_the_administrator_judges_and_has_a_link_to_it(browser: Browser) -> None:
    doctor = await a_doctor()
    for person, sees in (
        (doctor, None),
        (await a_patient(), None),
        (await a_receptionist(doctor.clinic_id), None),
        (await an_admin(), "/admin/reviews"),
    ):
        page = await (await browser.signed_in(person)).get("/me")
        links = [link["href"] for link in page.html.select("header a") if "reviews" in str(link["href"])]
        assert links == ([sees] if sees else [])
        assert (await browser.get("/admin/reviews")).status_code == (200 if person.role == "admin" else 403)


async def test_a_doctor_finds_the_reviews_beside_the_profile(browser: Browser) -> None:
    page = await (await browser.signed_in(await a_doctor())).get("/doctor/profile")

    assert page.one("main a[href='/doctor/reviews']").get_text() == "Reviews"


async def test_a_name_that_changed_is_shown_as_it_is_now(browser: Browser) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    await a_review(asha, doctor)
    await execute("UPDATE users SET name = 'Asha Mehta' WHERE id = $1", asha.id)

    assert "Asha M." in (await browser.get(f"/doctors/{doctor.slug}/reviews")).text
