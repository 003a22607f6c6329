"""Logging in, its second step, and a way in for owners whom others' tries hold off."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from wtforms import HiddenField, PasswordField, StringField

from app.accounts.errors import LogInLocked, LogInOver
from app.accounts.forms.base import CountedForm, typed
from app.errors import _
from app.web.forms import strip

T = TypeVar("T")


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
