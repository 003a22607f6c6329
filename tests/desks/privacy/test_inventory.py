"""No table of the database is forgotten: it is in the export, or a reason says why not."""

import httpx

from app.accounts.personal import subject_of
from app.db.engine import fetch, fetch_value
from app.desks.privacy.inventory import EXPORTED, WITHHELD
from app.desks.privacy.rooms import everything_of
from app.directory.services import change_practice
from tests.booking.visits import acting
from tests.desks.privacy.planting import Planted
from tests.factories import CastDoctor, a_clinic, a_doctor, an_admin

_ANCHORS = """
SELECT $1 AS id
UNION SELECT id::text FROM persons WHERE account_id::text = $1
UNION SELECT id::text FROM appointments WHERE booked_by_id::text = $1
UNION SELECT p.id::text FROM payments p WHERE payer_id::text = $1
UNION SELECT p.razorpay_order_id FROM payments p WHERE payer_id::text = $1
UNION SELECT r.id::text FROM reviews r WHERE author_id::text = $1
UNION SELECT d.id::text FROM doctors d WHERE user_id::text = $1
UNION SELECT p.id::text FROM practices p JOIN doctors d ON d.id = p.doctor_id WHERE d.user_id::text = $1
"""
"""Ids that are somebody's own: a row that names one of them is about them."""

ABOUT_PATIENTS = {"appointments", "displaced_visits", "idempotency_keys", "reviews", "follows"}
"""Rows that name a doctor because patients came, and are about the patients."""

WHOSE = {"events": "(t.subject_id, t.by_id)"}
"""Of these tables, what says whom a row is about; the rest names a doctor whose patients it is about."""


UNTOLD = {"letters": "t.kind <> 'change_email'"}
"""Of these tables, the rows that may be told: a letter to a new address would tell of its owner."""


async def test_every_table_is_exported_or_has_a_reason_not_to_be() -> None:
    rows = await fetch(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    tables = {row["table_name"] for row in rows}

    assert EXPORTED.keys() & WITHHELD.keys() == set()
    forgotten = tables - EXPORTED.keys() - WITHHELD.keys()
    assert not forgotten, f"say in app/desks/privacy/inventory.py what of {forgotten} belongs to people"
    assert EXPORTED.keys() | WITHHELD.keys() == tables


async def test_tables_without_people_name_nobody() -> None:
    """What is withheld as nobody's has no column that leads to an account or a person."""
    rows = await fetch(
        """
        SELECT DISTINCT c.table_name FROM information_schema.columns c
        WHERE c.table_schema = 'public' AND c.column_name ~ '(^|_)(user|person|account|payer|author)_id$'
        """
    )
    leading = {row["table_name"] for row in rows} & WITHHELD.keys()

    assert leading == {"erasures"}


async def test_an_export_has_every_row_about_somebody_and_no_other(api: httpx.AsyncClient) -> None:
    clinic = await a_clinic()
    meera, arjun = await a_doctor("Dr Meera", clinic_id=clinic), await a_doctor("Dr Arjun", clinic_id=clinic)
    planted = Planted(api, meera, arjun)
    await planted.live()

    tables = await _tables_of(planted.patient.id)

    for table, parts in EXPORTED.items():
        assert len(tables[parts[0]]) == await _rows_about(table, planted.patient.id), table
    full = {name for name, rows in tables.items() if rows}
    assert full >= {
        "users", "persons", "sessions", "known_devices", "log_in_tries", "email_confirmations", "photos",
        "exports", "idempotency_keys", "appointments", "reschedule_requests", "payments", "captures",
        "refunds", "webhook_deliveries", "reviews", "letters", "events", "event_private",
    }  # fmt: skip


async def test_a_doctors_export_has_the_practice_and_no_patient(api: httpx.AsyncClient) -> None:
    clinic = await a_clinic()
    meera: CastDoctor = await a_doctor("Dr Meera", clinic_id=clinic)
    planted = Planted(api, meera, await a_doctor("Dr Arjun", clinic_id=clinic))
    await planted.live()
    await change_practice(meera.practice_id, by=acting(await an_admin()), lead_minutes=60)

    tables = await _tables_of(meera.id)

    for table in EXPORTED.keys() - ABOUT_PATIENTS:
        exported = len(tables[EXPORTED[table][0]])
        assert exported == await _rows_about(table, meera.id, by=WHOSE.get(table, "t")), table
    assert [row["id"] for row in tables["practices"]] == [str(meera.practice_id)]
    assert tables["review_answers"]
    patient = str(planted.patient.id)
    persons = await fetch("SELECT id FROM persons WHERE account_id = $1", planted.patient.id)
    told = str(tables)
    assert patient not in told
    assert not [row["id"] for row in persons if str(row["id"]) in told]
    assert "PRACTICE_CHANGED" in {row["name"] for row in tables["events"]}, "of the practice, by another"


async def _tables_of(user_id: object) -> dict[str, list[dict[str, object]]]:
    tables: dict[str, list[dict[str, object]]] = (await everything_of(await subject_of(user_id)))["tables"]  # type: ignore[arg-type,assignment]
    return tables


async def _rows_about(table: str, user_id: object, *, by: str = "t") -> int:
    """Rows whose text names somebody or what is theirs, counted without knowing a single column.

    `by` narrows what of a row is looked at.
    """
    counted: int = await fetch_value(
        f"""
        SELECT count(*) FROM "{table}" t
        WHERE EXISTS (SELECT FROM ({_ANCHORS}) mine WHERE position(mine.id IN ({by})::text) > 0)
            AND {UNTOLD.get(table, "true")}
        """,
        str(user_id),
    )
    return counted
