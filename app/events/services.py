"""Writing down what happened, in the same transaction as the change itself, and telling all processes."""

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

from app import clock
from app.db.engine import DB, execute
from app.db.notices import CHANNEL, Notice
from app.events.actor import Actor
from app.events.registry import listeners_of
from app.jobs.services import enqueue


async def publish(
    name: str,
    subject_id: UUID,
    *,
    by: Actor,
    facts: Mapping[str, object] | None = None,
    private: Mapping[UUID, Mapping[str, str]] | None = None,
) -> UUID:
    """Append one event, wake who listens for its name, and tell open pages, all with the caller's commit.

    `facts` holds ids, states, times, paise and names of changed fields, nothing personal; `private`
    maps a person's id to free text and personal values, kept apart so that they can be erased. Facts named
    practice_id and doctor_id say whose pages may have changed.
    Returns the event's id. Raises RuntimeError outside a transaction, where the log could part from
    the change it tells of.
    """
    if DB.current_transaction.get() is None:
        raise RuntimeError("An event is written in the transaction of its change.")
    event_id = uuid4()
    await execute(
        "INSERT INTO events (id, name, at, subject_id, by_id, by_role, facts) VALUES ($1,$2,$3,$4,$5,$6,$7) "
        "RETURNING pg_notify($8, $9)",
        event_id,
        name,
        clock.now(),
        subject_id,
        by.id,
        by.role,
        json.dumps(facts or {}, default=str),
        CHANNEL,
        _notice(name, subject_id, facts or {}).as_text(),
    )
    for person_id, content in (private or {}).items():
        await execute(
            "INSERT INTO event_private (event_id, person_id, content) VALUES ($1,$2,$3)",
            event_id,
            person_id,
            json.dumps(content),
        )
    for task in listeners_of(name):
        await enqueue(task, {"event_id": str(event_id)}, dedupe=f"{task}:{event_id}")
    return event_id


async def note(name: str, subject_id: UUID, *, by: Actor, facts: Mapping[str, object] | None = None) -> None:
    """Append one event that nobody waits for: neither listeners nor open pages hear of it.

    For what was looked at, which changes nothing: a page that were told would fetch itself again, and that
    would be looked at once more. One statement, so it needs no transaction of its own.
    """
    await execute(
        "INSERT INTO events (id, name, at, subject_id, by_id, by_role, facts) VALUES ($1,$2,$3,$4,$5,$6,$7)",
        uuid4(),
        name,
        clock.now(),
        subject_id,
        by.id,
        by.role,
        json.dumps(facts or {}, default=str),
    )


def _notice(name: str, subject_id: UUID, facts: Mapping[str, object]) -> Notice:
    def named(key: str) -> UUID | None:
        value = facts.get(key)
        return UUID(str(value)) if value is not None else None

    was = facts.get("from")
    return Notice(
        name, subject_id, named("practice_id"), named("doctor_id"), str(was) if was is not None else None
    )
