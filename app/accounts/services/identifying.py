"""Whom a log-in means: the accounts behind an e-mail address or a mobile, or nobody, who is treated alike."""

from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from app.accounts.rules import ACCOUNTS_OF_A_MOBILE, BadValue, read_email, read_mobile
from app.accounts.services.tries import fingerprint_of
from app.db.engine import fetch


@dataclass(frozen=True)
class Candidate:
    """An account a log-in may mean; without `password_hash`, no password is right."""

    user_id: UUID | None
    password_hash: str | None = field(repr=False)
    role: str
    knows_device: bool
    is_blocked: bool
    subject: str
    """What tries at it are counted under: a new password begins with none."""
    sessions_epoch: int | None = None
    """As it was before the password was looked at: a log-in begins only while it is the same."""


@dataclass(frozen=True)
class Identified:
    """What was typed and whom it may mean, at least a nobody, those who know the device first.

    Tries are counted under `subject` too, and this alone is what the answer shows: else a lock met by the
    e-mail address would show when its mobile is tried, and that both are one person's.
    """

    subject: str
    fingerprint: bytes
    candidates: list[Candidate]

    @property
    def user_ids(self) -> list[UUID | None]:
        """The accounts it may mean; one None where there is none."""
        return [one.user_id for one in self.candidates]

    @property
    def knows_device(self) -> bool:
        """Whether one of the accounts was used on the device that asks."""
        return any(one.knows_device for one in self.candidates)


_CANDIDATE = """
SELECT u.id, u.role, u.blocked_at IS NOT NULL AS is_blocked, k.user_id IS NOT NULL AS knows_device,
       u.sessions_epoch, CASE WHEN u.blocked_at IS NULL THEN u.password_hash END AS password_hash
FROM users u LEFT JOIN known_devices k
    ON k.user_id = u.id AND k.device_id = $2 AND k.forgotten_at IS NULL AND u.blocked_at IS NULL
"""


async def identify(typed: str, device_id: UUID | None) -> Identified:
    """Whom somebody means who typed an e-mail address, or a mobile, which several accounts may share.

    A mobile proves nothing; of those who share it, confirmed addresses come first.
    """
    name, rows = " ".join(typed.split())[:320], []
    try:
        name = read_email(typed)
        rows = await fetch(f"{_CANDIDATE} WHERE u.email = $1", name, device_id)
    except BadValue:
        try:
            name = read_mobile(typed)
            rows = await fetch(
                f"{_CANDIDATE} WHERE u.mobile = $1 ORDER BY k.user_id IS NULL, u.blocked_at IS NOT NULL, "
                "u.email_verified_at IS NULL, u.created_at, u.id LIMIT $3",
                name,
                device_id,
                ACCOUNTS_OF_A_MOBILE,
            )
        except BadValue:
            pass
    candidates = [_candidate(row) for row in rows] or [_nobody(name)]
    proof = (rows[0]["password_hash"] or "") if rows and "@" in name else ""
    return Identified(fingerprint_of(f"{name} {proof}").hex(), fingerprint_of(name), candidates)


def _candidate(row: Record) -> Candidate:
    return Candidate(
        user_id=row["id"],
        password_hash=row["password_hash"],
        role=row["role"],
        knows_device=row["knows_device"],
        is_blocked=row["is_blocked"],
        subject=fingerprint_of(f"account {row['id']} {row['password_hash']}").hex(),
        sessions_epoch=row["sessions_epoch"],
    )


def _nobody(name: str) -> Candidate:
    return Candidate(None, None, "", False, False, fingerprint_of(f"nobody {name}").hex())
