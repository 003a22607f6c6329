"""What somebody looks for among the doctors, as conditions on `listings`.

The search itself stands in `booking.queries`, which alone knows who has a free time.
"""

from dataclasses import dataclass
from datetime import date

from app.directory.rules import LARGEST_FEE_PAISE, Sort
from app.directory.specialities import SPECIALITIES
from app.directory.words import asked_words, fold, near_keys


@dataclass(frozen=True)
class Asked:
    """A question about doctors; what is None, or a `q` without words, does not narrow it.

    `speciality` is a key of SPECIALITIES, `on` a day of the clinic's with a free time; a city or language
    that nobody has finds nobody. Without `sort` the best match comes first, without `q` the most followed.
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


def conditions(asked: Asked, *, first: int) -> Conditions:
    """What `asked` says of listings, its values numbered from $`first`; `on` and `sort` are the caller's."""
    values: list[object] = []

    def value(given: object, kind: str) -> str:
        values.append(given)
        return f"${first + len(values) - 1}::{kind}"

    where, rank = ["true"], ["0"]
    for word in asked_words(asked.q):
        found, named, exactly = (value(f"'{word}'{how}", "text::tsquery") for how in (":*", ":*A", ":A"))
        where.append(f"l.words @@ {found}")
        if keys := sorted(near_keys(word)):
            near = value(" | ".join(f"'{key}'" for key in keys), "text::tsquery")
            where[-1] = f"({where[-1]} OR l.near @@ {near})"
        rank.append(
            f"CASE WHEN l.words @@ {exactly} THEN 0 WHEN l.words @@ {named} THEN 1 "
            f"WHEN l.words @@ {found} THEN 2 ELSE 100 END"
        )
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
