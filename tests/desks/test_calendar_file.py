"""The calendar file keeps to RFC 5545 whatever a clinic is called."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from app.booking.queries import Visit
from app.desks.patient.calendar import calendar_file

NOW = datetime(2026, 1, 10, 6, 0, tzinfo=UTC)
ID = UUID("6f1c1c1e-0000-4000-8000-000000000001")
VISIT = Visit(
    id=ID,
    code="ABCD2345",
    practice_id=ID,
    doctor_id=ID,
    service_id=ID,
    person_id=ID,
    booked_by_id=ID,
    slot_id=ID,
    starts_at=datetime(2026, 1, 15, 4, 0, tzinfo=UTC),
    ends_at=datetime(2026, 1, 15, 4, 30, tzinfo=UTC),
    on_date=date(2026, 1, 15),
    status="confirmed",
    token_number=7,
    token_on=date(2026, 1, 15),
    amount_paise=50_000,
    reason="Chest pain",
    hold_expires_at=None,
    hold_extended_at=None,
    approve_until=None,
    created_at=NOW,
    changed_at=NOW,
    doctor_name="Dr Meera",
    doctor_slug="meera",
    doctor_user_id=ID,
    speciality="general_medicine",
    designation="",
    clinic_id=ID,
    clinic_name="Shanti Clinic",
    clinic_address="12, MG Road; 2nd floor",
    clinic_city="Pune",
    clinic_pincode="411001",
    clinic_phone="+912012345678",
    zone="Asia/Kolkata",
    approves_visits=False,
    service_name="Consultation",
    service_minutes=30,
    service_mode="in_person",
    meeting_link="",
    person_name="Asha",
    person_birth_year=None,
    person_sex=None,
    person_mobile=None,
    booked_by_name="Asha",
    request_id=None,
    request_note=None,
    request_wish=None,
    request_at=None,
)


def _file(visit: Visit, changes: int = 0) -> str:
    return calendar_file(
        visit,
        address="https://parchi.example/visits/ABCD2345",
        changes=changes,
        now=NOW,
    )


def _unfolded(file: str) -> dict[str, str]:
    """Content lines by name, as a calendar reads them."""
    lines = file.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    return dict(line.split(":", 1) for line in lines if not line.startswith(("BEGIN", "END")))


def _meant(value: str) -> str:
    """The text behind an escaped value."""
    out, signs = "", iter(value)
    for sign in signs:
        following = next(signs) if sign == "\\" else ""
        out += {"n": "\n"}.get(following, following) if following else sign
    return out


def test_the_visit_stands_in_it_in_utc_and_without_the_reason() -> None:
    lines = _unfolded(_file(VISIT, changes=3))

    assert lines["DTSTART"] == "20260115T040000Z"
    assert lines["DTEND"] == "20260115T043000Z"
    assert lines["DTSTAMP"] == "20260110T060000Z"
    assert lines["UID"] == f"visit-{ID}@parchi"
    assert lines["SEQUENCE"] == "3"
    assert lines["LOCATION"] == "Shanti Clinic\\, 12\\, MG Road\\; 2nd floor\\, Pune 411001"
    assert lines["DESCRIPTION"] == "Number 7\\nCode ABCD2345\\n+912012345678"
    assert "Chest pain" not in _file(VISIT)


def test_a_cancelled_visit_is_struck_out() -> None:
    assert _unfolded(_file(replace(VISIT, status="cancelled")))["STATUS"] == "CANCELLED"


@given(st.text(max_size=300))
@example("शांति क्लिनिक " * 12)
@example("a\r\nBEGIN:VEVENT\r\nX:1")
@example("🏥" * 40)
@example("\\,;\n\x00\x85\u2028")
def test_whatever_the_clinic_is_called_the_file_keeps_its_form(name: str) -> None:
    file = _file(replace(VISIT, clinic_name=name))

    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    assert "\n" not in file.replace("\r\n", "") and "\r" not in file.replace("\r\n", "")
    lines = _unfolded(file)
    assert file.count("\r\nBEGIN:") == 1
    kept = "".join(
        sign for sign in name.replace("\r\n", "\n").replace("\r", "\n") if sign.isprintable() or sign == "\n"
    )
    assert _meant(lines["SUMMARY"]) == f"Dr Meera, {kept}"
