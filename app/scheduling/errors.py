"""What scheduling refuses, each with the sentence a person reads at the field."""

from collections.abc import Iterable

from app.errors import Invalid, NotFound, _

_SHOWN = 5
_LONGEST_SHOWN = 20


class NoSuchSlot(NotFound):
    """No such time, not theirs, or withdrawn already."""

    message = _("We could not find that time.")


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
