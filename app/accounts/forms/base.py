"""What every form of accounts shares: readers of `rules` as checks, refusals of services at their fields."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from wtforms import BooleanField
from wtforms.validators import StopValidation

from app.accounts.errors import WrongLogIn
from app.accounts.rules import BadValue, read_password
from app.errors import Conflict, Invalid, TooMany, _
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
            raise StopValidation(sentence(bad.message, bad.params)) from None

    return check


def not_own(*names: str) -> Check:
    """A validator of a new password that also lets none pass that says what other fields do."""

    def check(form: Form, field: Any) -> None:
        read_by(partial(read_password, own=[form[name].data for name in names]))(form, field)

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

    status = 422
    """Of a page that shows what was refused: of what was typed, or (409) of how things stand by now."""

    async def tried(self, act: Awaitable[T]) -> T | None:
        """What an act gives, or None with its refusal put where the person can read it."""
        try:
            return await act
        except Invalid as refusal:
            self.take(refusal)
        except (WrongLogIn, Conflict) as refusal:
            self.status = 409 if isinstance(refusal, Conflict) else 422
            self.form_errors = [*self.form_errors, sentence(refusal.message, refusal.params)]
        return None

    async def accepted(self, act: Awaitable[object]) -> bool:
        """Whether an act that gives nothing took what was typed; else the form says why not."""
        await self.tried(act)
        return not self.errors

    @property
    def answer(self) -> dict[str, Any]:
        """Status and headers of a page that shows what was refused."""
        return {"status": self.status}


class CountedForm(AccountForm):
    """A form whose tries are counted; `wait` is set where there were too many."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.wait: TooMany | None = None

    async def tried(self, act: Awaitable[T]) -> T | None:
        """As of every form; too many tries are said here too, so that what was typed is not lost."""
        try:
            return await super().tried(act)
        except TooMany as refusal:
            self.wait = refusal
            self.form_errors = [*self.form_errors, sentence(refusal.message, refusal.params)]
        return None

    @property
    def answer(self) -> dict[str, Any]:
        """As of every form; and when to come back where there were too many tries."""
        if self.wait is None:
            return super().answer
        return {"status": 429, "headers": {"Retry-After": str(self.wait.retry_after)}}
