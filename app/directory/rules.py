"""Pure decisions about doctors and what they offer."""

import re
import unicodedata
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.errors import Invalid, _

SPECIALITIES: dict[str, str] = {
    "general_medicine": _("General medicine"),
    "dentistry": _("Dentistry"),
    "paediatrics": _("Children's medicine"),
    "gynaecology": _("Women's health"),
    "cardiology": _("Heart"),
    "dermatology": _("Skin"),
    "ent": _("Ear, nose and throat"),
    "ophthalmology": _("Eyes"),
    "orthopaedics": _("Bones and joints"),
    "neurology": _("Nerves and brain"),
    "psychiatry": _("Mental health"),
    "gastroenterology": _("Stomach and digestion"),
    "endocrinology": _("Diabetes and hormones"),
    "pulmonology": _("Lungs and breathing"),
    "urology": _("Kidneys and bladder"),
    "oncology": _("Cancer"),
    "physiotherapy": _("Physiotherapy"),
    "ayurveda": _("Ayurveda"),
    "homeopathy": _("Homeopathy"),
}
"""The fixed list: key → the name patients read. A key stays for ever, a name may change."""

SHORTEST_VISIT = 5
LONGEST_VISIT = 480
"""Minutes a service or a slot may last; the database says the same."""

SMALLEST_FEE_PAISE = 100
"""Below one rupee a visit is free or a typing error; the gateway takes no less (Razorpay, orders API)."""
LARGEST_FEE_PAISE = 50_000_000
"""Five lakh rupees, the most a payment may be unless the gateway allows an account more (Razorpay)."""

LONGEST_NAME = 120
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


def check_clinic(*, name: str, pincode: str, time_zone: str) -> None:
    """Let a clinic's particulars pass, or raise Invalid with a sentence for each field."""
    wrong = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        wrong["name"] = _("Give the clinic's name, up to 120 letters.")
    if not _PINCODE.fullmatch(pincode):
        wrong["pincode"] = _("A PIN code has six digits and does not begin with 0.")
    if not is_zone(time_zone):
        wrong["time_zone"] = _("Choose a time zone such as Asia/Kolkata.")
    if wrong:
        raise Invalid(fields=wrong)


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_service(*, name: str, duration_minutes: int, fee_paise: int, mode: str) -> None:
    """Let a service's particulars pass, or raise Invalid with a sentence for each field."""
    wrong = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        wrong["name"] = _("Give the service's name, up to 120 letters.")
    if not SHORTEST_VISIT <= duration_minutes <= LONGEST_VISIT:
        wrong["duration_minutes"] = _("A visit lasts from 5 to 480 minutes.")
    if fee_paise and not SMALLEST_FEE_PAISE <= fee_paise <= LARGEST_FEE_PAISE:
        wrong["fee_paise"] = _("The fee is nothing, or from ₹1 to ₹5,00,000.")
    if mode not in ("in_person", "video"):
        wrong["mode"] = _("A visit is in person or by video.")
    if wrong:
        raise Invalid(fields=wrong)
