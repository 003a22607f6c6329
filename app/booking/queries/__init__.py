"""Reads: what is free, what somebody may see, what happened to a visit."""

from app.booking.queries.appointments import find_own_hold, get_appointment, open_holds
from app.booking.queries.doctors import FoundDoctor, find_doctors
from app.booking.queries.free import (
    day_slots,
    days_with_time,
    free_days,
    next_free,
    open_slots,
    other_times,
)
from app.booking.queries.free_week import week_picker
from app.booking.queries.history import histories_of, history_of
from app.booking.queries.visits import (
    Scope,
    VisitFilter,
    coming_visits,
    find_visit,
    open_requests,
    past_visits,
    practice_counts,
    practice_day,
    visit_by_id,
    visit_list,
)
from app.booking.rows import (
    Appointment,
    DayCount,
    HistoryEntry,
    OpenRequest,
    OpenSlot,
    Visit,
    WeekSlots,
)

__all__ = [
    "Appointment",
    "DayCount",
    "FoundDoctor",
    "HistoryEntry",
    "OpenRequest",
    "OpenSlot",
    "Scope",
    "Visit",
    "VisitFilter",
    "WeekSlots",
    "coming_visits",
    "day_slots",
    "days_with_time",
    "find_doctors",
    "find_own_hold",
    "find_visit",
    "free_days",
    "get_appointment",
    "histories_of",
    "history_of",
    "next_free",
    "open_holds",
    "open_requests",
    "open_slots",
    "other_times",
    "past_visits",
    "practice_counts",
    "practice_day",
    "visit_by_id",
    "visit_list",
    "week_picker",
]
