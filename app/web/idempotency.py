"""`Idempotency-Key`: a program that lost an answer asks again and gets the same one, not a second visit."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.enums import MediaType
from piccolo import columns
from piccolo.table import Table

from app import clock
from app.db.engine import execute, fetch_one
from app.errors import Conflict, Invalid, _
from app.web.visitor import WebRequest

T = TypeVar("T", bound=msgspec.Struct)

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)
"""A request that has not ended by then died with its process; the slowest lives about 25 seconds."""
LONGEST_KEY = 255


class KeptAnswer(Table, tablename="idempotency_keys"):
    """An answer given for one key of one user; without a status it is still being worked out."""

    user_id = columns.UUID(primary_key=True, default=None)
    key = columns.Text()
    request_hash = columns.Bytea()
    status = columns.Integer(null=True, default=None)
    body = columns.Text(null=True, default=None)
    created_at = columns.Timestamptz()


class KeyUsedOtherwise(Conflict):
    """The key came before with another request."""

    slug = "idempotency-key-used"
    message = _("This Idempotency-Key was used for a different request already.")


class StillRunning(Conflict):
    """The same request is being carried out just now."""

    slug = "still-running"
    message = _("The same request is still being carried out. Please ask again in a moment.")


async def once(request: WebRequest, work: Callable[[], Awaitable[T]], *, status: int = 200) -> Response[T]:
    """Answer with what `work` gives, or, for a key seen within 24 hours, with what it gave then.

    Keys are unique for each signed-in user. Without the header `work` simply runs. Refusals are not kept,
    so that the same key can be tried again. The answer is typed as what it encodes. Raises
    KeyUsedOtherwise, StillRunning, Invalid for a bad key.
    """
    key = request.headers.get(HEADER)
    if key is None or request.user is None:
        return _answer(msgspec.json.encode(await work()), status)
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(fields={HEADER: _("Please send 1 to 255 printable ASCII characters.")})
    kept = await _claim(request.user.id, key, await _hash_of(request))
    if kept is not None:
        return _answer(kept[1].encode(), kept[0])
    return await _carry_out(request.user.id, key, work, status)


async def forget_answers_about(ids: Sequence[UUID]) -> None:
    """Let go of kept answers that name one of these, whoever they were given to.

    Answers live for a day, so there are few to look through.
    """
    await execute(
        """
        DELETE FROM idempotency_keys k
        WHERE EXISTS (SELECT FROM unnest($1::text[]) AS one (id) WHERE position(one.id IN k.body) > 0)
        """,
        [str(one) for one in ids],
    )


async def _carry_out(
    user_id: UUID, key: str, work: Callable[[], Awaitable[msgspec.Struct]], status: int
) -> Response[Any]:
    body: bytes | None = None
    try:
        body = msgspec.json.encode(await work())
    finally:
        if body is None:
            await execute(
                "DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND status IS NULL",
                user_id,
                key,
            )
    await execute(
        "UPDATE idempotency_keys SET status = $3, body = $4 WHERE user_id = $1 AND key = $2",
        user_id,
        key,
        status,
        body.decode(),
    )
    return _answer(body, status)


async def _claim(user_id: UUID, key: str, request_hash: bytes) -> tuple[int, str] | None:
    """Take the key for this request (None), or give the answer kept for it."""
    now = clock.now()
    await _forget_old()
    claimed = await fetch_one(
        """
        INSERT INTO idempotency_keys AS k (user_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id, key) DO UPDATE
            SET request_hash = $3, status = NULL, body = NULL, created_at = $4
            WHERE k.created_at <= $5 OR (k.status IS NULL AND k.created_at <= $6 AND k.request_hash = $3)
        RETURNING key
        """,
        user_id,
        key,
        request_hash,
        now,
        now - KEPT_FOR,
        now - ABANDONED_AFTER,
    )
    if claimed is not None:
        return None
    kept = await fetch_one(
        "SELECT request_hash, status, body FROM idempotency_keys WHERE user_id = $1 AND key = $2",
        user_id,
        key,
    )
    if kept is None or (kept["status"] is None and kept["request_hash"] == request_hash):
        raise StillRunning
    if kept["request_hash"] != request_hash:
        raise KeyUsedOtherwise
    return kept["status"], kept["body"]


async def _forget_old() -> None:
    """Each claim clears away a few answers that were kept long enough."""
    await execute(
        """
        DELETE FROM idempotency_keys WHERE (user_id, key) IN (
            SELECT user_id, key FROM idempotency_keys WHERE created_at <= $1 LIMIT 20 FOR UPDATE SKIP LOCKED)
        """,
        clock.now() - KEPT_FOR,
    )


async def _hash_of(request: WebRequest) -> bytes:
    call = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(call + await request.body()).digest()


def _answer(body: bytes, status: int) -> Response[Any]:
    return Response(body, status_code=status, media_type=MediaType.JSON)
