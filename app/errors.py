"""What the house can refuse, without a word about HTTP: every refusal is one of a few kinds."""

from typing import Any, ClassVar


def _(message: str) -> str:
    """Mark a sentence for translation; the edge translates it in the reader's language."""
    return message


class DomainError(Exception):
    """A refusal with a sentence a person can read.

    `message` is an English msgid with %(name)s places, `params` fills them, `slug` names the kind of
    problem for programs (`/problems/<slug>`), `extra` is added to a JSON answer.
    """

    slug: ClassVar[str] = "refused"
    message: str = _("This cannot be done.")

    def __init__(
        self,
        message: str | None = None,
        *,
        params: dict[str, object] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.params = params or {}
        self.extra = extra or {}
        super().__init__(self.message)


class NotSignedIn(DomainError):
    """Nobody is signed in, or the proof of it no longer holds."""

    slug = "not-signed-in"
    message = _("Please log in first.")


class NotAllowed(DomainError):
    """Somebody is signed in whose role does not have this right."""

    slug = "not-allowed"
    message = _("Your account may not do this.")


class NotFound(DomainError):
    """The thing does not exist, or it is not theirs: the answer is the same."""

    slug = "not-found"
    message = _("We could not find what you asked for.")


class Conflict(DomainError):
    """The world has moved on since the person looked."""

    slug = "conflict"
    message = _("Something changed in the meantime. Please look again.")


class Invalid(DomainError):
    """What was typed cannot be used; `fields` says where and why (field name → English msgid)."""

    slug = "invalid"
    message = _("Please check what you entered.")

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: dict[str, str] | None = None,
        params: dict[str, object] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, params=params, extra=extra)
        self.fields = fields or {}


class TooMany(DomainError):
    """Too many tries in too short a time; `retry_after` is in seconds.

    The sentence says how long to wait in minutes, hours or days; one of the caller's own may hold
    %(minutes)s, which are rounded up.
    """

    slug = "too-many"
    message = _("Too many tries. Please wait a minute and try again.")

    def __init__(self, message: str | None = None, *, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        wait = {"minutes": minutes, "hours": -(-retry_after // 3_600), "days": -(-retry_after // 86_400)}
        super().__init__(message or _how_long(minutes), params={**wait})
        self.retry_after = retry_after


def _how_long(minutes: int) -> str:
    if minutes <= 1:
        return TooMany.message
    if minutes <= 120:
        return _("Too many tries. Please wait %(minutes)s minutes and try again.")
    if minutes <= 48 * 60:
        return _("Too many tries. Please wait %(hours)s hours and try again.")
    return _("Too many tries. Please wait %(days)s days and try again.")


class Unavailable(DomainError):
    """Something outside the house does not answer now; trying again later can help."""

    slug = "unavailable"
    message = _("A service we rely on does not answer just now. Please try again in a minute.")
