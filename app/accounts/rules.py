"""Pure decisions about accounts: what counts as an address, a number, a name, a password; and the figures."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.errors import Invalid, _
from app.settings import settings

ACCESS_FOR = timedelta(minutes=15)
"""How long an access token holds; its session is looked up on every request all the same."""

REFRESH_FOR = timedelta(days=30)
"""How long a session lives without a visit (ASVS 7.3.1)."""

SESSION_AT_MOST = timedelta(days=90)
"""How long a session lives however often it is used (ASVS 7.3.2)."""

REFRESH_GRACE = timedelta(seconds=30)
"""How long a browser may show a spent refresh token again: its answer was lost, or it asked twice at once."""

CODE_FOR = timedelta(minutes=10)
"""How long an e-mailed code holds (ASVS 6.5.5: at most 10 minutes)."""

LINKS_FOR = {
    "verify_email": timedelta(hours=24),
    "change_email": timedelta(hours=24),
    "reset_password": timedelta(hours=1),
    "trust_device": timedelta(hours=1),
    "set_password": timedelta(days=7),
}
"""How long the link of a letter holds, by what it proves."""

CODE_TRIES = 5
LETTERS_FOR_A_MOBILE = 3
"""Of accounts that share a mobile, how many get a link to log in when it is asked for by that mobile."""

DEVICE_KNOWN_FOR = timedelta(days=90)
DEVICE_OF_STAFF_KNOWN_FOR = timedelta(days=30)
"""How long a device stays known to an account that is not used on it; staff see other people's health."""

MOST_PERSONS = 30
LONGEST_NAME = 120
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, without its brackets."""
LONGEST_LIFE = 130
"""Years; nobody is known to have lived longer."""

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
COMMON_PASSWORDS = 3000
"""ASVS 6.2.4: the most common passwords of an allowed length are refused; 6.2.5: no other rules."""

RELATIONS = {
    "child": _("Child"),
    "parent": _("Parent"),
    "spouse": _("Husband or wife"),
    "sibling": _("Brother or sister"),
    "other": _("Somebody else"),
}
ROLES = {
    "patient": _("Patient"),
    "doctor": _("Doctor"),
    "reception": _("Reception"),
    "admin": _("Administrator"),
}
STAFF_ROLES = frozenset({"doctor", "reception", "admin"})
"""Who sees other people's health: their log-in on a new device asks a second step."""

SEXES = {"female": _("Female"), "male": _("Male"), "other": _("Other")}

NOTICE_VERSION = "1"
"""Raised with each change of what the privacy notice says; who accepted an older one is asked again."""
NOTICE_FROM = date(2026, 11, 21)
NOTICE_LANGUAGES = {"en": "English", "hi": "हिन्दी"}
"""The languages the notice is written in, each by its own name."""

ERASED_AFTER = timedelta(days=365 + 1)
"""How long a kept copy outlives an account: a year at least (DPDP Rules 2025, rule 8(3)), and a day so that
no clock's zone makes it less."""
ERASED_NAME = "(erased)"
_ERASED_AT = "@erased.invalid"
"""The domain .invalid never exists (RFC 2606), so no letter can go there."""
EXPORT_KEPT_FOR = timedelta(days=7)
EXPORT_STUCK_AFTER = timedelta(hours=6)
"""By then a copy is made or will not be, and another may be asked for."""

CONTEXT_WORDS = (
    *("parchi", "clinic", "hospital", "doctor", "dentist", "patient", "reception", "appointment", "medical"),
    *("health", "medicine", "password", "admin"),
)
"""ASVS 6.1.2 and 6.2.11: words anybody would try here first; a password of nothing else is refused."""

_BETWEEN_WORDS = re.compile(r"[\W\d_]+")
_SHORTEST_WORD = 3
"""Of a name or an address; shorter ones stand in too many passwords by chance."""

_JOINERS = "\u200c\u200d"
"""Zero-width signs that Devanagari needs; every other invisible sign is taken out of names."""

T = TypeVar("T")
V = TypeVar("V")


class BadValue(ValueError):
    """A value that cannot be used; `message` is the English msgid that says why; `params` fill its places."""

    def __init__(self, message: str, **params: object) -> None:
        self.message = message
        self.params = params
        super().__init__(message)


class Reading:
    """Reads several values and keeps every problem, so that a person hears of all at once."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self._params: dict[str, object] = {}

    def read(self, field: str, reader: Callable[[V], T], value: V, otherwise: T) -> T:
        """What `reader` makes of a value; `otherwise`, and a problem kept, when it raises BadValue."""
        try:
            return reader(value)
        except BadValue as bad:
            self.problems[field] = bad.message
            self._params |= bad.params
            return otherwise

    def check(self) -> None:
        """Raise Invalid with every problem met so far."""
        if self.problems:
            raise Invalid(fields=self.problems, params=self._params)


def read_email(text: str) -> str:
    """An address in lower case; whether it exists is found out by writing to it. Raises BadValue.

    Outside production the reserved domain `.test` (RFC 2606) is an address too.
    """
    try:
        found = validate_email(
            text.strip(),
            allow_smtputf8=False,
            check_deliverability=False,
            test_environment=not settings().is_production,
        )
    except EmailNotValidError:
        raise BadValue(_("Enter an e-mail address, like name@example.com.")) from None
    return (found.ascii_email or found.normalized).lower()


def read_mobile(text: str) -> str:
    """A mobile number as E.164; without a country code it is Indian. Raises BadValue."""
    problem = BadValue(_("Enter a mobile number of 10 digits, or one with + and the country code."))
    if any(sign.isalpha() for sign in text):
        raise problem
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        raise problem from None
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        raise problem
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_optional_mobile(text: str | None) -> str | None:
    """As `read_mobile`, where nothing typed means no number. Raises BadValue."""
    return read_mobile(text) if text and text.strip() else None


def read_name(text: str) -> str:
    """A name on one line without invisible signs. Raises BadValue."""
    seen = (s for s in text if s.isspace() or s in _JOINERS or unicodedata.category(s)[0] != "C")
    name = " ".join("".join(seen).split())
    if not any(sign.isalpha() for sign in name):
        raise BadValue(_("Enter a name."))
    if len(name) > LONGEST_NAME:
        raise BadValue(_("This name is too long. Please shorten it to 120 characters."))
    return name


def same_password(text: str) -> str:
    """One form for passwords that look alike but were typed on different keyboards (NFKC)."""
    return unicodedata.normalize("NFKC", text)


@cache
def common_passwords() -> frozenset[str]:
    """The most common passwords of an allowed length, most frequent first in the library's count."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    long_enough = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST_PASSWORD]
    return frozenset(long_enough[:COMMON_PASSWORDS])


def read_password(text: str, *, own: Iterable[str | None] = ()) -> str:
    """A new password: 8 to 128 signs of any kind, and not one that is guessed first. Raises BadValue.

    `own` is what others know of whoever chooses it: name, e-mail address, mobile number.
    """
    password = same_password(text)
    if len(password) < SHORTEST_PASSWORD:
        raise BadValue(_("Choose a password of at least 8 characters."))
    if len(password) > LONGEST_PASSWORD:
        raise BadValue(_("This password is too long. Use at most 128 characters."))
    if password.lower() in common_passwords() or _is_made_of(password, CONTEXT_WORDS):
        raise BadValue(_("Many people use this password, so it is easy to guess. Please choose another."))
    if _is_own(password, [same_password(word) for word in own if word]):
        raise BadValue(
            _("Your own name, address or number is easy to guess as a password. Please choose another.")
        )
    return password


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    """Whether a password is only some words, with digits and other signs around them."""
    letters = _kept_of(password, str.isalpha)
    for word in words:
        letters = letters.replace(word, "")
    return not letters and any(sign.isalpha() for sign in password)


def _is_own(password: str, own: list[str]) -> bool:
    """Whether a password is a piece of what others know of its owner, or only words of that."""
    typed = _kept_of(password, str.isalnum)
    if len(typed) >= SHORTEST_PASSWORD and any(typed in _kept_of(one, str.isalnum) for one in own):
        return True
    pieces = [piece for one in own for piece in (one, one.partition("@")[0], *_BETWEEN_WORDS.split(one))]
    words = {_kept_of(piece, str.isalpha) for piece in pieces}
    longest_first = sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)
    return _is_made_of(password, [*longest_first, *CONTEXT_WORDS])


def _kept_of(text: str, is_kept: Callable[[str], bool]) -> str:
    return "".join(sign for sign in text.lower() if is_kept(sign))


def erased_email(user_id: UUID) -> str:
    """What stands for the address of an account that was erased; it is nobody's."""
    return f"erased-{user_id}{_ERASED_AT}"


def is_erased_email(email: str) -> bool:
    """Whether nobody is written to any more."""
    return email.endswith(_ERASED_AT)


def plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9, without the spaces and hyphens people put between them."""
    kept = (sign for sign in text if not sign.isspace() and sign != "-")
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in kept)


def read_code(text: str) -> str:
    """The six digits of a letter. Raises BadValue."""
    code = plain_digits(text)
    if len(code) != 6 or not code.isdecimal():
        raise BadValue(_("Enter the 6 digits from our e-mail."))
    return code


def read_birth_year(text: str, *, this_year: int) -> int | None:
    """A year of birth, or None where nothing was typed. Raises BadValue."""
    digits = plain_digits(text)
    if not digits:
        return None
    first = this_year - LONGEST_LIFE
    if not digits.isdecimal() or len(digits) != 4 or not first <= int(digits) <= this_year:
        said = _("Enter the year of birth with 4 digits, from %(first)s to %(last)s.")
        raise BadValue(said, first=first, last=this_year)
    return int(digits)


def read_choice(choices: dict[str, str]) -> Callable[[str], str]:
    """A reader of one of some keys; it raises BadValue for anything else."""

    def read(text: str) -> str:
        if text not in choices:
            raise BadValue(_("Choose one from the list."))
        return text

    return read


def own_path(text: str | None) -> str | None:
    """A path of this site to go on to, or None: nobody is sent to another site by a link to our log-in."""
    if not text or not text.startswith("/") or text.startswith("//") or "\\" in text:
        return None
    if any(ord(sign) < 33 or ord(sign) == 127 for sign in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else text
