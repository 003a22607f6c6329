"""What templates print: moments, days and money as people read them, marked sentences in their language.

Times are the clinic's, whose zone is given by name.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

from app.money import rupees
from app.web.i18n import gettext, language


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _locale() -> str:
    return f"{language.get()}_IN"


def _date_of(moment: datetime | date, zone: str | None) -> date:
    """The day a moment is on in a zone, which has to be named; a plain date is taken as it is."""
    if not isinstance(moment, datetime):
        return moment
    if zone is None:
        raise ValueError("A moment is on another day elsewhere: name the zone.")
    return _local(moment, zone).date()


def day(moment: datetime | date, zone: str | None = None) -> str:
    """`Thu 15 Jan 2026`; a plain date needs no zone."""
    on = _date_of(moment, zone)
    return format_date(on, "EEE d MMM yyyy", locale=_locale())


def short_day(moment: datetime | date, zone: str | None = None) -> str:
    """`Thu 15 Jan`."""
    on = _date_of(moment, zone)
    return format_date(on, "EEE d MMM", locale=_locale())


def clock(moment: datetime, zone: str) -> str:
    """`9:30 am`."""
    return format_time(_local(moment, zone), "h:mm a", locale=_locale()).lower()


def together(words: str) -> str:
    """The same words, without a place where a line may end."""
    return words.replace(" ", "\u00a0")


def unbroken(words: str) -> str:
    """The same words, with hyphens after which no line ends; for headings."""
    return words.replace("-", "\u2011")


def wall(at: time) -> str:
    """`9:30 am` for a time of day that belongs to no day, as a working week has them."""
    return format_time(at, "h:mm a", locale=_locale()).lower()


def moment(at: datetime, zone: str) -> str:
    """`Thu 15 Jan 2026, 9:30 am`."""
    return f"{day(at, zone)}, {clock(at, zone)}"


def iso(at: datetime, zone: str) -> str:
    """ISO 8601 in the clinic's offset, whole seconds, as the API and machines read it."""
    return _local(at, zone).replace(microsecond=0).isoformat()


def phone(number: str) -> str:
    """`+91 20 2555 0142`; what is no phone number is shown as it was written."""
    try:
        return format_number(parse(number), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number


FILTERS: dict[str, Callable[..., str]] = {
    "phone": phone,
    "rupees": rupees,
    "day": day,
    "short_day": short_day,
    "clock": clock,
    "together": together,
    "unbroken": unbroken,
    "wall": wall,
    "moment": moment,
    "iso": iso,
    "sentence": gettext,
}
"""`sentence` translates a marked sentence that a variable holds; `_()` would also take it for safe HTML."""
