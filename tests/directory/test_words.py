"""Words of names and questions, and one letter wrong."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.directory.rules import SPECIALITIES
from app.directory.specialities import SPECIALITY_WORDS
from app.directory.words import (
    LONGEST_WORD,
    MOST_WORDS,
    AskedWords,
    all_words_of,
    fold,
    keys_of,
    near_keys,
    words_of,
)

LETTERS = "abcdeकीरामु"
WORDS = st.text(LETTERS, min_size=4, max_size=8)


def _is_one_letter_off(listed: str, typed: str) -> bool:
    """By the definition: one letter replaced, left out, put in, or two neighbours swapped."""
    if len(listed) == len(typed):
        differ = [at for at in range(len(listed)) if listed[at] != typed[at]]
        swapped = (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and (listed[differ[0]], listed[differ[1]]) == (typed[differ[1]], typed[differ[0]])
        )
        return len(differ) == 1 or swapped
    longer, shorter = sorted((listed, typed), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. Zoë Müller-Lüdenscheid", ["dr", "zoe", "muller", "ludenscheid"]),
        ("O'Brien’s", ["obriens"]),
        ("हृदय रोग", ["हृदय", "रोग"]),
        ("डॉ॰ मीरा", ["डॉ", "मीरा"]),
        ("क्\u200dष", ["क्ष"]),
        ("दाँत/दांत", ["दाँत", "दांत"]),
        ("24x7 Clinic", ["24x7", "clinic"]),
        ("ＭＥＥＲＡ ﬁne ß", ["meera", "fine", "ss"]),
        ("%_'\"\\ \x00 \ud800 😀", []),
        ("x" * 10_000, ["x" * LONGEST_WORD]),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_letter_with_a_dot_below_is_one_letter_however_it_is_typed() -> None:
    assert words_of("जो\u095c") == words_of("जो\u0921\u093c") == words_of("जोड")


def test_a_name_with_an_apostrophe_is_listed_joined_and_apart() -> None:
    assert all_words_of("O'Brien") == {"o", "brien", "obrien"}


def test_names_are_compared_without_case_accents_and_signs() -> None:
    assert fold("  New-DELHI ") == fold("new delhi") == "new delhi"
    assert fold("%") == ""


@pytest.mark.parametrize(
    ("text", "narrow", "loose"),
    [
        ("Dr. Meera, doctor for skin in Pune; skin", ["meera", "skin", "pune"], ["doctor"]),
        ("डॉक्टर मीरा", ["मीरा"], ["डॉक्टर"]),
        ("त्वचा रोग विशेषज्ञ", ["त्वचा"], ["रोग", "विशेषज्ञ"]),
        ("Best Hospital near me!", [], ["best", "hospital"]),
        ("  ", [], []),
    ],
)
def test_of_a_question_only_the_words_that_matter_count_each_once(
    text: str, narrow: list[str], loose: list[str]
) -> None:
    assert AskedWords.of(text) == AskedWords(narrow, loose, is_noise=False)


def test_no_more_words_count_than_a_question_needs() -> None:
    assert len(AskedWords.of(" ".join(f"w{n}" for n in range(100))).narrow) == MOST_WORDS


@pytest.mark.parametrize("text", ["😀", "%_'", " ? ", "॥"])
def test_signs_alone_are_no_question(text: str) -> None:
    assert AskedWords.of(text) == AskedWords([], [], is_noise=True)


@given(st.text())
def test_any_text_gives_words_of_letters_marks_and_digits(text: str) -> None:
    asked = AskedWords.of(text)
    for word in (*words_of(text), *asked.narrow, *asked.loose, *all_words_of(text)):
        assert 0 < len(word) <= LONGEST_WORD
        assert all(unicodedata.category(sign)[0] in "LMN" for sign in word)
        assert word.encode()


@given(WORDS, st.text(LETTERS, min_size=3, max_size=9))
def test_keys_meet_just_when_one_letter_is_off(listed: str, typed: str) -> None:
    meet = bool(keys_of(listed) & near_keys(typed))

    assert meet == (_is_one_letter_off(listed, typed) or listed == typed)


@given(WORDS, st.data())
def test_each_kind_of_slip_is_met(listed: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(listed) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = [
        listed[:at] + letter + listed[at + 1 :],
        listed[:at] + listed[at + 1 :],
        listed[:at] + letter + listed[at:],
        listed[: at - 1] + listed[at] + listed[at - 1] + listed[at + 1 :] if at else listed,
    ]

    for slip in slips:
        assert keys_of(listed) & near_keys(slip), slip


def test_short_words_are_found_by_themselves_only() -> None:
    assert keys_of("ent") == set()
    assert keys_of("om", is_name=True) == set()
    assert near_keys("en") == set()


@pytest.mark.parametrize(
    ("name", "typed", "is_met"),
    [
        ("rao", "raoo", True),
        ("rao", "raao", True),
        ("rao", "roa", True),
        ("das", "daas", True),
        ("rao", "raj", False),
        ("rao", "raju", False),
        ("das", "rao", False),
    ],
)
def test_a_short_name_is_met_by_a_swap_and_a_letter_too_many(name: str, typed: str, is_met: bool) -> None:
    assert bool(keys_of(name, is_name=True) & near_keys(typed)) == is_met


def test_every_speciality_has_a_name_in_hindi_and_words_to_find_it_by() -> None:
    assert len(SPECIALITIES) == 20
    for key, one in SPECIALITY_WORDS.items():
        assert any("DEVANAGARI" in unicodedata.name(sign) for sign in one.hindi), key
        assert len(words_of(one.words)) >= 5, key
