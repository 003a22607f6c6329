"""What booking refuses, each with the sentence a person reads."""

from collections.abc import Sequence
from typing import Any

from app.booking.rows import OpenSlot
from app.errors import Conflict, Invalid, _
from app.web.filters import iso


class NoLongerFree(Conflict):
    """The time cannot be had; `free` are other times close by, in the clinic's `zone`."""

    slug = "slot-gone"
    message = _("That time cannot be booked any more. Please choose another one.")

    def __init__(self, free: Sequence[OpenSlot] = (), *, zone: str = "UTC") -> None:
        self.free = list(free)
        self.zone = zone
        super().__init__(extra={"free": [_as_json(slot, zone) for slot in free]})


def _as_json(slot: OpenSlot, zone: str) -> dict[str, Any]:
    return {
        "id": str(slot.id),
        "starts_at": iso(slot.starts_at, zone),
        "ends_at": iso(slot.ends_at, zone),
        "state": "free",
    }


class SlotTaken(NoLongerFree):
    """Somebody else was first."""

    slug = "slot-taken"
    message = _("That time was just taken. Please choose another one.")


class SlotPassed(NoLongerFree):
    """The time has begun already."""

    slug = "slot-passed"
    message = _("That time has already begun. Please choose a later one.")


class SlotGone(NoLongerFree):
    """The clinic no longer offers the time, or not for as long as this service takes."""

    message = _("The clinic no longer offers that time. Please choose another one.")


class SlotTooSoon(NoLongerFree):
    """The time begins before the practice's lead time is over, so patients can no longer book it online."""

    slug = "slot-too-soon"
    message = _("That time is too soon to be booked online. Choose a later one, or call the clinic.")


class SlotTooFar(NoLongerFree):
    """The time lies beyond the days that are open to patients."""

    slug = "slot-too-far"
    message = _("That day cannot be booked online yet. Please choose an earlier one.")


class SlotKept(NoLongerFree):
    """The time is kept back for those who come without an appointment."""

    slug = "slot-kept"
    message = _("The clinic keeps that time for people who come without an appointment. Choose another one.")


class OwnLimit(Conflict):
    """A patient's own limits: how many times may be held at once, and one visit at a time for each person."""

    slug = "own-limit"
    message = _("You are holding three times already. Please pay for one of them or give one up first.")


class OwnOverlap(OwnLimit):
    """The same person has another visit at that time."""

    message = _("This person already has a visit at that time. Please choose another time or another person.")


class HoldOver(Conflict):
    """The time is no longer held for this visit."""

    slug = "hold-over"
    message = _("The time is no longer held for you. Please choose a time again.")


class AlreadyBooked(Conflict):
    """A page left open treats a visit as held that was booked meanwhile."""

    slug = "already-booked"
    message = _("This visit is booked already.")


class BookedNotHeld(AlreadyBooked):
    """A visit that is booked is not given up like a hold: cancelling says first what comes back."""

    message = _("This visit is paid and booked. To give it up, cancel it.")


class HoldRunning(Conflict):
    """The hold has not lapsed yet, so it is not closed."""

    slug = "hold-running"
    message = _("The time is still held.")


class AlreadyExtended(Conflict):
    """A hold is extended once only."""

    slug = "already-extended"
    message = _("The time was extended once already and cannot be extended again.")


class NotPossible(Conflict):
    """The visit's state does not allow the act."""

    slug = "not-possible"
    message = _("This cannot be done any more: the visit's state has changed. Please look again.")


class AlreadyCancelled(NotPossible):
    """Cancelling twice cancels once."""

    slug = "already-cancelled"
    message = _("This visit was cancelled already.")


class VisitBegun(NotPossible):
    """The patient acts after the visit has begun; the clinic still can."""

    slug = "visit-begun"
    message = _("The visit's time has come already. Please speak to the clinic.")


class NotBegun(NotPossible):
    """Nobody fails to come before the time has come."""

    slug = "too-early"
    message = _("This visit has not begun yet. It can be marked as missed from its time on.")


class AnswerTooLate(NotPossible):
    """The time in which the doctor could approve is over; the visit is declined and refunded by itself."""

    slug = "answer-too-late"
    message = _("The time to approve this visit is over. It is declined and refunded.")


class SameTime(Conflict):
    """A move to where the visit is already."""

    slug = "same-time"
    message = _("The visit is at that time already. Please choose another one.")


class RequestOpen(Conflict):
    """One request for another time at once."""

    slug = "request-open"
    message = _("You have asked for another time already. The doctor will answer.")


class NoOpenRequest(Conflict):
    """The request was answered or taken back already."""

    slug = "no-open-request"
    message = _("This request for another time was answered or taken back already. Please look again.")


class SlotInUse(Conflict):
    """A slot that somebody holds or has booked is not withdrawn."""

    slug = "slot-in-use"
    message = _("Somebody holds or has booked this time, so it stays. Move or cancel the visit first.")


class PersonExpected(Conflict):
    """Somebody with a visit ahead is not taken out of the people of an account."""

    slug = "person-expected"
    message = _("They still have a visit ahead. Cancel it first, or wait until it is over.")


class NoSuchSlip(Invalid):
    """No visit has this code, or whom it names belongs to an account already: the answer is the same."""

    slug = "no-such-slip"

    def __init__(self) -> None:
        super().__init__(
            fields={"code": _("Nobody can be joined with this code. Check the slip, or ask at the desk.")}
        )


class BadText(Invalid):
    """Free text too long, or with signs that nobody can read."""
