"""Pure decisions about doctors and what they offer."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, TypedDict, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.directory.specialities import SPECIALITIES
from app.directory.words import fold
from app.errors import Invalid, _

Sort = Literal["popularity", "rating", "fee", "soonest"]
SORTS: tuple[Sort, ...] = get_args(Sort)
"""The orders a list of doctors can have: most followed, best rated, cheapest, seen soonest."""

SHORTEST_VISIT = 5
LONGEST_VISIT = 480
"""Minutes a service or a slot may last; the database says the same."""

SMALLEST_FEE_PAISE = 100
"""Below one rupee a visit is free or a typing error; the gateway takes no less (Razorpay, orders API)."""
LARGEST_FEE_PAISE = 50_000_000
"""Five lakh rupees, the most a payment may be unless the gateway allows an account more (Razorpay)."""

MOST_LEAD_MINUTES = 10_080
MOST_CALENDAR_DAYS = 366
MOST_WALK_IN_PERCENT = 90
"""A week, a year, and what leaves something to book; the database says the same."""

LONGEST_NAME = 120
LONGEST_CATEGORY = 60
LONGEST_TEXT = 4000
"""Characters of a text about a doctor or a service; a page, not a book."""
LONGEST_WHY = 1000
LONGEST_LINK = 500
LONGEST_LANGUAGE = 40
MOST_LANGUAGES = 20
INVITATION_FOR = timedelta(days=14)
"""How long an invitation waits: long enough for a holiday, short enough to remember whom one invited."""
PENDING_FOR = timedelta(days=2)
"""How long an application waits for its letter, whose link holds for one."""
_PINCODE = re.compile(r"[1-9][0-9]{5}")


def speciality_key(text: str) -> str:
    """The key meant by `text`, however it joins its words; raises Invalid (field specialization)."""
    key = re.sub(r"[\s\-]+", "_", text.strip().lower())
    if key not in SPECIALITIES:
        raise Invalid(fields={"specialization": _("Choose a speciality from the list.")})
    return key


def speciality_name(key: str) -> str:
    """The marked sentence patients read for a key of the list."""
    return SPECIALITIES[key]


def slug_of(name: str) -> str:
    """A name as part of an address: ASCII letters, digits and hyphens; `doctor` when none are left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].rstrip("-") or "doctor"


def is_slug(text: str) -> bool:
    """Whether `text` can be a doctor's address at all."""
    return re.fullmatch(r"[a-z0-9-]{1,80}", text) is not None


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_clinic(*, name: str, pincode: str, time_zone: str | None = None) -> None:
    """Let a clinic's particulars pass, or raise Invalid with a sentence for each field."""
    wrong = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        wrong["name"] = _("Give the clinic's name, up to 120 letters.")
    if not _PINCODE.fullmatch(pincode):
        wrong["pincode"] = _("A PIN code has six digits and does not begin with 0.")
    if time_zone is not None and not is_zone(time_zone):
        wrong["time_zone"] = _("Choose a time zone such as Asia/Kolkata.")
    if wrong:
        raise Invalid(fields=wrong)


def check_policies(
    *,
    calendar_days: int | None,
    lead_minutes: int | None,
    walk_in_percent: int | None,
    meeting_link: str = "",
) -> None:
    """Let the policies of a clinic or practice pass, or raise Invalid with a sentence for each field.

    None stands for what the clinic has, and passes.
    """
    wrong = {}
    if calendar_days is not None and not 1 <= calendar_days <= MOST_CALENDAR_DAYS:
        wrong["calendar_days"] = _("The calendar reaches from 1 to 366 days ahead.")
    if lead_minutes is not None and not 0 <= lead_minutes <= MOST_LEAD_MINUTES:
        wrong["lead_minutes"] = _("Ask for at most 10,080 minutes, a week, before a visit.")
    if walk_in_percent is not None and not 0 <= walk_in_percent <= MOST_WALK_IN_PERCENT:
        wrong["walk_in_percent"] = _("Keep from 0 to 90 percent of the times for walk-ins.")
    if not is_meeting_link(meeting_link):
        wrong["meeting_link"] = _("Give a link that begins with https://, or leave this empty.")
    if wrong:
        raise Invalid(fields=wrong)


def is_meeting_link(text: str) -> bool:
    """Whether `text` is empty or an https address with a host, which a page may link to."""
    if not text:
        return True
    if len(text) > LONGEST_LINK or not text.isprintable() or re.search(r"[\s<>\"\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def check_profile(*, lines: dict[str, str], about: str, languages: Sequence[str]) -> None:
    """Let what a doctor says of herself pass, or raise Invalid with a sentence for each field."""
    wrong = {name: _("Use up to 120 letters.") for name, text in lines.items() if len(text) > LONGEST_NAME}
    if len(about) > LONGEST_TEXT:
        wrong["about"] = _("Use up to 4,000 letters.")
    if len(languages) > MOST_LANGUAGES or not all(_is_language(name) for name in languages):
        wrong["languages"] = _("Name up to 20 languages, such as Hindi, Marathi, English.")
    if wrong:
        raise Invalid(fields=wrong)


def check_why(why: str) -> None:
    """Let a reason for turning somebody down pass, or raise Invalid (field reason)."""
    if len(why) > LONGEST_WHY:
        raise Invalid(fields={"reason": _("Use up to 1,000 letters.")})


def _is_language(name: str) -> bool:
    return len(name) <= LONGEST_LANGUAGE and name.isprintable() and fold(name) != ""


class ServiceTerms(TypedDict):
    """What a service is and costs: minutes, paise, `mode` in_person or video."""

    name: str
    description: str
    category: str
    duration_minutes: int
    fee_paise: int
    mode: str
    is_taxable: bool


WORDS_OF_A_SERVICE = frozenset({"description", "category"})
"""What may be put better under a visit that was booked; all else a patient has agreed to."""


def check_service(terms: ServiceTerms) -> None:
    """Let a service's terms pass, or raise Invalid with a sentence for each field."""
    wrong = {}
    if not terms["name"]:
        wrong["name"] = _("Give the service's name, up to 120 letters.")
    elif len(terms["name"]) > LONGEST_NAME:
        wrong["name"] = _("Use up to 120 letters.")
    if len(terms["description"]) > LONGEST_TEXT:
        wrong["description"] = _("Use up to 4,000 letters.")
    if len(terms["category"]) > LONGEST_CATEGORY:
        wrong["category"] = _("Use up to 60 letters.")
    if not SHORTEST_VISIT <= terms["duration_minutes"] <= LONGEST_VISIT:
        wrong["duration_minutes"] = _("A visit lasts from 5 to 480 minutes.")
    fee = terms["fee_paise"]
    if fee and not SMALLEST_FEE_PAISE <= fee <= LARGEST_FEE_PAISE:
        wrong["fee_paise"] = _("The fee is nothing, or from ₹1 to ₹5,00,000.")
    if terms["mode"] not in ("in_person", "video"):
        wrong["mode"] = _("A visit is in person or by video.")
    if wrong:
        raise Invalid(fields=wrong)
