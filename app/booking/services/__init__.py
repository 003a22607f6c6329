"""What happens to a visit: each function is one use case, one transaction and one event.

Locks are taken in the order doctor, slot, appointment (then payment, by rooms above), counters.
"""

from app.booking.services.displaced import Outcome, Wish, displace, leave_reopened, lock_doctor, tick_off
from app.booking.services.ending import cancel, complete, mark_no_show
from app.booking.services.hold import change_details, expire, extend_hold, hold, release_hold
from app.booking.services.moving import (
    accept_request,
    decline_request,
    request_reschedule,
    reschedule,
    withdraw_request,
)
from app.booking.services.seating import approve, confirm, decline, seat_again
from app.booking.services.slots import withdraw_slot
from app.booking.services.steps import lock_doctor_of, lock_for_settling, sweep_all

__all__ = [
    "Outcome",
    "Wish",
    "accept_request",
    "approve",
    "cancel",
    "change_details",
    "complete",
    "confirm",
    "decline",
    "decline_request",
    "displace",
    "expire",
    "extend_hold",
    "hold",
    "leave_reopened",
    "lock_doctor",
    "lock_doctor_of",
    "lock_for_settling",
    "mark_no_show",
    "release_hold",
    "request_reschedule",
    "reschedule",
    "seat_again",
    "sweep_all",
    "tick_off",
    "withdraw_request",
    "withdraw_slot",
]
