"""Reads: who works at which clinic's desk, and the clinics by name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.engine import fetch, fetch_one, fetch_value


@dataclass(frozen=True)
class ClinicName:
    """A clinic as one chooses it from a list; `city` tells two of one name apart."""

    id: UUID
    name: str
    city: str


@dataclass(frozen=True)
class StaffMember:
    """A receptionist or an administrator; `clinic` is where a receptionist works, None for nowhere yet."""

    user_id: UUID
    name: str
    email: str
    role: str
    is_blocked: bool
    is_verified: bool
    last_seen_at: datetime | None
    clinic: ClinicName | None


async def clinic_names() -> list[ClinicName]:
    """Every clinic, by name."""
    rows = await fetch("SELECT id, name, city FROM clinics ORDER BY lower(name), city, id")
    return [ClinicName(**dict(row)) for row in rows]


async def is_clinic(clinic_id: UUID) -> bool:
    """Whether there is a clinic of this id."""
    return bool(await fetch_value("SELECT EXISTS (SELECT FROM clinics WHERE id = $1)", clinic_id))


async def public_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those of these that are doctors, practices (as their clinics) or clinics."""
    rows = await fetch(
        """
        SELECT id, name FROM clinics WHERE id = ANY($1::uuid[])
        UNION ALL SELECT id, name FROM doctors WHERE id = ANY($1::uuid[])
        UNION ALL SELECT p.id, c.name FROM practices p JOIN clinics c ON c.id = p.clinic_id
                  WHERE p.id = ANY($1::uuid[])
        """,
        list(ids),
    )
    return {row["id"]: row["name"] for row in rows}


async def find_workplace(user_id: UUID) -> ClinicName | None:
    """The clinic somebody works for at the desk, or None."""
    row = await fetch_one(
        "SELECT c.id, c.name, c.city FROM staff s JOIN clinics c ON c.id = s.clinic_id WHERE s.user_id = $1",
        user_id,
    )
    return ClinicName(**dict(row)) if row else None


async def staff_members() -> list[StaffMember]:
    """Everybody who may work at a desk or run the house, administrators first, then clinic by clinic."""
    rows = await fetch(
        """
        SELECT u.id AS user_id, u.name, u.email, u.role, u.blocked_at IS NOT NULL AS is_blocked,
               u.email_verified_at IS NOT NULL AS is_verified, c.id AS clinic_id, c.name AS clinic, c.city,
               (SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
        FROM users u LEFT JOIN staff st ON st.user_id = u.id LEFT JOIN clinics c ON c.id = st.clinic_id
        WHERE u.role IN ('reception', 'admin') AND u.erased_at IS NULL
        ORDER BY u.role, lower(c.name) NULLS FIRST, c.city, c.id, lower(u.name), u.id
        """
    )
    return [
        StaffMember(
            row["user_id"],
            row["name"],
            row["email"],
            row["role"],
            row["is_blocked"],
            row["is_verified"],
            row["last_seen_at"],
            ClinicName(row["clinic_id"], row["clinic"], row["city"]) if row["clinic_id"] else None,
        )
        for row in rows
    ]


async def applicant_ids() -> list[UUID]:
    """The accounts of doctors who wait to be let in."""
    rows = await fetch(
        "SELECT user_id FROM doctors WHERE approved_at IS NULL AND rejected_at IS NULL AND left_at IS NULL"
    )
    return [row["user_id"] for row in rows]
