"""Reading what somebody agreed to, the copies they asked for, and when they left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app.accounts.errors import NoSuchCopy
from app.accounts.rules import EXPORT_STUCK_AFTER, NOTICE_VERSION
from app.db.engine import fetch, fetch_one
from app.errors import NotFound


@dataclass(frozen=True)
class Consent:
    """One version of the notice, accepted; `through` says where: page, api or desk."""

    notice_version: str
    language: str
    through: str
    accepted_at: datetime

    @property
    def is_of_today(self) -> bool:
        """Whether the notice still says what was accepted."""
        return self.notice_version == NOTICE_VERSION


@dataclass(frozen=True)
class Copy:
    """A copy of all that is kept of somebody: on its way, or there until `expires_at`; `bytes` once it is."""

    id: UUID
    user_id: UUID
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    bytes: int | None

    @classmethod
    def of(cls, row: Record) -> "Copy":
        """From a row that has a column for each field."""
        return cls(**dict(row))

    @property
    def is_ready(self) -> bool:
        """Whether it can be downloaded."""
        return self.ready_at is not None


@dataclass(frozen=True)
class Erasure:
    """An account that was given up: when, and until when a copy is kept; `is_sealed` once it is put away."""

    user_id: UUID
    asked_at: datetime
    kept_until: datetime
    masked_at: datetime | None
    is_sealed: bool


async def consents_of(user_id: UUID) -> list[Consent]:
    """What an account accepted, the newest first."""
    rows = await fetch(
        "SELECT notice_version, language, through, accepted_at FROM consents "
        "WHERE user_id = $1 ORDER BY accepted_at DESC, id",
        user_id,
    )
    return [Consent(**dict(row)) for row in rows]


_COPY = "SELECT id, user_id, asked_at, ready_at, expires_at, bytes FROM exports WHERE removed_at IS NULL"
_OPEN = "ready_at IS NULL AND asked_at > $2"
_THERE = "ready_at IS NOT NULL AND expires_at > $2"


async def find_open_export(user_id: UUID, *, now: datetime) -> Copy | None:
    """The copy that is being made for an account, or None."""
    row = await fetch_one(f"{_COPY} AND user_id = $1 AND {_OPEN}", user_id, now - EXPORT_STUCK_AFTER)
    return Copy.of(row) if row else None


async def find_ready_export(user_id: UUID, *, now: datetime) -> Copy | None:
    """The newest copy an account can download, or None."""
    row = await fetch_one(
        f"{_COPY} AND user_id = $1 AND {_THERE} ORDER BY ready_at DESC, id LIMIT 1", user_id, now
    )
    return Copy.of(row) if row else None


async def get_ready_export(export_id: UUID, *, user_id: UUID, now: datetime) -> Copy:
    """A copy to download, by its owner; raises NoSuchCopy for anybody else, and once its week is over."""
    row = await fetch_one(f"{_COPY} AND user_id = $1 AND {_THERE} AND id = $3", user_id, now, export_id)
    if row is None:
        raise NoSuchCopy
    return Copy.of(row)


async def find_export(export_id: UUID) -> Copy | None:
    """A copy that is wanted, made or not, or None."""
    row = await fetch_one(f"{_COPY} AND id = $1", export_id)
    return Copy.of(row) if row else None


async def open_exports(*, now: datetime) -> list[UUID]:
    """Copies that are still to be made, the oldest first."""
    rows = await fetch(
        "SELECT id FROM exports WHERE removed_at IS NULL AND ready_at IS NULL AND asked_at > $1 "
        "ORDER BY asked_at LIMIT 100",
        now - EXPORT_STUCK_AFTER,
    )
    return [row["id"] for row in rows]


_ERASURE = (
    "SELECT user_id, asked_at, kept_until, masked_at, sealed IS NOT NULL AS is_sealed FROM erasures WHERE "
)


async def get_erasure(user_id: UUID) -> Erasure:
    """The erasure of an account; raises NotFound."""
    row = await fetch_one(_ERASURE + "user_id = $1", user_id)
    if row is None:
        raise NotFound
    return Erasure(**dict(row))


async def erasures_to_mask() -> list[Erasure]:
    """Accounts that were given up and still say whose they are, the oldest first.

    All of them: those whose last letter cannot go out just now must not hide the others.
    """
    rows = await fetch(_ERASURE + "masked_at IS NULL ORDER BY asked_at")
    return [Erasure(**dict(row)) for row in rows]


async def erasures_to_finish(*, now: datetime) -> list[Erasure]:
    """Accounts of which nothing need be kept any more, the longest due first."""
    rows = await fetch(
        _ERASURE + "done_at IS NULL AND masked_at IS NOT NULL AND kept_until <= $1 "
        "ORDER BY kept_until LIMIT 100",
        now,
    )
    return [Erasure(**dict(row)) for row in rows]
