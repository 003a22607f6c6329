"""Writing letters down together with the job that sends them, and sending them: each once, oldest first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from app import clock
from app.accounts.queries import get_user
from app.accounts.rules import is_erased_email
from app.db.engine import execute, fetch, fetch_one, transaction
from app.events.queries import PastEvent, get_event
from app.jobs.registry import every, task
from app.jobs.services import enqueue
from app.notifications import queries
from app.notifications.errors import MailServerDown, NotYet, Overtaken, Refused
from app.notifications.letters import ANOTHER_ADDRESS, LETTERS
from app.notifications.mail import mail_of, words_of
from app.notifications.post import deliver, sender_domain
from app.notifications.queries import COLUMNS, WAITING, Letter

SEND = "notifications.send_letter"

CLAIM_FOR = timedelta(seconds=40)
"""How long a letter is one worker's alone; longer than `post.SEND_WITHIN`, so two never send it at once."""

TO_MANY = frozenset({"new_days"})
"""Letters that go to very many at once: they and their jobs wait for all others, of which some are urgent."""

LONGEST_REST = timedelta(seconds=60)
"""The longest pause between two tries of one letter."""

GIVE_UP_AFTER = timedelta(days=5)
"""RFC 5321, 4.5.4.1: a letter is given up after four to five days at the earliest."""

OVERDUE_AFTER = timedelta(minutes=2)
"""A letter that waits longer may have lost its job, so it gets a new one."""


async def write_letter(event: PastEvent, kind: str, recipient_id: UUID) -> None:
    """Put down one letter about an event and the job that sends it; written twice it is still one."""
    await write_letters(event, kind, [recipient_id])


async def write_letters(event: PastEvent, kind: str, recipient_ids: Sequence[UUID]) -> None:
    """As `write_letter`, to each of several readers."""
    async with transaction():
        written = await fetch(
            """
            INSERT INTO letters (id, event_id, kind, recipient_id, message_id, created_at)
            SELECT l.id, $1, $2, l.recipient_id, format('<%s@%s>', l.id, $5::text), $6
            FROM unnest($3::uuid[], $4::uuid[]) AS l(id, recipient_id)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            event.id,
            kind,
            [uuid5(event.id, f"{kind} {recipient_id}") for recipient_id in recipient_ids],
            list(recipient_ids),
            sender_domain(),
            clock.now(),
        )
        for row in written:
            await _ask_to_send(row["id"], priority=-1 if kind in TO_MANY else 0)


async def _ask_to_send(letter_id: UUID, *, priority: int = 0) -> None:
    await enqueue(SEND, {"letter_id": letter_id}, dedupe=f"letter:{letter_id}", priority=priority)


@task(SEND, tries=GIVE_UP_AFTER // LONGEST_REST, longest_retry=LONGEST_REST)
async def send_letter(payload: dict[str, Any]) -> None:
    """Send the letter that has waited longest: there is one job for each, so all go out, in order.

    Ends when one letter is out of the way, or when nothing is left for this job. Raises NotDelivered to be
    run again.
    """
    letter = await _claim_oldest(now=clock.now())
    if letter is None:
        if await queries.is_waiting(UUID(payload["letter_id"])):
            raise NotYet
        return
    rest: timedelta | None = min(LONGEST_REST, timedelta(seconds=2 ** min(letter.tries, 6)))
    try:
        await _send(letter)
        rest = None
    except MailServerDown:
        rest = None
        raise
    finally:
        await _put_back(letter.id, rest)


async def _claim_oldest(*, now: datetime) -> Letter | None:
    """The next letter, this worker's alone for CLAIM_FOR; those of TO_MANY come last.

    A rest that ends later than any rest can is left over from a test clock that was put back.
    """
    row = await fetch_one(
        f"""
        UPDATE letters SET rests_until = $2
        WHERE id = (
            SELECT id FROM letters
            WHERE {WAITING} AND (rests_until IS NULL OR rests_until <= $1 OR rests_until > $3)
            ORDER BY kind = ANY($4::text[]), created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {COLUMNS}
        """,
        now,
        now + CLAIM_FOR,
        now + 2 * LONGEST_REST,
        list(TO_MANY),
    )
    return Letter.of(row) if row else None


async def _put_back(letter_id: UUID, rest: timedelta | None) -> None:
    """End the claim; with a `rest` the letter itself failed, and the others go before it for so long."""
    await execute(
        "UPDATE letters SET rests_until = $2, tries = tries + $3 WHERE id = $1",
        letter_id,
        clock.now() + rest if rest else None,
        1 if rest else 0,
    )


async def _send(letter: Letter) -> None:
    """Make the words and hand them to the mail server; note that it took them, or that it is not to go."""
    event, to, now = await get_event(letter.event_id), await get_user(letter.recipient_id), clock.now()
    try:
        if is_erased_email(to.email):
            raise Overtaken
        values = await LETTERS[letter.kind](event, to.id)
        address = values.pop(ANOTHER_ADDRESS, to.email)
        words = words_of(letter.kind, to.language, values)
        mail = mail_of(words, to=address, message_id=letter.message_id, language=to.language, at=now)
        await deliver(mail)
    except Refused as refusal:
        await execute(
            "UPDATE letters SET refused_at = $2, refused_why = $3 WHERE id = $1", letter.id, now, str(refusal)
        )
    else:
        await execute("UPDATE letters SET sent_at = $2 WHERE id = $1", letter.id, now)


@every("notifications.rescue", "* * * * * 30")
async def rescue() -> None:
    """Give letters that wait for too long a job again, in case theirs was lost; a living one stays alone."""
    waiting = await queries.overdue(now=clock.now(), since=OVERDUE_AFTER, at_most=GIVE_UP_AFTER)
    for letter_id in waiting:
        await _ask_to_send(letter_id)
