"""Amounts as people write them in rupees, exact to the paisa."""

import pytest

from app.money import read_rupees, rupees


@pytest.mark.parametrize(
    ("typed", "paise"),
    [
        ("500", 50_000),
        ("0", 0),
        ("1,200.50", 120_050),
        ("1200.5", 120_050),
        ("0.01", 1),
        ("1,20,000", 12_000_000),
        ("5,00,000", 50_000_000),
        ("120,000", 12_000_000),
        (" ₹ 500 ", 50_000),
        ("Rs. 500/-", 50_000),
        ("rs500", 50_000),
        ("INR 99.99", 9_999),
        ("५००", 50_000),
        ("999999999999.99", 99_999_999_999_999),
    ],
)
def test_an_amount_is_read_exactly(typed: str, paise: int) -> None:
    assert read_rupees(typed) == paise


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-1", "1.234", "12,50", "1,2", "1.200,50", "five", "1e3", "0x10", "1_000", "NaN", "inf"),
        *("5 0 0", ".5", "9" * 13, "9" * 400, "1," + "000," * 200 + "000", "500 $", "½", "²"),
    ],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_rupees(typed)


@pytest.mark.parametrize("paise", [0, 1, 99, 100, 50_000, 120_050, 12_345_678])
def test_what_we_print_can_be_typed_again(paise: int) -> None:
    assert read_rupees(rupees(paise)) == paise
