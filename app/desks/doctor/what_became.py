"""What a change of the calendar did, in words; where it added or closed nothing, why."""

from app import clock
from app.checkout.services import Change, Done, NewException
from app.directory.queries import Practice
from app.errors import _
from app.scheduling.rules import EXTRA, HOLIDAY, LEAVE, CalendarException, closed_range
from app.web.render import Notice

CLOSING = (LEAVE, HOLIDAY)


def what_became(practice: Practice, change: Change, done: Done) -> Notice:
    """The line to show after a change for which nobody had to be asked."""
    made = {"added": done.change.added, "withdrawn": done.change.withdrawn}
    if isinstance(change, NewException):
        if change.exception.kind == EXTRA and not any(made.values()):
            return Notice(_none_added(practice, change.exception), "news")
        if change.exception.kind in CLOSING and not made["withdrawn"]:
            return Notice(_("Closed. Nothing was on offer then."))
        if change.exception.kind in CLOSING and not made["added"]:
            return Notice(_("Closed. Times taken away: %(withdrawn)s."), params=made)
    return Notice(_("Saved. Times added: %(added)s, taken back: %(withdrawn)s."), params=made)


def _none_added(practice: Practice, extra: CalendarException) -> str:
    """Why an extra day made no times: they are over, or were there before."""
    _start, end = closed_range(extra, practice.zone_info)
    if end <= clock.now():
        return _("Written down, but no time was added: they have all passed.")
    return _("Written down. These times were on offer already.")
