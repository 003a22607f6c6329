"""How text becomes words to search by, and how a word is found that has one letter wrong."""

import unicodedata
from dataclasses import dataclass
from typing import Self

LONGEST_WORD = 40
"""Letters of a word that count; the rest of a longer one is not looked at."""
MOST_WORDS = 8
"""Words of a question that count."""
LONGEST_TEXT = 200
"""Characters of a question that are read at all."""
SHORTEST_NEAR = 4
"""Letters a word has at least to be found with one of them wrong; shorter ones would find anything."""
SHORTEST_NAME = 3
"""Letters a doctor's name has at least to be found by some slips all the same, as Rao by `Roa` and `Raoo`."""

_ANY = "_"
"""Stands for any one letter; no word has it, since words are letters, marks and digits."""
_JOINERS = dict.fromkeys(map(ord, "'’ʼ\u200c\u200d\u00ad"))
"""Signs within a word that are not part of it: apostrophes, Devanagari's joiners, soft hyphens."""
_NUKTA = "\u093c"


def _plain(text: str) -> str:
    """Lower case, one form of every letter, no Latin accents, no dot below a Devanagari letter."""
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in parted if not "\u0300" <= sign <= "\u036f" and sign != _NUKTA)


def _cut(text: str) -> list[str]:
    """The runs of letters, marks (Devanagari writes vowels as marks) and digits."""
    kept = (sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    return ["".join(run)[:LONGEST_WORD] for run in "".join(kept).split()]


def words_of(text: str) -> list[str]:
    """The words of a text in order, in the form they are compared in."""
    return _cut(_plain(text).translate(_JOINERS))


def all_words_of(text: str) -> set[str]:
    """The words of a text; around an apostrophe both joined and apart, so that `obrien` finds O'Brien."""
    return {*words_of(text), *_cut(_plain(text))}


def fold(text: str) -> str:
    """A name in the form names are compared in; empty when it has no letter."""
    return " ".join(words_of(text))


FILLERS = frozenset(
    words_of(
        "a an and at by dr drs for good i in me my near nearby need of on or the to want with "
        "डॉ के का की में पास और लिए चाहिए"
    )
)
"""Words people write around what they look for."""

LOOSE = frozenset(
    words_of(
        "appointment appointments best book booking checkup city clinic clinics consult consultant "
        "consultants consultation disease diseases doctor doctors female hospital hospitals issue issues "
        "ladies lady online problem problems specialist specialists speciality specialty top treatment "
        "treatments visit "
        "अच्छा अच्छे अपॉइंटमेंट अस्पताल इलाज उपचार क्लिनिक क्लीनिक चिकित्सक चिकित्सा डॉक्टर डाक्टर परामर्श "
        "बीमारी रोग लेडी विशेषज्ञ शहर समस्या हॉस्पिटल"
    )
)
"""Words people write around what they look for, and clinics and services in their names: they leave out
nobody, and put those first who have them."""


@dataclass(frozen=True)
class AskedWords:
    """The words of a question that count, each once: `narrow` leaves out, `loose` only puts in order.

    `is_noise` of a question that is not empty and has no word, such as of signs alone.
    """

    narrow: list[str]
    loose: list[str]
    is_noise: bool

    @classmethod
    def of(cls, text: str) -> Self:
        """From a question as typed."""
        words = list(dict.fromkeys(words_of(text[:LONGEST_TEXT])))
        narrow = [word for word in words if word not in FILLERS | LOOSE]
        loose = [word for word in words if word in LOOSE]
        return cls(narrow[:MOST_WORDS], loose[:MOST_WORDS], not words and bool(text.strip()))


def keys_of(word: str, *, is_name: bool = False) -> set[str]:
    """What a listed word is kept under to be found with one letter wrong, swapped, missing or too many.

    A short name is found with two letters swapped or one too many; with one left open it would meet every
    other short name.
    """
    if len(word) < SHORTEST_NEAR:
        return {word} if is_name and len(word) >= SHORTEST_NAME else set()
    return {word, *(f"{word[:at]}{_ANY}{word[at + 1 :]}" for at in range(len(word)))}


def near_keys(word: str) -> set[str]:
    """What to look for when a typed word may have one letter wrong; meets `keys_of` just then.

    A wrong letter meets at the place that stands for any; so does a missing one, put in there. One letter
    too many and two swapped give the listed word itself.
    """
    if len(word) < SHORTEST_NAME:
        return set()
    places = range(len(word))
    wrong = {f"{word[:at]}{_ANY}{word[at + 1 :]}" for at in places}
    missing = {f"{word[:at]}{_ANY}{word[at:]}" for at in range(len(word) + 1)}
    extra = {word[:at] + word[at + 1 :] for at in places}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]}
    return wrong | missing | extra | swapped
