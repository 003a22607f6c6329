"""What every form of accounts shares: readers of `rules` as checks, refusals of services at their fields."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from wtforms import BooleanField
from wtforms.validators import StopValidation

from app.accounts.errors import WrongLogIn
from app.accounts.rules import BadValue
from app.errors import Conflict, Invalid, _
from app.web.forms import Form
from app.web.i18n import sentence

T = TypeVar("T")
Check = Callable[[Any, Any], None]


def read_by(reader: Callable[[str], object]) -> Check:
    """A validator that lets pass what a reader of `rules` can read."""

    def check(_form: Form, field: Any) -> None:
        try:
            reader(field.data or "")
        except BadValue as bad:
            raise StopValidation(sentence(bad.message)) from None

    return check


def typed(message: str) -> Check:
    """A validator that wants something typed, of any kind."""

    def check(_form: Form, field: Any) -> None:
        if not field.data:
            raise StopValidation(sentence(message))

    return check


def accepts_notice() -> BooleanField:
    """The box, not ticked beforehand, that accepts the privacy notice; `form.notice_box` shows it."""
    return BooleanField(
        _("I have read the privacy notice, and accept it."),
        [typed(_("Please read the privacy notice, and tick the box if you accept it."))],
        id="accept-notice",
    )


class AccountForm(Form):
    """A form whose service may refuse what the form let pass."""

    async def tried(self, act: Awaitable[T]) -> T | None:
        """What an act gives, or None with its refusal put where the person can read it."""
        try:
            return await act
        except Invalid as refusal:
            self.take(refusal)
        except (WrongLogIn, Conflict) as refusal:
            self.form_errors = [*self.form_errors, sentence(refusal.message, refusal.params)]
        return None
