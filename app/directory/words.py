"""How text becomes words to search by, and how a word is found that has one letter wrong."""

import unicodedata

LONGEST_WORD = 40
"""Letters of a word that count; the rest of a longer one is not looked at."""
MOST_WORDS = 8
"""Words of a question that count."""
LONGEST_TEXT = 200
"""Characters of a question that are read at all."""
SHORTEST_NEAR = 4
"""Letters a word has at least to be found with one of them wrong; shorter ones would find anything."""

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
        "a an and at best by doctor doctors dr drs for good in me my near of on or the to with "
        "डॉ डॉक्टर डाक्टर के का की में पास और लिए"
    )
)
"""Words people write around what they look for."""


def asked_words(text: str) -> list[str]:
    """The words of a question that count, each once."""
    words = dict.fromkeys(words_of(text[:LONGEST_TEXT]))
    return [word for word in words if word not in FILLERS][:MOST_WORDS]


def keys_of(word: str) -> set[str]:
    """What a listed word is kept under to be found with one letter wrong, swapped, missing or too many."""
    if len(word) < SHORTEST_NEAR:
        return set()
    return {word, *(f"{word[:at]}{_ANY}{word[at + 1 :]}" for at in range(len(word)))}


def near_keys(word: str) -> set[str]:
    """What to look for when a typed word may have one letter wrong; meets `keys_of` just then.

    A wrong letter meets at the place that stands for any; so does a missing one, put in there. One letter
    too many and two swapped give the listed word itself.
    """
    if len(word) < SHORTEST_NEAR - 1:
        return set()
    places = range(len(word))
    wrong = {f"{word[:at]}{_ANY}{word[at + 1 :]}" for at in places}
    missing = {f"{word[:at]}{_ANY}{word[at:]}" for at in range(len(word) + 1)}
    extra = {word[:at] + word[at + 1 :] for at in places}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]}
    return wrong | missing | extra | swapped
