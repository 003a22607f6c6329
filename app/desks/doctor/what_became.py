"""What a change of the calendar did, in words; where it added or closed nothing, why."""

from app import clock
from app.checkout.services import Change, Done, NewException
from app.directory.queries import Practice
from app.errors import _
from app.scheduling.queries import exceptions_of
from app.scheduling.rules import EXTRA, HOLIDAY, LEAVE, CalendarException, closed_range
from app.web.render import Notice

CLOSING = (LEAVE, HOLIDAY)


async def what_became(practice: Practice, change: Change, done: Done) -> Notice:
    """The line to show after a change for which nobody had to be asked."""
    made = {"added": done.change.added, "withdrawn": done.change.withdrawn}
    if isinstance(change, NewException):
        if change.exception.kind == EXTRA and not any(made.values()):
            return await _none_added(practice, change.exception)
        if change.exception.kind in CLOSING and not made["withdrawn"]:
            return Notice(_("Closed. Nothing was on offer then."))
        if change.exception.kind in CLOSING and not made["added"]:
            return Notice(_("Closed. Times taken away: %(withdrawn)s."), params=made)
    return Notice(_("Saved. Times added: %(added)s, taken back: %(withdrawn)s."), params=made)


async def _none_added(practice: Practice, extra: CalendarException) -> Notice:
    """Why an extra day made no times: they are over, lie in leave, or were there before."""
    start, end = closed_range(extra, practice.zone_info)
    if end <= clock.now():
        return Notice(_("Written down, but no time was added: they have all passed."), "news")
    known = await exceptions_of(practice.id, first=extra.first_on)
    leave = (closed_range(one, practice.zone_info) for one in known if one.kind == LEAVE)
    if any(begins < end and start < ends for begins, ends in leave):
        return Notice(_("Written down, but no time was added: you are on leave then."), "news")
    return Notice(_("Written down. These times were on offer already."), "news")
