"""What the clinic can do with an appointment now, and the words for what happened to it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app import clock
from app.booking.queries import Visit
from app.booking.rules import CANCELLABLE, MOVABLE, MOVES
from app.errors import _
from app.events import names
from app.web.doors import roles

STAFF = roles("doctor", "reception", "admin")
APPROVERS = roles("doctor", "reception")

HAPPENED = {
    names.APPOINTMENT_HELD: _("Held"),
    names.APPOINTMENT_EXPIRED: _("No longer held"),
    names.APPROVAL_ASKED: _("Waits for approval"),
    names.APPOINTMENT_BOOKED: _("Booked"),
    names.APPOINTMENT_DECLINED: _("Declined"),
    names.APPOINTMENT_CANCELLED: _("Cancelled"),
    names.APPOINTMENT_RESCHEDULED: _("Moved from %(old)s to %(new)s"),
    names.APPOINTMENT_COMPLETED: _("Completed"),
    names.APPOINTMENT_NO_SHOW: _("Marked as missed"),
    names.RESCHEDULE_REQUESTED: _("Another time asked for"),
    names.RESCHEDULE_DECLINED: _("Request for another time declined"),
    names.RESCHEDULE_WITHDRAWN: _("Request for another time taken back"),
}
BY = {
    "patient": _("patient"),
    "doctor": _("doctor"),
    "reception": _("reception"),
    "admin": _("administrator"),
    "system": _("by itself"),
    "gateway": _("payment"),
}


@dataclass(frozen=True)
class Acts:
    """What the state, the time and the role allow; the services decide again when it is done.

    `complete_early` asks before it completes: the visit's time is still to come.
    """

    complete: bool
    complete_early: bool
    no_show: bool
    move: bool
    cancel: bool
    answer: bool

    @property
    def any(self) -> bool:
        """Whether there is anything left to do."""
        return self.complete or self.no_show or self.move or self.cancel or self.answer


def acts_on(visit: Visit, role: str, *, now: datetime) -> Acts:
    """What somebody of this role can do with the appointment at this moment."""
    ahead = MOVES[visit.status]
    return Acts(
        complete="completed" in ahead,
        complete_early="completed" in ahead and _is_to_come(visit, now=now),
        no_show="no_show" in ahead and visit.has_begun(now),
        move=visit.status in MOVABLE and visit.starts_at is not None,
        cancel=visit.status in CANCELLABLE,
        answer=visit.status == "pending"
        and role in ("doctor", "reception")
        and visit.approve_until is not None
        and visit.approve_until > now,
    )


def _is_to_come(visit: Visit, *, now: datetime) -> bool:
    """Whether the visit's time, or the day of one without a time, has not come yet."""
    if visit.starts_at is None:
        return visit.on_date > clock.day_of(now, ZoneInfo(visit.zone))
    return not visit.has_begun(now)
