"""Which moves from state to state are allowed, what a code looks like, what a range covers."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from app.booking.errors import AlreadyCancelled, HoldOver, NotPossible

MOVES: dict[str, frozenset[str]] = {
    "held": frozenset({"pending", "confirmed", "expired", "cancelled"}),
    "pending": frozenset({"confirmed", "cancelled"}),
    "confirmed": frozenset({"checked_in", "in_consultation", "completed", "no_show", "cancelled"}),
    "checked_in": frozenset({"in_consultation", "completed", "no_show", "cancelled"}),
    "in_consultation": frozenset({"completed"}),
    "expired": frozenset({"pending", "confirmed"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "no_show": frozenset(),
}
"""Every state and where it may go next; `expired` leads back only by captured money, to a time still free."""

LIVE = frozenset(MOVES) - {"cancelled", "expired"}
"""States in which an appointment takes its time, as the constraint appointments_no_overlap says."""

BOOKED = LIVE - {"held"}
"""States in which a visit has been paid for, or was free, and keeps its time."""

COMING = frozenset({"held", "pending", "confirmed", "checked_in", "in_consultation"})
"""States of a visit that is still to take place or under way."""

MOVABLE = frozenset({"pending", "confirmed"})
"""States in which a visit may be given another time."""

CANCELLABLE = frozenset(state for state, ahead in MOVES.items() if "cancelled" in ahead) - {"held"}
"""States in which a visit may be cancelled; a time that is only held is given up instead."""

MOST_OPEN_HOLDS = 3
"""Times one account may hold at once."""

APPROVE_WITHIN = timedelta(hours=24)
"""How long a doctor who approves visits has to answer."""

LONGEST_TEXT = 500
"""Characters of a reason, note or wish."""

_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U, which are mistaken for each other on paper and on the phone."""
_CODE_LENGTH = 8


def check_move(old: str, new: str) -> None:
    """Let a state change pass, or raise why not: AlreadyCancelled, HoldOver or NotPossible."""
    if new in MOVES[old]:
        return
    if old == new == "cancelled":
        raise AlreadyCancelled
    if old == "expired":
        raise HoldOver
    raise NotPossible


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A booking code nobody can guess: 8 signs of 30, about 39 bits; `choose` picks one sign."""
    return "".join(choose(_SIGNS) for _place in range(_CODE_LENGTH))


def typed_code(text: str) -> str:
    """A booking code as somebody types it from paper: in capitals, without spaces and hyphens."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def covers(offered: Iterable[tuple[datetime, datetime, datetime]], start: datetime, end: datetime) -> bool:
    """Whether slots offered cover `start` to `end` without a break, as `free_terms.covered` says in SQL.

    A slot is its start, its end, and until when it covers, which may be the end of the gap after it. They
    come in order of their starts and do not overlap. A visit runs on through gaps but ends inside a slot.
    """
    reached = start
    for begins, ends, covers_until in offered:
        if begins > reached or begins >= end:
            return False
        if ends >= end:
            return True
        reached = max(reached, covers_until)
    return False
