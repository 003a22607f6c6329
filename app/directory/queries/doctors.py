"""Doctors as their own pages and those who follow them see them."""

from uuid import UUID

from app.db.engine import fetch, fetch_one, fetch_value
from app.directory.errors import NoSuchDoctor
from app.directory.queries.terms import (
    FIRST,
    OPEN,
    PHOTO,
    PRACTICE_COLUMNS,
    PRACTICES,
    SERVICES_COLUMN,
)
from app.directory.rows import (
    Choices,
    Doctor,
    Followable,
    FollowedDoctor,
    Practice,
    Service,
    ShownDoctor,
)
from app.directory.rules import is_slug
from app.directory.words import fold

_ABOUT = "d.qualifications, d.registration_number, d.about, d.languages"
_DOCTOR = f"""
    SELECT d.id, d.user_id, d.slug, d.name, d.speciality, d.designation, {_ABOUT},
           d.approved_at IS NOT NULL AS is_approved, {PHOTO} AS photo_key
    FROM doctors d
"""


async def find_doctor_of_user(user_id: UUID) -> Doctor | None:
    """The doctor who owns this account, approved or not, or None."""
    row = await fetch_one(_DOCTOR + "WHERE d.user_id = $1", user_id)
    return Doctor.of(row) if row else None


async def doctor_shown(slug: str, *, viewer_id: UUID | None) -> ShownDoctor:
    """All that the page of this address says, in one query; raises NoSuchDoctor, also when not approved."""
    row = await fetch_one(
        f"""
        SELECT {PRACTICE_COLUMNS}, {_ABOUT}, {SERVICES_COLUMN} AS services,
               EXISTS (SELECT FROM follows f WHERE f.doctor_id = d.id AND f.user_id = $2) AS is_followed
        FROM {PRACTICES} WHERE d.slug = $1 AND {OPEN} {FIRST}
        """,
        slug if is_slug(slug) else "",
        viewer_id,
    )
    if row is None:
        raise NoSuchDoctor
    practice = Practice.of(row)
    doctor = Doctor(
        id=practice.doctor_id,
        user_id=practice.doctor_user_id,
        slug=practice.doctor_slug,
        name=practice.doctor_name,
        speciality=practice.speciality,
        designation=practice.designation,
        qualifications=row["qualifications"],
        registration_number=row["registration_number"],
        about=row["about"],
        languages=row["languages"],
        is_approved=True,
        photo_key=practice.photo_key,
    )
    return ShownDoctor(practice, doctor, Service.all_of(row["services"]), row["is_followed"])


async def only_doctor() -> str | None:
    """The address of the one doctor there is, or None where there are more or none."""
    rows = await fetch("SELECT d.slug FROM listings l JOIN doctors d ON d.id = l.doctor_id LIMIT 2")
    return rows[0]["slug"] if len(rows) == 1 else None


async def listed_slugs() -> list[str]:
    """The address of every doctor whom patients can find, in order."""
    rows = await fetch("SELECT d.slug FROM listings l JOIN doctors d ON d.id = l.doctor_id ORDER BY d.slug")
    return [row["slug"] for row in rows]


async def choices() -> Choices:
    """The cities, languages and specialities there are doctors for, each once however it is written."""
    row = await fetch_one(
        """
        SELECT array_agg(DISTINCT c.city) AS cities,
               array_agg(DISTINCT spoken.language) FILTER (WHERE spoken.language IS NOT NULL) AS languages,
               (SELECT array_agg(s.key ORDER BY s.doctors DESC, s.key)
                FROM (SELECT speciality AS key, count(*) AS doctors FROM listings GROUP BY 1) s)
                   AS specialities
        FROM listings l
        JOIN practices p ON p.id = l.practice_id
        JOIN clinics c ON c.id = p.clinic_id
        JOIN doctors d ON d.id = l.doctor_id
        LEFT JOIN LATERAL unnest(d.languages) AS spoken(language) ON true
        """
    )
    assert row is not None  # an aggregate over nothing is a row too
    return Choices(_once(row["cities"]), _once(row["languages"]), row["specialities"] or [])


def _once(names: list[str] | None) -> list[str]:
    found: dict[str, str] = {}
    for name in sorted(names or []):
        if key := fold(name):
            found.setdefault(key, name)
    return [found[key] for key in sorted(found)]


async def followable(slug: str, *, user_id: UUID) -> Followable:
    """The doctor of this address whom an account may follow, or follows; raises NoSuchDoctor."""
    row = await fetch_one(
        """
        SELECT d.id AS doctor_id, d.name, l.doctor_id IS NOT NULL AS is_open
        FROM doctors d LEFT JOIN listings l ON l.doctor_id = d.id
        LEFT JOIN follows f ON f.doctor_id = d.id AND f.user_id = $2
        WHERE d.slug = $1 AND (l.doctor_id IS NOT NULL OR f.doctor_id IS NOT NULL)
        """,
        slug if is_slug(slug) else "",
        user_id,
    )
    if row is None:
        raise NoSuchDoctor
    return Followable.of(row)


async def followed_by(user_id: UUID) -> list[FollowedDoctor]:
    """The doctors an account follows, by name, each once; also who cannot be seen any more."""
    rows = await fetch(
        f"""
        SELECT * FROM (
            SELECT DISTINCT ON (d.id) {PRACTICE_COLUMNS}, {OPEN} AS is_open
            FROM follows f JOIN ({PRACTICES}) ON d.id = f.doctor_id
            WHERE f.user_id = $1
            ORDER BY d.id, {OPEN} DESC, p.created_at, p.id) followed
        ORDER BY doctor_name, doctor_id
        """,
        user_id,
    )
    return [FollowedDoctor(Practice.of(row), row["is_open"]) for row in rows]


async def was_approved(user_id: UUID) -> bool:
    """Whether an account's doctor was ever let in, also one who has left since."""
    approved: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM doctors WHERE user_id = $1 AND approved_at IS NOT NULL)", user_id
    )
    return approved
