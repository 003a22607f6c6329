"""What happened to a visit, in the words of whoever reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.booking.queries import HistoryEntry
from app.errors import _
from app.events import names
from app.money import rupees
from app.payments.queries import MoneyEntry
from app.web.filters import moment
from app.web.i18n import sentence

_MONEY = {
    names.PAYMENT_FAILED: _("A payment did not go through"),
    names.PAYMENT_SUCCEEDED: _("%(amount)s paid"),
    names.PAYMENT_UNEXPECTED: _("A payment came that nothing was owed for"),
    names.REFUND_ASKED: _("Refund of %(amount)s started"),
    names.REFUND_PROCESSED: _("Refund of %(amount)s sent"),
    names.REFUND_FAILED: _("Refund of %(amount)s failed"),
}


@dataclass(frozen=True)
class Told:
    """One line of a visit's history in words; `by` is empty where it goes without saying."""

    at: datetime
    what: str
    by: str
    note: str


def told(
    history: Sequence[HistoryEntry],
    money: Sequence[MoneyEntry],
    *,
    zone: str,
    happened: Mapping[str, str],
    by: Mapping[str, str],
) -> list[Told]:
    """The visit and its money in the reader's language and the clinic's `zone`, oldest first.

    `happened` and `by` are marked sentences for events and roles; events without one are left out. The
    sentence for a move names %(old)s and %(new)s.
    """

    def who(role: str) -> str:
        return sentence(by[role]) if role in by else ""

    lines = [
        Told(entry.at, sentence(happened[entry.event], _times(entry, zone)), who(entry.by_role), entry.note)
        for entry in history
        if entry.event in happened
    ]
    lines += [
        Told(one.at, sentence(_MONEY[one.event], {"amount": rupees(one.amount_paise)}), who(one.by_role), "")
        for one in money
    ]
    return sorted(lines, key=lambda line: line.at)


def _times(entry: HistoryEntry, zone: str) -> dict[str, object] | None:
    if entry.moved_from is None or entry.moved_to is None:
        return None
    return {"old": moment(entry.moved_from, zone), "new": moment(entry.moved_to, zone)}
