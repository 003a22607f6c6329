"""The book of tries to log in: who, when, from where, on what, and what became of it."""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import key_for
from app.accounts.where import Where
from app.db.engine import execute

RESULTS = (
    "entered",
    "wrong_password",
    "unknown_account",
    "second_step_asked",
    "wrong_code",
    "locked",
    "limited",
    "blocked",
)
KEPT_FOR = timedelta(days=400)
"""DPDP Rules 2025, rule 8(3): logs of access are kept for at least a year."""

_AT_ONCE = 5_000


def fingerprint_of(identifier: str) -> bytes:
    """What is kept of a typed identifier: the same for the same text, and to nobody without our key."""
    return hmac.digest(key_for("log-in identifiers"), identifier.encode("utf-8", "replace"), "sha256")


async def note_try(result: str, user_ids: Sequence[UUID | None], fingerprint: bytes, *, where: Where) -> None:
    """Write down one try; a mobile that several accounts share is a try at each of them."""
    await execute(
        """
        INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, device_id, result)
        SELECT t.id, $3, t.user_id, $4, $5, $6, $7, $8 FROM unnest($1::uuid[], $2::uuid[]) AS t(id, user_id)
        """,
        [uuid4() for _ in user_ids],
        list(user_ids),
        clock.now(),
        fingerprint,
        where.address,
        where.device,
        where.device_id,
        result,
    )


async def forget_old_tries() -> None:
    """Delete what need not be kept any longer, and second steps that were over a day ago."""
    now = clock.now()
    tag = f"DELETE {_AT_ONCE}"
    while tag == f"DELETE {_AT_ONCE}":
        tag = await execute(
            "DELETE FROM log_in_tries WHERE id IN (SELECT id FROM log_in_tries WHERE at < $1 LIMIT $2)",
            now - KEPT_FOR,
            _AT_ONCE,
        )
    await execute("DELETE FROM log_in_challenges WHERE expires_at < $1", now - timedelta(days=1))
