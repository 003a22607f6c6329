"""What scheduling refuses, each with the sentence a person reads at the field."""

from collections.abc import Iterable

from app.errors import Conflict, Invalid, NotFound, _

_SHOWN = 5
_LONGEST_SHOWN = 20


class NoSuchSlot(NotFound):
    """No such time, not theirs, or withdrawn already."""

    message = _("We could not find that time.")


class NoSuchException(NotFound):
    """No such leave, holiday or extra day, not theirs, or taken back already."""

    message = _("We could not find that entry of the calendar.")


class CalendarChanged(Conflict):
    """Somebody saved another week since this one was shown."""

    slug = "calendar-changed"
    message = _("The week was changed meanwhile, perhaps in another window. Look at it again, then save.")


class BadDay(Invalid):
    """The day as a whole cannot be used."""

    def __init__(self, sentence: str, **params: object) -> None:
        super().__init__(fields={"date": sentence}, params=params)


class BadTimes(Invalid):
    """Some of the times cannot be used, and so none is added; `times` names the ones meant."""

    def __init__(self, sentence: str, times: Iterable[str] = (), **params: object) -> None:
        named = [text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…" for text in times]
        shown = ", ".join(named[:_SHOWN]) + (" …" if len(named) > _SHOWN else "")
        super().__init__(fields={"time_slots": sentence}, params={"times": shown, **params})
