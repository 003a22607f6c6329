"""The read model that search looks through, kept in the transaction of each change to what it shows."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from app.accounts.services import make_public
from app.db.engine import execute, fetch, transaction
from app.directory.queries.terms import OPEN, PRACTICES, SERVICES_COLUMN, WELCOME
from app.directory.rows import Service, first_service
from app.directory.specialities import SPECIALITY_WORDS
from app.directory.words import all_words_of, fold, keys_of

LISTING_VERSION = 2
"""To be raised whenever listings of the same doctor would come out otherwise; a job then writes all anew."""

AT_ONCE = 200
"""Doctors written anew in one transaction, which keeps them locked."""


async def relist(practice_ids: Collection[UUID]) -> None:
    """List these practices as they are now, or no longer; runs in the transaction of the change, or its own.

    A doctor is listed at the first open practice, so the doctor's other practices are looked at as well.
    """
    rows = await fetch(
        "SELECT DISTINCT doctor_id FROM practices WHERE id = ANY($1::uuid[])", list(practice_ids)
    )
    await relist_doctors([row["doctor_id"] for row in rows])


async def relist_doctors(doctor_ids: Collection[UUID]) -> None:
    """List these doctors as they are now, or no longer; their accounts are public as long as they are listed.

    Locks them first: of two changes at the same moment the later one reads what both have written.
    """
    ids = list(doctor_ids)
    async with transaction():
        doctors = await fetch(
            "SELECT id, user_id FROM doctors WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids
        )
        found = await fetch(
            f"""
            SELECT DISTINCT ON (p.doctor_id) p.id, p.doctor_id, d.name, d.speciality, d.languages,
                   c.name AS clinic, c.city, {SERVICES_COLUMN} AS services
            FROM {PRACTICES} WHERE p.doctor_id = ANY($1::uuid[]) AND {OPEN} AND {WELCOME}
            ORDER BY p.doctor_id, p.created_at, p.id
            """,
            ids,
        )
        await execute(
            "DELETE FROM listings WHERE doctor_id = ANY($1::uuid[]) AND practice_id <> ALL($2::uuid[])",
            ids,
            [row["id"] for row in found],
        )
        for row in found:
            await _write(row, Service.all_of(row["services"]))
        await _show(doctors, {row["doctor_id"] for row in found})


async def _show(doctors: Sequence[Record], listed: Collection[UUID]) -> None:
    for is_public in (True, False):
        accounts = [row["user_id"] for row in doctors if (row["id"] in listed) is is_public]
        await make_public(accounts, is_public=is_public)


async def _write(row: Record, services: Sequence[Service]) -> None:
    first = first_service(services)
    names, speciality = all_words_of(row["name"]), SPECIALITY_WORDS[row["speciality"]]
    words = dict.fromkeys(all_words_of(row["city"]), "D")
    words |= dict.fromkeys(all_words_of(" ".join([row["clinic"], *(one.name for one in services)])), "C")
    words |= dict.fromkeys(
        all_words_of(f"{row['speciality']} {speciality.name} {speciality.hindi} {speciality.words}"), "B"
    )
    words |= dict.fromkeys(names, "A")
    await execute(
        """
        INSERT INTO listings AS l
            (practice_id, doctor_id, speciality, city, languages, fee_paise, words, near, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7::text::tsvector, array_to_tsvector($8::text[]), $9)
        ON CONFLICT (practice_id) DO UPDATE SET
            speciality = excluded.speciality, city = excluded.city, languages = excluded.languages,
            fee_paise = excluded.fee_paise, words = excluded.words, near = excluded.near,
            version = excluded.version
        """,
        row["id"],
        row["doctor_id"],
        row["speciality"],
        fold(row["city"]),
        sorted({fold(language) for language in row["languages"]}),
        first.fee_paise if first else None,
        " ".join(f"'{word}':1{weight}" for word, weight in sorted(words.items())),
        sorted({key for word in words for key in keys_of(word, is_name=word in names)}),
        LISTING_VERSION,
    )


async def relist_stale() -> int:
    """List whoever is missing, listed in an older way, or listed and not to be seen; how many that were."""
    rows = await fetch(
        f"""
        SELECT DISTINCT p.doctor_id FROM {PRACTICES} LEFT JOIN listings l ON l.practice_id = p.id
        WHERE CASE WHEN l.practice_id IS NOT NULL THEN l.version <> $1 OR NOT ({OPEN} AND {WELCOME})
                   ELSE {OPEN} AND {WELCOME}
                        AND NOT EXISTS (SELECT FROM listings o WHERE o.doctor_id = p.doctor_id) END
        ORDER BY p.doctor_id
        """,
        LISTING_VERSION,
    )
    ids = [row["doctor_id"] for row in rows]
    for start in range(0, len(ids), AT_ONCE):
        await relist_doctors(ids[start : start + AT_ONCE])
    return len(ids)
