"""Forms: what was typed, what is wrong with it, and where; WTForms does the work."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from wtforms import Form as BaseForm
from wtforms.validators import ValidationError

from app.errors import Invalid, _
from app.lines import alike
from app.web.i18n import gettext, ngettext, sentence
from app.web.visitor import WebRequest

LONGEST_BODY = 64 * 1024
"""Bytes; no form of ours needs more."""


class Typed(dict[str, list[str]]):
    """Form data the way WTForms reads it."""

    def getlist(self, name: str) -> list[str]:
        return self.get(name, [])


_IN_OUR_WORDS = {
    "This field is required.": _("Please fill this in."),
    "Not a valid integer value.": _("Please enter a whole number."),
    "Not a valid date value.": _("Please enter a date such as 2026-12-31."),
    "Not a valid choice.": _("Please choose one from the list."),
    "Not a valid choice": _("Please choose one from the list."),
    "Invalid Choice: could not coerce.": _("Please choose one from the list."),
    "'%(value)s' is not a valid choice for this field.": _("Please choose only from the list."),
}
"""What WTForms says by itself, said the way we speak."""


class _Translations:
    def gettext(self, message: str) -> str:
        return gettext(_IN_OUR_WORDS.get(message, message))

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form that fits; what we say in our words needs only one."""
        return self.gettext(one) if one in _IN_OUR_WORDS else ngettext(one, many, count)


class Form(BaseForm):
    """The base of every form; errors are sentences in the reader's language."""

    class Meta:
        """WTForms settings: its own messages go through our catalogues."""

        def get_translations(self, _form: BaseForm) -> _Translations:
            """The catalogue for WTForms' built-in messages."""
            return _Translations()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As WTForms does, with labels and descriptions, which are marked sentences, translated."""
        super().__init__(*args, **kwargs)
        for field in self:
            field.label.text = gettext(field.label.text) if field.label.text else ""
            field.description = gettext(field.description) if field.description else ""

    @classmethod
    async def read(cls, request: WebRequest, **start: Any) -> Self:
        """The form as the browser sent it, with breaks of one kind and without NUL, which we cannot store."""
        posted = await request.form()
        typed = Typed()
        for name, value in posted.multi_items():
            if isinstance(value, str):
                typed.setdefault(name, []).append(alike(value.replace("\x00", "")))
        return cls(formdata=typed, **start)

    def take(self, refusal: Invalid) -> None:
        """Put a service's refusal at its fields, so that the page shows it like a form's own."""
        for name, message in refusal.fields.items():
            field = self._fields.get(name) or next(iter(self._fields.values()))
            field.errors = [*field.errors, sentence(message, refusal.params)]


def strip(value: str | None) -> str | None:
    """A WTForms filter: white space around what was typed means nothing."""
    return value.strip() if value else value


def one_line(value: str | None) -> str | None:
    """A WTForms filter: names and the like are one line, with single spaces."""
    return " ".join(value.split()) if value else value


def at_most(letters: int) -> Callable[[BaseForm, Any], None]:
    """A validator for a text of so many letters; its sentence names the field, as the summary needs."""

    def check(_form: BaseForm, field: Any) -> None:
        if len(field.data or "") > letters:
            params = {"field": field.label.text, "most": letters}
            raise ValidationError(sentence(_("%(field)s: use up to %(most)s letters."), params))

    return check


def fields_of(refusal: Invalid) -> Mapping[str, str]:
    """The refusal's sentences by field, translated, for a JSON answer."""
    return {name: sentence(text, refusal.params) for name, text in refusal.fields.items()}
