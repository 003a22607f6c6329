"""Holding an account still for an act that was allowed a moment ago, and may not be any more."""

from app import clock
from app.accounts.errors import ChangedMeanwhile
from app.accounts.queries import Account
from app.db.engine import fetch_value


async def hold(account: Account, *, proof: str | None = None) -> None:
    """Let nobody end the account's sessions or change its password until this transaction ends.

    `proof` is the hash a typed password was compared with, outside the transaction. Raises ChangedMeanwhile
    where it is not the password any more, the account is blocked, or the session that asks has ended.
    """
    held = await fetch_value(
        "SELECT true FROM users WHERE id = $1 AND blocked_at IS NULL "
        "AND password_hash = coalesce($2, password_hash) FOR NO KEY UPDATE",
        account.id,
        proof,
    )
    if not held or not await _is_live(account):
        raise ChangedMeanwhile


async def _is_live(account: Account) -> bool:
    """Looked at once the account is locked: a statement sees what was there when it began to wait."""
    if account.session_id is None:
        return True
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM sessions "
        "WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3)",
        account.session_id,
        account.id,
        clock.now(),
    )
    return found
