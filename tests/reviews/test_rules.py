"""What may be said, and how its author is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.reviews.queries import Stars
from app.reviews.rules import (
    LONGEST_REVIEW,
    LONGEST_WHY,
    author_shown,
    check_answer,
    check_review,
    check_stars,
    check_why,
    tidy,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Asha Rao", "Asha R."),
        ("Asha", "Asha"),
        ("  Asha   Devi  Rao ", "Asha R."),
        ("asha rao", "asha R."),
        ("आशा राव", "आशा रा."),
        ("आशा क्षेत्रिय", "आशा क्षे."),
        ("மீனா ஸ்ரீனிவாசன்", "மீனா ஸ்ரீ."),
        ("Asha\u202e Rao\u2066", "Asha R."),
        ("\u200b", ""),
        ("<b>Asha</b> <script>", "<b>Asha</b> <."),
    ],
)
def test_an_author_is_the_first_name_and_an_initial(name: str, shown: str) -> None:
    assert author_shown(name) == shown


@given(st.text(max_size=60))
def test_any_name_has_a_short_form_that_tells_no_more(name: str) -> None:
    shown = author_shown(name)
    assert shown == " ".join(shown.split())
    assert len(shown.split()) <= 2


def test_breaks_are_of_one_kind_and_no_page_is_filled_with_nothing() -> None:
    assert tidy("  Good.\r\n\r\n \r\n\n\nKind.  \r") == "Good.\n\nKind."
    assert tidy("\n \t\n") == ""


@given(st.text(max_size=200))
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("stars", [0, 6, -1, 10**400])
def test_stars_are_one_to_five(stars: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_stars(stars)
    assert set(refused.value.fields) == {"stars"}


def test_texts_have_an_end_and_hold_what_can_be_kept() -> None:
    for check, field, longest in (
        (check_review, "text", LONGEST_REVIEW),
        (check_answer, "answer", LONGEST_REVIEW),
        (check_why, "why", LONGEST_WHY),
    ):
        check("x" * longest)
        for bad in ("x" * (longest + 1), "a\x00b"):
            with pytest.raises(Invalid) as refused:
                check(bad)
            assert set(refused.value.fields) == {field}


def test_a_review_may_be_stars_alone_but_an_answer_and_a_report_say_something() -> None:
    check_review("")
    for check in (check_answer, check_why):
        with pytest.raises(Invalid):
            check("")


def test_the_average_has_one_decimal_and_a_half_goes_up() -> None:
    assert Stars({5: 0, 4: 0, 3: 0, 2: 0, 1: 0}).average is None
    assert Stars({5: 1, 4: 3, 3: 0, 2: 0, 1: 0}).average == 4.3, "17 / 4 = 4.25"
    assert Stars({5: 2, 4: 1, 3: 0, 2: 0, 1: 0}).average == 4.7
    assert Stars({5: 3, 4: 0, 3: 0, 2: 0, 1: 0}).average == 5.0
