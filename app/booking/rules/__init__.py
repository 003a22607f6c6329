"""Pure decisions about visits: which moves are allowed, and where those could go that lose their time."""

from app.booking.rules.moves import (
    APPROVE_WITHIN,
    BOOKED,
    CANCELLABLE,
    COMING,
    LIVE,
    LONGEST_TEXT,
    MOST_OPEN_HOLDS,
    MOVABLE,
    MOVES,
    check_move,
    covers,
    new_code,
    typed_code,
)
from app.booking.rules.proposing import Homeless, Times, others, propose, times_left

__all__ = [
    "APPROVE_WITHIN",
    "BOOKED",
    "CANCELLABLE",
    "COMING",
    "LIVE",
    "LONGEST_TEXT",
    "MOST_OPEN_HOLDS",
    "MOVABLE",
    "MOVES",
    "Homeless",
    "Times",
    "check_move",
    "covers",
    "new_code",
    "others",
    "propose",
    "times_left",
    "typed_code",
]
