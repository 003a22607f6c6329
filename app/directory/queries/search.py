"""What somebody looks for among the doctors, as conditions on `listings`.

The search itself stands in `booking.queries`, which alone knows who has a free time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.directory.rules import LARGEST_FEE_PAISE, Sort
from app.directory.specialities import SPECIALITIES
from app.directory.words import AskedWords, fold, near_keys


@dataclass(frozen=True)
class Asked:
    """A question about doctors; what is None, or a `q` of words that everybody writes, does not narrow it.

    A word of `q` that stands with nobody counts as not written, unless all are such; signs alone, a city or
    a language that nobody has find nobody. `speciality` is a key of SPECIALITIES, `on` a day of the clinic's
    with a free time. Without `sort` the best match comes first, without `q` the most followed.
    """

    q: str = ""
    speciality: str | None = None
    city: str | None = None
    language: str | None = None
    max_fee_paise: int | None = None
    on: date | None = None
    sort: Sort | None = None


@dataclass(frozen=True)
class Conditions:
    """SQL about listing `l`: `where` narrows, `rank` is smaller the better it matches; `values` fill both."""

    where: str
    rank: str
    values: list[object]


_SLIP = 100
_WITHOUT_LOOSE = 10
"""What a word adds to the rank that was found with a letter wrong, and a loose one that is not there."""


def conditions(asked: Asked, *, first: int) -> Conditions:
    """What `asked` says of listings, its values numbered from $`first`; `on` and `sort` are the caller's."""
    values: list[object] = []

    def value(given: object, kind: str) -> str:
        values.append(given)
        return f"${first + len(values) - 1}::{kind}"

    where, rank = _of_words(AskedWords.of(asked.q), value)
    if asked.speciality is not None:
        is_known = asked.speciality in SPECIALITIES
        where.append(f"l.speciality = {value(asked.speciality, 'text')}" if is_known else "false")
    if asked.city is not None:
        where.append(f"l.city = {value(fold(asked.city), 'text')}")
    if asked.language is not None:
        where.append(f"l.languages @> ARRAY[{value(fold(asked.language), 'text')}]")
    if asked.max_fee_paise is not None:
        where.append(f"l.fee_paise <= {value(min(asked.max_fee_paise, LARGEST_FEE_PAISE), 'int')}")
    return Conditions(" AND ".join(where), " + ".join(rank), values)


def _of_words(words: AskedWords, value: Callable[[object, str], str]) -> tuple[list[str], list[str]]:
    """What the words say of listings: conditions that all have to be met, and summands of the rank."""
    where, rank, matches = ["false" if words.is_noise else "true"], ["0"], []
    for word in words.narrow:
        found, named, exactly = (value(f"'{word}'{how}", "text::tsquery") for how in (":*", ":*A", ":A"))
        match = f"l.words @@ {found}"
        if keys := sorted(near_keys(word)):
            near = value(" | ".join(f"'{key}'" for key in keys), "text::tsquery")
            match = f"({match} OR l.near @@ {near})"
        matches.append(match)
        rank.append(
            f"CASE WHEN l.words @@ {exactly} THEN 0 WHEN l.words @@ {named} THEN 1 "
            f"WHEN l.words @@ {found} THEN 2 ELSE {_SLIP} END"
        )
    if matches:
        where.append(_each_that_anybody_has(matches))
    for word in words.loose:
        listed = value(f"'{word}'", "text::tsquery")
        rank.append(f"CASE WHEN l.words @@ {listed} THEN 0 ELSE {_WITHOUT_LOOSE} END")
    return where, rank


def _each_that_anybody_has(matches: list[str]) -> str:
    """One of the words at least, and each of them unless it stands with nobody at all."""
    if len(matches) == 1:
        return matches[0]
    nobody = "NOT EXISTS (SELECT FROM listings l WHERE {})"
    each = " AND ".join(f"({match} OR {nobody.format(match)})" for match in matches)
    return f"({' OR '.join(matches)}) AND {each}"
