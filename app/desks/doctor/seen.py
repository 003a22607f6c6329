"""A form that knows what its page showed, so that what was saved meanwhile is not replaced unseen."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from wtforms import BooleanField, Field
from wtforms.fields.choices import SelectFieldBase

from app.desks.doctor.fields import shown
from app.errors import _
from app.web.forms import Form
from app.web.i18n import sentence
from app.web.render import Notice
from app.web.visitor import WebRequest

CHANGED = Notice(
    _("This was changed meanwhile, perhaps in another window. Nothing is saved yet: look at both first."),
    "refused",
)


@dataclass(frozen=True)
class Missed:
    """A field where what is stored is not what is written here, both in words."""

    label: str
    stored: str
    written: str


class SeenForm(Form):
    """`seen` stands for what was stored when the page was made; empty for what is new."""

    seen: str = ""
    missed: tuple[Missed, ...] = ()

    @classmethod
    async def read(cls, request: WebRequest, **start: Any) -> Self:
        """The form as it was sent, with what its page had seen."""
        f = await super().read(request, **start)
        f.seen = str((await request.form()).get("seen") or "")
        return f

    def as_stored(self) -> Self:
        """The same, which holds what is stored: from now on it is what was seen."""
        self.seen = self._digest
        return self

    def overtaken(self, stored: Self) -> bool:
        """Whether something else than what is written was saved since the page was made.

        Then `missed` names the fields, and the form has seen what is stored now: sent again, it is saved.
        """
        was, self.seen = self.seen, stored._digest
        if was in ("", self.seen):
            return False
        self.missed = tuple(
            Missed(field.label.text, _words(stored[name]), _words(field))
            for name, field in self._fields.items()
            if _plain(field) != _plain(stored[name])
        )
        return bool(self.missed)

    @property
    def _digest(self) -> str:
        held = {name: _plain(field) for name, field in self._fields.items()}
        return hashlib.sha256(json.dumps(held, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _plain(field: Field) -> object:
    """What a field holds; nothing is the same however it is written."""
    if isinstance(field.data, (list, tuple)):
        return sorted(field.data)
    return "" if field.data is None else field.data


def _words(field: Field) -> str:
    """What a field holds, as one reads it on the page."""
    if isinstance(field, BooleanField):
        return sentence(_("yes") if field.data else _("no"))
    if isinstance(field, SelectFieldBase):
        return ", ".join(str(choice[1]) for choice in field.iter_choices() if choice[2])
    return shown(field)
