"""Pure decisions about reviews: what may be said, and how an author is called in public."""

import re
import unicodedata

from app.errors import Invalid, _
from app.lines import alike

FEWEST_STARS = 1
MOST_STARS = 5

LONGEST_REVIEW = 2000
"""Characters of a review or an answer: most of a page."""
LONGEST_WHY = 500
"""Characters of the reason for a report."""

_THREE_BREAKS = re.compile(r"\n\s*\n\s*\n")
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d"
"""Signs that join the next letter to the one before, in the scripts of India (Unicode, chapter 12)."""
_JOINERS = "\u200c\u200d"


def tidy(text: str) -> str:
    """What was typed, with breaks of one kind and at most one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in alike(text).split("\n"))
    return _THREE_BREAKS.sub("\n\n", lines).strip()


def check_stars(stars: int) -> None:
    """Let a number of stars pass, or raise Invalid (field stars)."""
    if not FEWEST_STARS <= stars <= MOST_STARS:
        raise Invalid(fields={"stars": _("Choose from 1 to 5 stars.")})


def check_review(text: str) -> None:
    """Let what a patient wrote pass, nothing included, or raise Invalid (field text)."""
    _check(text, "text", longest=LONGEST_REVIEW, too_long=_("Please use at most 2,000 characters."))


def check_answer(text: str) -> None:
    """Let a doctor's answer pass, or raise Invalid (field answer)."""
    if not text:
        raise Invalid(fields={"answer": _("Please write your answer.")})
    _check(text, "answer", longest=LONGEST_REVIEW, too_long=_("Please use at most 2,000 characters."))


def check_why(text: str) -> None:
    """Let the reason for a report pass, or raise Invalid (field why)."""
    if not text:
        raise Invalid(fields={"why": _("Please say what is wrong with this review.")})
    _check(text, "why", longest=LONGEST_WHY, too_long=_("Please say it in 500 characters or fewer."))


def _check(text: str, field: str, *, longest: int, too_long: str) -> None:
    if len(text) > longest:
        raise Invalid(fields={field: too_long})
    if "\x00" in text:
        raise Invalid(fields={field: _("Please use readable characters only.")})


def author_shown(name: str) -> str:
    """How an author is called in public: the first name and the initial of the last, `Asha R.`"""
    words = "".join(sign for sign in name if sign in _JOINERS or _is_seen(sign)).split()
    if not words:
        return ""
    return words[0] if len(words) == 1 else f"{words[0]} {_initial(words[-1])}."


def _is_seen(sign: str) -> bool:
    """Whether a sign is neither a control nor an invisible one that could turn the text around it."""
    return sign.isspace() or unicodedata.category(sign)[0] != "C"


def _initial(word: str) -> str:
    """The first letter with the marks and joined letters it is written with."""
    end = 1
    while end < len(word) and (
        unicodedata.category(word[end])[0] == "M" or word[end] in _JOINERS or word[end - 1] in _VIRAMAS
    ):
        end += 1
    return word[:end].upper()
