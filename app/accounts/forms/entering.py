"""Logging in, its second step, and a way in for owners whom others' tries hold off."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from wtforms import HiddenField, PasswordField, StringField

from app.accounts.errors import LogInLocked, LogInOver
from app.accounts.forms.base import AccountForm, typed
from app.errors import TooMany, _
from app.web.forms import strip
from app.web.i18n import sentence

T = TypeVar("T")


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
        """Status and headers of a page that shows what was refused."""
        if self.wait is None:
            return {"status": 422}
        return {"status": 429, "headers": {"Retry-After": str(self.wait.retry_after)}}


class LogInForm(CountedForm):
    """E-mail or mobile, and password."""

    identifier = StringField(
        _("E-mail address or mobile number"),
        [typed(_("Enter your e-mail address or your mobile number."))],
        filters=[strip],
    )
    password = PasswordField(_("Password"), [typed(_("Enter your password."))])
    next = HiddenField()

    @property
    def is_locked(self) -> bool:
        """Whether tries at what was typed are held off, so that another way in is due."""
        return isinstance(self.wait, LogInLocked)


class TrustForm(CountedForm):
    """Who wants a link that makes this browser a known one."""

    identifier = StringField(
        _("E-mail address or mobile number"),
        [typed(_("Enter your e-mail address or your mobile number."))],
        filters=[strip],
    )


class ConfirmLogInForm(CountedForm):
    """The code of a second step."""

    code = StringField(_("Code"), [typed(_("Enter the code."))], filters=[strip])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.is_over = False

    async def tried(self, act: Awaitable[T]) -> T | None:
        """As of every form; a log-in that is over is no mistake in what was typed."""
        try:
            return await super().tried(act)
        except LogInOver:
            self.is_over = True
        return None
