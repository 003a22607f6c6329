"""What happens to a practice's times: each function is one use case and one transaction.

Locks are taken in the order doctor (by who moves visits as well), calendar, slots by their start.
"""

from app.scheduling.services.calendar import CalendarChange, add_exception, end_exception, set_week
from app.scheduling.services.hand import offer, withdraw
from app.scheduling.services.making import NO_OVERLAP, Made, extend

__all__ = [
    "NO_OVERLAP",
    "CalendarChange",
    "Made",
    "add_exception",
    "end_exception",
    "extend",
    "offer",
    "set_week",
    "withdraw",
]
