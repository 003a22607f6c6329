"""What counts as an address, a number, a name, a password, a way on."""

import pytest

from app.accounts import rules
from app.accounts.rules import BadValue


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Asha@Example.COM", "asha@example.com"),
        ("  asha+clinic@example.com ", "asha+clinic@example.com"),
        ("asha@bücher.example.com", "asha@xn--bcher-kva.example.com"),
    ],
)
def test_an_address_is_kept_in_lower_case_and_ready_to_be_written_to(typed: str, kept: str) -> None:
    assert rules.read_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "asha", "asha@", "asha@b", "a b@example.com", "asha@example.com\r\nBcc: x@example.com", "a\0@b.in"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        rules.read_email(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("98765 43210", "+919876543210"),
        ("09876543210", "+919876543210"),
        ("+91-98765-43210", "+919876543210"),
        ("९८७६५४३२१०", "+919876543210"),
        ("+44 7911 123456", "+447911123456"),
    ],
)
def test_a_mobile_is_kept_as_e164_and_is_indian_without_a_country_code(typed: str, kept: str) -> None:
    assert rules.read_mobile(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "98765432101", "022 2345 6789", "call 9876543210", "+", "9" * 300, "9876543210 ext 5"],
)
def test_what_is_no_mobile_is_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        rules.read_mobile(typed)


def test_no_mobile_typed_means_none() -> None:
    assert rules.read_optional_mobile("  ") is None


def test_invisible_signs_leave_a_name_but_those_devanagari_needs_stay() -> None:
    assert rules.read_name(" Asha\u202e\u0000 \n Rao ") == "Asha Rao"
    assert rules.read_name("श्\u200dरी") == "श्\u200dरी"


@pytest.mark.parametrize("typed", ["", "   ", "12", "\u202e", "a" * 121])
def test_a_name_has_letters_and_at_most_120_signs(typed: str) -> None:
    with pytest.raises(BadValue):
        rules.read_name(typed)


@pytest.mark.parametrize(
    "typed", ["", "seven77", "x" * 129, "password", "PassWord", "1234567890", "iloveyou1"]
)
def test_short_endless_and_common_passwords_are_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        rules.read_password(typed)


@pytest.mark.parametrize("typed", ["eight ok", "x" * 128, "नमस्ते दुनिया", "demo-pass-2026"])
def test_any_other_password_will_do_whatever_it_is_made_of(typed: str) -> None:
    assert rules.read_password(typed)


@pytest.mark.parametrize("typed", ["Parchi-2026", "doctor@123", "ClinicAdmin!", "PATIENT 99 hospital"])
def test_a_password_of_nothing_but_words_of_clinics_is_refused(typed: str) -> None:
    with pytest.raises(rules.BadValue):
        rules.read_password(typed)


@pytest.mark.parametrize("typed", ["my doctor is kind", "parchi-kamala-7", "20262026"])
def test_a_password_with_more_than_words_of_clinics_is_taken(typed: str) -> None:
    assert rules.read_password(typed) == typed


ASHA = ("Asha Rao", "asha.rao-88@example.com", "+919876543210")


@pytest.mark.parametrize(
    "typed",
    [
        *("asha.rao-88@example.com", "Asha.Rao-88@Example.com", "asha.rao-88", "asha rao", "AshaRao2026"),
        *("Asha@123", "rao-asha-1", "98765 43210", "+919876543210", "asha-parchi", "\uff21sha\uff32ao 88"),
    ],
)
def test_what_others_know_of_somebody_is_no_password_of_theirs(typed: str) -> None:
    rules_of_another = ("Vikram Singh", "vikram@example.com", None)

    with pytest.raises(BadValue, match="Your own name"):
        rules.read_password(typed, own=ASHA)
    assert rules.read_password(typed, own=rules_of_another)


@pytest.mark.parametrize("typed", ["demo-pass-2026", "asha likes rain", "a calm green river", "20262026"])
def test_a_password_with_more_than_ones_own_name_is_taken(typed: str) -> None:
    assert rules.read_password(typed, own=ASHA) == typed


def test_three_thousand_common_passwords_are_known() -> None:
    assert len(rules.common_passwords()) == 3000


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    assert rules.read_password("cafe\u0301-au-lait") == rules.read_password("caf\u00e9-au-lait")


@pytest.mark.parametrize(
    ("typed", "code"), [("123456", "123456"), (" 123 456 ", "123456"), ("१२३४५६", "123456")]
)
def test_a_code_may_have_spaces_and_digits_of_any_script(typed: str, code: str) -> None:
    assert rules.read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a"])
def test_a_code_has_six_digits(typed: str) -> None:
    with pytest.raises(BadValue):
        rules.read_code(typed)


def test_a_year_of_birth_lies_within_a_long_life() -> None:
    assert rules.read_birth_year("1984", this_year=2026) == 1984
    assert rules.read_birth_year("", this_year=2026) is None
    assert rules.read_birth_year("1896", this_year=2026) == 1896
    for typed in ("84", "2027", "1800", "abcd", "19844"):
        with pytest.raises(BadValue):
            rules.read_birth_year(typed, this_year=2026)


@pytest.mark.parametrize("path", ["/", "/checkout/new?slot=1&service=2", "/doctors/dr-meera#slots"])
def test_people_go_on_to_paths_of_ours(path: str) -> None:
    assert rules.own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        None,
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "doctors",
        "/a\r\nb",
        "javascript:x",
        "/\t/x",
    ],
)
def test_nobody_is_sent_to_another_site(path: str | None) -> None:
    assert rules.own_path(path) is None
