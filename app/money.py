"""Money is an int of paise everywhere; this page only turns it into words for people."""

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
