"""What a visitor asks of the list of doctors, read from the address and written into addresses again."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from app import clock
from app.desks.open_days import asked_day
from app.directory.queries import Asked, Choices
from app.directory.rules import SORTS, Sort, speciality_name
from app.directory.specialities import SPECIALITIES
from app.directory.words import fold
from app.errors import _
from app.money import PAISE_PER_RUPEE, rupees
from app.web.filters import short_day
from app.web.i18n import gettext, sentence
from app.web.visitor import WebRequest

LONGEST_TEXT = 100
"""Signs of what is searched for; no name of a doctor, a clinic and a city together is longer."""
LAST_PAGE = 100_000
"""Beyond any list of ours; keeps a mistyped page number within the database's integers."""
FEES = (300, 500, 800, 1_000, 1_500, 2_000)
"""Upper limits offered, in rupees; an address may name any other."""
MOST_RUPEES = 10_000_000
DAYS_OFFERED = 14
_BEHIND = timedelta(days=1)
"""How far a clinic's day may be behind that of the house; each is asked for its own days (`on_offer`)."""

_ORDERS: dict[Sort, str] = {
    "popularity": _("Most followed"),
    "rating": _("Best rated"),
    "fee": _("Lowest fee"),
    "soonest": _("Soonest free"),
}

_NAMES = ("city", "language")
"""Filters of what people call things, which search compares folded."""

Choice = tuple[str, str]
"""A value as addresses say it, and its words."""


@dataclass(frozen=True)
class Chip:
    """Something asked for, in words, and the address of the same list without it."""

    words: str
    href: str


@dataclass(frozen=True)
class Question:
    """What is asked for, which page of it, and the path of the list."""

    path: str
    asked: Asked
    page: int
    today: date

    @classmethod
    def read(cls, request: WebRequest, *, path: str, now: datetime) -> Self:
        """What the address asks for; whatever makes no sense in it is as good as not there."""
        sent = {name: _clean(value) for name, value in request.query_params.items()}
        today = clock.day_of(now, clock.HOUSE_ZONE)
        on, fee = asked_day(sent.get("day")), _number(sent.get("fee"), most=MOST_RUPEES)
        asked = Asked(
            q=sent.get("q", ""),
            speciality=sent["speciality"] if sent.get("speciality") in SPECIALITIES else None,
            city=sent.get("city") or None,
            language=sent.get("language") or None,
            max_fee_paise=None if fee is None else fee * PAISE_PER_RUPEE,
            on=on if on and on >= today - _BEHIND else None,
            sort=next((sort for sort in SORTS if sort == sent.get("sort")), None),
        )
        return cls(path, asked, max(_number(sent.get("page"), most=LAST_PAGE) or 1, 1), today)

    @property
    def fields(self) -> dict[str, str]:
        """What is asked for, by the names that forms and addresses use; the page is left out."""
        asked = self.asked
        fee = "" if asked.max_fee_paise is None else str(asked.max_fee_paise // PAISE_PER_RUPEE)
        named = {
            "q": asked.q,
            "speciality": asked.speciality,
            "city": asked.city,
            "language": asked.language,
            "fee": fee,
            "day": asked.on.isoformat() if asked.on else "",
            "sort": asked.sort,
        }
        return {name: value for name, value in named.items() if value}

    def address(self, *, leave_out: Collection[str] = (), page: int = 1) -> str:
        """The address that asks the same, but for some fields, at a page."""
        named = {name: value for name, value in self.fields.items() if name not in leave_out}
        query = urlencode(named | ({"page": str(page)} if page > 1 else {}))
        return f"{self.path}?{query}" if query else self.path

    @property
    def pages(self) -> str:
        """The address of this list up to the number of a page."""
        query = urlencode(self.fields)
        return f"{self.path}?{query}&page=" if query else f"{self.path}?page="

    @property
    def canonical(self) -> str:
        """The address under which search engines shall know this list: by speciality and city alone."""
        return self.address(leave_out=self.fields.keys() - {"speciality", "city"}, page=self.page)

    @property
    def speciality(self) -> str:
        """The speciality asked for in the reader's words, or nothing."""
        return gettext(speciality_name(self.asked.speciality)) if self.asked.speciality else ""

    @property
    def chips(self) -> list[Chip]:
        """What can be taken away again, one by one."""
        words = {
            "q": f"“{self.asked.q}”",
            "speciality": self.speciality,
            "city": self.asked.city or "",
            "language": self._speaks(self.asked.language or ""),
            "fee": _fee(self.asked.max_fee_paise or 0),
            "day": self._free_on(self.asked.on or self.today),
        }
        return [Chip(words[name], self.address(leave_out=[name])) for name in self.fields if name in words]

    def choices(self, offered_by: Choices) -> dict[str, list[Choice]]:
        """What the filters offer, by field; what is asked for is always among it, as `is_chosen` tells."""
        specialities = [(key, gettext(speciality_name(key))) for key in offered_by.specialities]
        days = [self.today + timedelta(days=n) for n in range(DAYS_OFFERED)]
        offered: dict[str, list[Choice]] = {
            "speciality": sorted(specialities, key=lambda choice: choice[1]),
            "city": [(city, city) for city in offered_by.cities],
            "language": [(spoken, gettext(spoken)) for spoken in offered_by.languages],
            "fee": [(str(fee), _fee(fee * PAISE_PER_RUPEE)) for fee in FEES],
            "day": [(day.isoformat(), self._day(day)) for day in days],
            "sort": [(key, gettext(words)) for key, words in _ORDERS.items()],
        }
        for name, value in self.fields.items():
            if name in offered and not any(self.is_chosen(name, value) for value, _words in offered[name]):
                offered[name].append((value, self._unlisted(name, value)))
        return offered

    def is_chosen(self, name: str, value: str) -> bool:
        """Whether a value that a filter offers is the one asked for; names are the same however written."""
        asked = self.fields.get(name, "")
        return asked == value or (name in _NAMES and asked != "" and fold(asked) == fold(value))

    def _speaks(self, spoken: str) -> str:
        return sentence(_("Speaks %(language)s"), {"language": gettext(spoken)})

    def _unlisted(self, name: str, value: str) -> str:
        if name == "speciality":
            return gettext(speciality_name(value))
        if name == "fee":
            return _fee(int(value) * PAISE_PER_RUPEE)
        if name == "language":
            return gettext(value)
        return self._day(date.fromisoformat(value)) if name == "day" else value

    def _day(self, on: date) -> str:
        near = {0: _("Today"), 1: _("Tomorrow")}.get((on - self.today).days)
        return gettext(near) if near else short_day(on)

    def _free_on(self, on: date) -> str:
        near = {0: _("Free today"), 1: _("Free tomorrow")}.get((on - self.today).days)
        return gettext(near) if near else sentence(_("Free on %(day)s"), {"day": short_day(on)})


def _fee(paise: int) -> str:
    return sentence(_("Up to %(fee)s"), {"fee": rupees(paise)}) if paise else gettext(_("Free of charge"))


def _clean(text: str) -> str:
    """One line of text that can be shown and stored: no control signs, no halves of signs, single spaces."""
    shown = (" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text[: LONGEST_TEXT * 4])
    return " ".join("".join(shown).split())[:LONGEST_TEXT]


def _number(text: str | None, *, most: int) -> int | None:
    """A whole number in digits, at most `most`; None for anything else."""
    if not text or not text.isdecimal():
        return None
    return min(int(text[:12]), most)
