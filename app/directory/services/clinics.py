"""Clinics and practices: opening them, and the policies they have."""

from collections.abc import Mapping
from typing import TypedDict, Unpack
from uuid import UUID

from asyncpg import Record

from app import clock
from app.db.engine import execute, fetch, fetch_one, fetch_value, transaction
from app.directory.queries.staff import is_clinic
from app.directory.rules import check_clinic, check_policies
from app.directory.services.listing import relist, relist_doctors
from app.errors import NotFound
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def add_clinic(
    *,
    slug: str,
    name: str,
    address: str,
    city: str,
    pincode: str,
    phone: str,
    time_zone: str,
    by: Actor,
    opening_text: str = "",
    calendar_days: int = 60,
    lead_minutes: int = 0,
    walk_in_percent: int = 0,
) -> UUID:
    """Open a clinic.

    `calendar_days` is how far ahead its calendar reaches, `lead_minutes` how long before a visit it must be
    booked, `walk_in_percent` the share of times not offered online. Raises Invalid.
    """
    check_clinic(name=name, pincode=pincode, time_zone=time_zone)
    check_policies(calendar_days=calendar_days, lead_minutes=lead_minutes, walk_in_percent=walk_in_percent)
    async with transaction():
        clinic_id: UUID = await fetch_value(
            "INSERT INTO clinics (slug, name, address, city, pincode, phone, time_zone, opening_text, "
            "calendar_days, lead_minutes, walk_in_percent, created_at) "
            "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) RETURNING id",
            slug,
            name,
            address,
            city,
            pincode,
            phone,
            time_zone,
            opening_text,
            calendar_days,
            lead_minutes,
            walk_in_percent,
            clock.now(),
        )
        await publish(names.CLINIC_ADDED, clinic_id, by=by)
    return clinic_id


async def change_clinic(
    clinic_id: UUID,
    *,
    name: str,
    address: str,
    city: str,
    pincode: str,
    phone: str,
    opening_text: str,
    calendar_days: int,
    lead_minutes: int,
    walk_in_percent: int,
    by: Actor,
) -> None:
    """Write a clinic's particulars and policies anew; its time zone stays, since visits were promised in it.

    Raises Invalid at each field that does not fit, NotFound.
    """
    check_clinic(name=name, pincode=pincode)
    check_policies(calendar_days=calendar_days, lead_minutes=lead_minutes, walk_in_percent=walk_in_percent)
    wanted: dict[str, object] = {
        "name": name,
        "address": address,
        "city": city,
        "pincode": pincode,
        "phone": phone,
        "opening_text": opening_text,
        "calendar_days": calendar_days,
        "lead_minutes": lead_minutes,
        "walk_in_percent": walk_in_percent,
    }
    async with transaction():
        row = await fetch_one("SELECT * FROM clinics WHERE id = $1 FOR NO KEY UPDATE", clinic_id)
        changed = _changed(row, wanted)
        if not changed:
            return
        await _write("clinics", clinic_id, wanted)
        practices = await fetch("SELECT id FROM practices WHERE clinic_id = $1", clinic_id)
        await relist([practice["id"] for practice in practices])
        await publish(names.CLINIC_CHANGED, clinic_id, by=by, facts={"changed": changed})


def _changed(row: Record | None, wanted: Mapping[str, object]) -> list[str]:
    """The names of the columns that differ; raises NotFound where there is no row."""
    if row is None:
        raise NotFound
    return [column for column, value in wanted.items() if row[column] != value]


async def _write(table: str, row_id: UUID, wanted: Mapping[str, object]) -> None:
    columns = ", ".join(f"{column} = ${place}" for place, column in enumerate(wanted, 2))
    await execute(f"UPDATE {table} SET {columns} WHERE id = $1", row_id, *wanted.values())


async def add_practice(doctor_id: UUID, clinic_id: UUID, *, by: Actor, approves_visits: bool = False) -> UUID:
    """Let a doctor practise at a clinic, also one where she did before; twice gives the same practice."""
    async with transaction():
        practice_id: UUID | None = await fetch_value(
            "INSERT INTO practices AS p (doctor_id, clinic_id, approves_visits, created_at) "
            "VALUES ($1,$2,$3,$4) "
            "ON CONFLICT (doctor_id, clinic_id) DO UPDATE SET is_active = true WHERE NOT p.is_active "
            "RETURNING id",
            doctor_id,
            clinic_id,
            approves_visits,
            clock.now(),
        )
        if practice_id is None:
            practice_id = await fetch_value(
                "SELECT id FROM practices WHERE doctor_id = $1 AND clinic_id = $2", doctor_id, clinic_id
            )
        else:
            await relist_doctors([doctor_id])
            facts = {"doctor_id": doctor_id, "clinic_id": clinic_id}
            await publish(names.PRACTICE_ADDED, practice_id, by=by, facts=facts)
    assert practice_id is not None  # practices are never deleted
    return practice_id


class PracticePolicies(TypedDict, total=False):
    """What a practice decides for itself; None takes what its clinic has."""

    meeting_link: str
    lead_minutes: int | None
    calendar_days: int | None
    walk_in_percent: int | None


async def change_practice(practice_id: UUID, *, by: Actor, **wanted: Unpack[PracticePolicies]) -> None:
    """Write some of what a practice decides for itself; what is not named stays.

    `meeting_link` is where visits by video take place, empty or an https address. Raises Invalid at each
    field that does not fit, NotFound.
    """
    check_policies(
        meeting_link=wanted.get("meeting_link", ""),
        lead_minutes=wanted.get("lead_minutes"),
        calendar_days=wanted.get("calendar_days"),
        walk_in_percent=wanted.get("walk_in_percent"),
    )
    async with transaction():
        row = await fetch_one("SELECT * FROM practices WHERE id = $1 FOR NO KEY UPDATE", practice_id)
        changed = _changed(row, wanted)
        if changed:
            await _write("practices", practice_id, wanted)
            await publish(names.PRACTICE_CHANGED, practice_id, by=by, facts={"changed": changed})


async def join_staff(user_id: UUID, clinic_id: UUID, *, by: Actor) -> None:
    """Let a receptionist work for a clinic; one clinic each, so joining another moves. Raises NotFound."""
    async with transaction():
        if not await is_clinic(clinic_id):
            raise NotFound
        new = await fetch_value(
            "INSERT INTO staff (user_id, clinic_id, created_at) VALUES ($1,$2,$3) "
            "ON CONFLICT DO NOTHING RETURNING true",
            user_id,
            clinic_id,
            clock.now(),
        )
        if new:
            await publish(names.STAFF_JOINED, user_id, by=by, facts={"clinic_id": clinic_id})
            return
        before = await fetch_one("SELECT clinic_id FROM staff WHERE user_id = $1 FOR UPDATE", user_id)
        if before is not None and before["clinic_id"] != clinic_id:
            await execute("UPDATE staff SET clinic_id = $2 WHERE user_id = $1", user_id, clinic_id)
            facts = {"from": before["clinic_id"], "clinic_id": clinic_id}
            await publish(names.STAFF_MOVED, user_id, by=by, facts=facts)


async def leave_staff(user_id: UUID, *, by: Actor) -> None:
    """Let somebody work for no clinic any more; twice is once."""
    async with transaction():
        clinic_id = await fetch_value("DELETE FROM staff WHERE user_id = $1 RETURNING clinic_id", user_id)
        if clinic_id is not None:
            await publish(names.STAFF_LEFT, user_id, by=by, facts={"clinic_id": clinic_id})


async def lock_doctor_of(user_id: UUID) -> None:
    """Keep an account's doctor, if there is one, as it is until the transaction ends.

    For whoever changes the account next, since everybody locks the doctor before the account.
    """
    await fetch_value("SELECT id FROM doctors WHERE user_id = $1 FOR NO KEY UPDATE", user_id)


async def close_practices_of(user_id: UUID, *, by: Actor) -> None:
    """Offer nothing any more of a doctor who may not come in; visits that were booked stay.

    Nothing happens for an account that is no doctor's, or a second time.
    """
    await _open_practices_of(user_id, is_open=False, by=by)


async def open_practices_of(user_id: UUID, *, by: Actor) -> None:
    """Offer again what `close_practices_of` closed, unless the doctor has left since."""
    await _open_practices_of(user_id, is_open=True, by=by)


async def _open_practices_of(user_id: UUID, *, is_open: bool, by: Actor) -> None:
    async with transaction():
        doctor_id = await fetch_value(
            "SELECT id FROM doctors WHERE user_id = $1 AND ($2 = false OR left_at IS NULL) FOR NO KEY UPDATE",
            user_id,
            is_open,
        )
        rows = await fetch(
            "UPDATE practices SET is_active = $2 WHERE doctor_id = $1 AND is_active <> $2 RETURNING id",
            doctor_id,
            is_open,
        )
        for row in rows:
            facts = {"changed": ["is_active"], "doctor_id": doctor_id}
            await publish(names.PRACTICE_CHANGED, row["id"], by=by, facts=facts)
        if rows:
            await relist_doctors([doctor_id])
