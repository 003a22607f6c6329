"""Sentences in the reader's language, by gettext catalogues under locale/."""

import gettext as catalogues
from contextvars import ContextVar
from functools import cache

from app.settings import ROOT

LANGUAGES = ("en",)
"""Languages with a complete catalogue; English is the language of the sentences themselves."""

language: ContextVar[str] = ContextVar("language", default="en")


def speak(code: str | None) -> None:
    """Answer the rest of this request in a language; English where we have no catalogue for it."""
    language.set(code if code in LANGUAGES else LANGUAGES[0])


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", ROOT / "locale", languages=[code], fallback=True)


def gettext(message: str) -> str:
    """The sentence in the current reader's language."""
    return _catalogue(language.get()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a sentence that fits a count."""
    return _catalogue(language.get()).ngettext(one, many, count)


def sentence(message: str, params: dict[str, object] | None = None) -> str:
    """A marked sentence, translated and with its %(name)s places filled."""
    translated = gettext(message)
    return translated % params if params else translated
