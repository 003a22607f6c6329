"""What the log keeps of a person: it takes ids, since it does not know what they stand for."""

import json
from collections.abc import Sequence
from uuid import UUID

from app.db.engine import execute
from app.db.plain import Rows, plain_rows

_ABOUT = """
SELECT seq FROM events WHERE subject_id = ANY($1::uuid[]) OR subject_id = ANY($2::uuid[]) OR by_id = $3
UNION
SELECT e.seq FROM unnest($1::uuid[]) AS mine (id)
JOIN events e ON e.facts ? 'person_ids' AND e.facts -> 'person_ids' @> jsonb_build_array(mine.id::text)
"""
"""Events about somebody or their things, made by them, or by which staff saw them in a list."""


async def export(ids: Sequence[UUID], things: Sequence[UUID], *, user_id: UUID) -> dict[str, Rows]:
    """Everything that happened to a person, to what is theirs, and by them.

    `ids` stand for the account and its people, `things` for visits and the like. What somebody did to others
    is told by its name and time alone: facts about others are theirs. Who of the staff acted or looked is
    told by the role.
    """
    rows = await plain_rows(
        f"""
        SELECT e.id, e.at, e.name, e.by_role, e.by_id IS NOT DISTINCT FROM $3 AS by_you,
               CASE WHEN is_own THEN e.subject_id END AS subject_id,
               CASE WHEN is_own THEN e.facts - 'person_ids' END AS facts
        FROM events e
        CROSS JOIN LATERAL (
            SELECT (e.subject_id = ANY($1::uuid[]) OR e.subject_id = ANY($2::uuid[]))
                   AND NOT e.facts ? 'person_ids' AS is_own) own
        WHERE e.seq IN ({_ABOUT}) ORDER BY e.seq
        """,
        list(ids),
        list(things),
        user_id,
    )
    words = await plain_rows(
        "SELECT event_id, content FROM event_private WHERE person_id = ANY($1::uuid[]) ORDER BY event_id",
        list(ids),
    )
    return {"events": _read(rows, "facts"), "event_private": _read(words, "content")}


async def erase(ids: Sequence[UUID], things: Sequence[UUID]) -> None:
    """Erase what was written by or to a person, and by anybody about what is theirs; the log itself stays."""
    await execute(
        """
        DELETE FROM event_private WHERE person_id = ANY($1::uuid[])
            OR event_id IN (SELECT id FROM events
                            WHERE subject_id = ANY($1::uuid[]) OR subject_id = ANY($2::uuid[]))
        """,
        list(ids),
        list(things),
    )


def _read(rows: Rows, column: str) -> Rows:
    """The same rows with a column of JSON read."""
    return [{**row, column: json.loads(str(row[column])) if row[column] else None} for row in rows]
