"""What accounts keep of a person, to be taken along and to be erased; and whom all rooms mean by it."""

from dataclasses import dataclass
from uuid import UUID

from app import clock
from app.accounts.photos import EDGES
from app.accounts.queries import get_user
from app.accounts.rules import ERASED_NAME, erased_email
from app.accounts.services.exports import forget_export
from app.accounts.services.photos import file_of, forget_files
from app.db.engine import execute, fetch, fetch_value, transaction
from app.db.plain import Rows, plain_rows
from app.storage import files

Export = dict[str, Rows]
"""Rows of a person by the name of their table, ready to be written down."""


@dataclass(frozen=True)
class Subject:
    """Somebody with an account, and everybody they book for: whom an export and an erasure are about."""

    user_id: UUID
    person_ids: tuple[UUID, ...]
    email: str
    role: str

    @property
    def ids(self) -> list[UUID]:
        """Every id that stands for them in the log."""
        return [self.user_id, *self.person_ids]


async def subject_of(user_id: UUID) -> Subject:
    """The subject an account is; raises NotFound."""
    account = await get_user(user_id)
    rows = await fetch("SELECT id FROM persons WHERE account_id = $1 ORDER BY created_at, id", user_id)
    return Subject(user_id, tuple(row["id"] for row in rows), account.email, account.role)


_EXPORTED = {
    "users": """
        SELECT id, name, email, mobile, role, language, email_verified_at, is_public, created_at
        FROM users WHERE id = $1""",
    "persons": """
        SELECT id, name, birth_year, sex, mobile, relation, created_at, removed_at
        FROM persons WHERE account_id = $1 ORDER BY created_at, id""",
    "consents": """
        SELECT notice_version, language, through, accepted_at
        FROM consents WHERE user_id = $1 ORDER BY accepted_at, id""",
    "sessions": """
        SELECT id, created_at, last_seen_at, expires_at, address, device, ended_at, ended_why
        FROM sessions WHERE user_id = $1 ORDER BY created_at, id""",
    "known_devices": """
        SELECT device_id, name, address, first_seen_at, last_seen_at, forgotten_at
        FROM known_devices WHERE user_id = $1 ORDER BY first_seen_at, device_id""",
    "log_in_tries": """
        SELECT at, address, device, result FROM log_in_tries WHERE user_id = $1 ORDER BY at, id""",
    "log_in_challenges": """
        SELECT kind, created_at, expires_at, tries, used_at
        FROM log_in_challenges WHERE user_id = $1 ORDER BY created_at, id""",
    "totp_keys": "SELECT created_at, confirmed_at FROM totp_keys WHERE user_id = $1",
    "recovery_codes": """
        SELECT created_at, used_at FROM recovery_codes WHERE user_id = $1 ORDER BY created_at, code_hash""",
    "email_confirmations": """
        SELECT purpose, new_email, created_at, used_at
        FROM email_confirmations WHERE user_id = $1 ORDER BY created_at, id""",
    "photos": "SELECT key, created_at, removed_at FROM photos WHERE user_id = $1 ORDER BY created_at, key",
    "exports": """
        SELECT asked_at, ready_at, expires_at, bytes, removed_at
        FROM exports WHERE user_id = $1 ORDER BY asked_at, id""",
    "idempotency_keys": """
        SELECT key, status, created_at FROM idempotency_keys WHERE user_id = $1 ORDER BY created_at, key""",
}
"""What is taken along; hashes of passwords, tokens and codes stay, since they only open doors."""

_WIPED = (
    "UPDATE persons SET name = $2, birth_year = NULL, sex = NULL, mobile = NULL WHERE account_id = $1",
    "UPDATE users SET name = $2, mobile = NULL, mobile_hash = NULL, password_hash = '', language = 'en', "
    "is_public = false WHERE id = $1",
)
_LET_GO = (
    "UPDATE sessions SET address = '', device = '', device_id = NULL WHERE user_id = $1",
    "DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)",
    "DELETE FROM known_devices WHERE user_id = $1",
    "DELETE FROM log_in_challenges WHERE user_id = $1",
    "DELETE FROM totp_keys WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
    "DELETE FROM pending_sign_ups WHERE confirmation_id IN "
    "(SELECT id FROM email_confirmations WHERE user_id = $1)",
    "DELETE FROM email_confirmations WHERE user_id = $1",
    "DELETE FROM idempotency_keys WHERE user_id = $1",
)
"""Tries to log in are not among them: they are kept as long as the law asks, and go with `forget`."""


async def export(who: Subject) -> Export:
    """Everything accounts keep of somebody, but for what only opens doors."""
    return {table: await plain_rows(sql, who.user_id) for table, sql in _EXPORTED.items()}


async def pictures(who: Subject) -> list[bytes]:
    """The photo somebody shows, in its largest size; none where they show none. Raises StorageAway."""
    key = await fetch_value("SELECT key FROM photos WHERE user_id = $1 AND removed_at IS NULL", who.user_id)
    picture = await files.find(file_of(key, max(EDGES))) if key else None
    return [picture] if picture else []


async def erase(who: Subject) -> None:
    """Take name, address, number and everything about how they came in out of an account and its people."""
    async with transaction():
        for sql in _WIPED:
            await execute(sql, who.user_id, ERASED_NAME)
        for sql in _LET_GO:
            await execute(sql, who.user_id)
        await execute("UPDATE users SET email = $2 WHERE id = $1", who.user_id, erased_email(who.user_id))
        await execute(
            "UPDATE photos SET removed_at = $2 WHERE user_id = $1 AND removed_at IS NULL",
            who.user_id,
            clock.now(),
        )


async def erase_files(who: Subject) -> None:
    """Take out photos, after `erase`, and copies, also such as no row says are there; until it succeeds.

    Raises StorageAway.
    """
    for row in await fetch("SELECT key FROM photos WHERE user_id = $1", who.user_id):
        await forget_files(row["key"])
    for row in await fetch("SELECT id FROM exports WHERE user_id = $1", who.user_id):
        await forget_export(row["id"])


async def forget(who: Subject) -> None:
    """Let go of what was only kept because the law asks for it: the log of log-ins."""
    await execute("DELETE FROM log_in_tries WHERE user_id = $1", who.user_id)
