"""What every letter about a visit says of it, from the visit and the event."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app import clock
from app.booking.queries import Visit
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.known import Context
from app.notifications.mail import lines_of


def for_patient(visit: Visit, event: PastEvent) -> Context:
    """The visit, with the way to the patient's page of it."""
    return {**_of_visit(visit, event), "link": links.visit(visit.code)}


def for_doctor(visit: Visit, event: PastEvent) -> Context:
    """The visit, with the way to the clinic's page of it."""
    return {**_of_visit(visit, event), "link": links.appointment(visit.code)}


def _of_visit(visit: Visit, event: PastEvent) -> Context:
    starts_at = _moment(event.facts.get("starts_at")) or visit.starts_at
    return {
        "doctor": visit.doctor_name,
        "patient": visit.person_name,
        "clinic": visit.clinic_name,
        "address": f"{visit.clinic_address}, {visit.clinic_city} {visit.clinic_pincode}",
        "phone": visit.clinic_phone,
        "zone": visit.zone,
        "starts_at": starts_at,
        "code": visit.code,
        "token": _token_of_day(visit, starts_at),
    }


def _token_of_day(visit: Visit, starts_at: datetime | None) -> int | None:
    """The number, unless the visit has moved to another day since, where it has another."""
    if starts_at is None or visit.token_on == clock.day_of(starts_at, ZoneInfo(visit.zone)):
        return visit.token_number
    return None


def is_closed(event: PastEvent) -> bool:
    """Whether the doctor closed the time of many visits at once, and this is one of them."""
    return "closing_id" in event.facts


def words_of_the_clinic(event: PastEvent) -> tuple[str, ...]:
    """What doctor or reception wrote to the patient; nobody is sent back their own words."""
    return () if event.by_role == "patient" else note(event)


def note(event: PastEvent) -> tuple[str, ...]:
    """The note that came with the event, by lines, while it is still kept."""
    return lines_of(event.private.get("note", ""))


def both_times(event: PastEvent) -> Context:
    """Where the visit was and where it is now."""
    return {
        "old_starts_at": _moment(event.facts["from_starts_at"]),
        "starts_at": _moment(event.facts["to_starts_at"]),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
