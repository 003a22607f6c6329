"""A visit as a file for the calendar on a phone (iCalendar, RFC 5545)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.booking.queries import HistoryEntry, Visit
from app.errors import _
from app.events import names
from app.web.i18n import sentence

LONGEST_LINE = 75
"""Octets of a content line, without its line break (RFC 5545, 3.1)."""

_STATUS = {"held": "TENTATIVE", "pending": "TENTATIVE", "expired": "CANCELLED", "cancelled": "CANCELLED"}

_CHANGES = frozenset({names.APPOINTMENT_RESCHEDULED, names.APPOINTMENT_CANCELLED, names.APPOINTMENT_DECLINED})


def changes_in(history: Sequence[HistoryEntry]) -> int:
    """How often the visit was moved or called off."""
    return sum(entry.event in _CHANGES for entry in history)


def calendar_file(visit: Visit, *, address: str, changes: int, now: datetime) -> str:
    """One visit as a calendar of one event, to be kept or, when it was cancelled, struck out.

    `address` is the visit's page; `changes` counts the moves and cancellations so far: calendars take over a
    change only when the number has grown (3.8.7.4). The event's name does not depend on where the site lives.
    """
    assert visit.starts_at is not None and visit.ends_at is not None
    place = f"{visit.clinic_name}, {visit.clinic_address}, {visit.clinic_city} {visit.clinic_pincode}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Parchi//Visits//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:visit-{visit.id}@parchi",
        f"SEQUENCE:{changes}",
        f"DTSTAMP:{_utc(now)}",
        f"LAST-MODIFIED:{_utc(visit.changed_at)}",
        f"DTSTART:{_utc(visit.starts_at)}",
        f"DTEND:{_utc(visit.ends_at)}",
        f"STATUS:{_STATUS.get(visit.status, 'CONFIRMED')}",
        f"SUMMARY:{_text(f'{visit.doctor_name}, {visit.clinic_name}')}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(_description(visit))}",
        f"URL:{address}",
        "CLASS:PRIVATE",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _description(visit: Visit) -> str:
    """What to say at the desk; no reason for the visit, because calendars are shared."""
    lines = [sentence(_("Code %(code)s"), {"code": visit.code}), visit.clinic_phone]
    if visit.token_number is not None:
        lines.insert(0, sentence(_("Number %(number)s"), {"number": visit.token_number}))
    return "\n".join(lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value (3.3.11): what has a meaning is escaped, control signs but line breaks are left out."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    broken = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in broken if sign.isprintable())


def _folded(line: str) -> str:
    """Break a long line as 3.1 says: no piece above 75 octets, none within a sign of UTF-8."""
    pieces: list[str] = []
    piece, room = "", LONGEST_LINE
    for sign in line:
        size = len(sign.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", LONGEST_LINE - 1  # the space that begins a continued line counts too
        piece += sign
        room -= size
    return "\r\n ".join([*pieces, piece])
