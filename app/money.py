"""Money is an int of paise everywhere; here it is turned into words for people, and read from theirs."""

import re
from decimal import Decimal

from babel.numbers import format_currency

PAISE_PER_RUPEE = 100


def rupees(paise: int) -> str:
    """₹ with Indian grouping for display, without decimals when there are no odd paise.

    Always by the English-Indian rules: other Indian locales of CLDR group currency in thousands.
    """
    pattern = "¤#,##,##0" if paise % PAISE_PER_RUPEE == 0 else "¤#,##,##0.00"
    amount = Decimal(paise) / PAISE_PER_RUPEE
    return format_currency(amount, "INR", format=pattern, locale="en_IN", currency_digits=False)


_TYPED = re.compile(
    r"(?:₹|rs\.?|inr)?\s*(?P<rupees>\d{1,12}|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.(?P<paise>\d{1,2}))?\s*(?:/-)?",
    re.IGNORECASE,
)
"""`500`, `1,200.50`, `1,20,000`, `₹ 500`, `Rs. 500/-`; a last group has three digits, so `12,50` is none."""
_LONGEST = 40


def read_rupees(typed: str) -> int:
    """The paise of an amount as people write it in rupees, exact to the paisa; raises ValueError."""
    found = _TYPED.fullmatch(typed.strip()) if len(typed) <= _LONGEST else None
    if found is None:
        raise ValueError(typed)
    return int(found["rupees"].replace(",", "")) * PAISE_PER_RUPEE + int((found["paise"] or "").ljust(2, "0"))
