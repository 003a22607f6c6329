"""Who may come in at all, and as what: blocking, unblocking, another role.

Each ends what the account had open in the same transaction, so that it holds on the very next request.
"""

from dataclasses import dataclass
from uuid import UUID

from app import clock
from app.accounts.errors import AccountBlocked, AccountErased, LastAdmin, OwnAccount
from app.accounts.passwords import NO_PASSWORD
from app.accounts.rules import ROLES, read_choice
from app.accounts.services import totp
from app.accounts.services.password import invite_to_set_password
from app.accounts.services.proofs import new_proof, spend_proofs
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch, transaction
from app.db.retry import retried
from app.errors import NotFound
from app.events.actor import Actor
from app.events.names import (
    PASSWORD_RESET_ASKED,
    ROLE_CHANGED,
    SESSIONS_ENDED,
    USER_BLOCKED,
    USER_UNBLOCKED,
)
from app.events.services import publish

DESK_ROLES = ("reception", "admin")
"""Roles that are given by hand and see what belongs to others."""


@dataclass(frozen=True)
class Standing:
    """An account that is locked, so that nothing of this changes until the transaction ends."""

    id: UUID
    role: str
    is_verified: bool
    is_blocked: bool
    is_erased: bool

    @property
    def can_come_in(self) -> bool:
        """Whether its owner has proved the address and is not shut out."""
        return self.is_verified and not self.is_blocked


async def lock_account(user_id: UUID) -> Standing:
    """Keep an account as it stands until the transaction ends, before its role or block is decided by.

    Whoever changes a doctor's row too locks that first. Raises NotFound.
    """
    user, _admins = await _locked(user_id)
    return user


@retried
async def block(user_id: UUID, *, why: str, by: Actor) -> None:
    """Shut an account out at once: its sessions and tokens, links of letters, log-ins begun; twice is once.

    `why` may be empty; the person reads it in a letter. Raises NotFound, OwnAccount, LastAdmin.
    """
    async with transaction():
        user, other_admins = await _locked(user_id)
        if user.is_blocked:
            return
        _check_admins(user, other_admins, by)
        await execute("UPDATE users SET blocked_at = $2 WHERE id = $1", user_id, clock.now())
        await end_sessions(user_id, why="blocked")
        await spend_proofs(user_id)
        await publish(USER_BLOCKED, user_id, by=by, private={user_id: {"why": why}} if why else None)


async def unblock(user_id: UUID, *, by: Actor) -> None:
    """Let an account in again; what was ended stays ended, twice is once. Raises NotFound, AccountErased."""
    async with transaction():
        user = await lock_account(user_id)
        if user.is_erased:
            raise AccountErased
        if not user.is_blocked:
            return
        await execute("UPDATE users SET blocked_at = NULL WHERE id = $1", user_id)
        await publish(USER_UNBLOCKED, user_id, by=by)


@retried
async def change_role(user_id: UUID, role: str, *, by: Actor) -> None:
    """Give an account another role and end its sessions, which began with the old one; twice is once.

    Whoever comes to a desk with an address that nobody has proved to own loses the password, which a stranger
    may have chosen: the caller sends the letter that leads to another. Whoever leaves the staff leaves its
    second step, for which patients have no page. `role` is one of `rules.ROLES`; who works where is the
    directory's. Raises BadValue for a role there is none of, NotFound, AccountErased, OwnAccount, LastAdmin.
    """
    role = read_choice(ROLES)(role)
    async with transaction():
        user, other_admins = await _locked(user_id)
        if user.is_erased:
            raise AccountErased
        if user.role == role:
            return
        _check_admins(user, other_admins, by)
        await execute("UPDATE users SET role = $2 WHERE id = $1", user_id, role)
        facts: dict[str, object] = {"from": user.role, "to": role}
        if role in DESK_ROLES and not user.is_verified:
            facts["password_taken"] = True
            await execute("UPDATE users SET password_hash = $2 WHERE id = $1", user_id, NO_PASSWORD)
            await spend_proofs(user_id)
        if role == "patient":
            await totp.turn_off(user_id, by=by)
        await end_sessions(user_id, why="role_changed")
        await publish(ROLE_CHANGED, user_id, by=by, facts=facts)


@retried
async def end_all_sessions(user_id: UUID, *, by: Actor) -> None:
    """Log an account out wherever it is logged in; the person may log in again.

    Raises NotFound, OwnAccount.
    """
    _check_other(user_id, by)
    async with transaction():
        await lock_account(user_id)
        await end_sessions(user_id, why="ended_by_admin")
        await publish(SESSIONS_ENDED, user_id, by=by, facts={"why": "ended_by_admin"})


async def take_second_step(user_id: UUID, *, by: Actor) -> None:
    """Take the authenticator app away from somebody who lost it; every session ends. Off already, nothing.

    An administrator's own goes with password and code, as everybody's own does: who finds a browser open has
    neither. Raises NotFound, OwnAccount.
    """
    _check_other(user_id, by)
    async with transaction():
        await lock_account(user_id)
        await totp.turn_off(user_id, by=by)


async def send_password_letter(user_id: UUID, *, by: Actor) -> None:
    """Send the letter with which somebody chooses a new password; until then the old one holds.

    Whoever never confirmed the address gets the one that waits for a week. Raises NotFound, AccountBlocked,
    OwnAccount.
    """
    _check_other(user_id, by)
    async with transaction():
        user = await lock_account(user_id)
        if user.is_blocked:
            raise AccountBlocked
        if not user.is_verified:
            await invite_to_set_password(user_id, by=by)
            return
        proof_id = await new_proof(user_id, "reset_password")
        await publish(PASSWORD_RESET_ASKED, user_id, by=by, facts={"confirmation_id": proof_id})


async def _locked(user_id: UUID) -> tuple[Standing, list[Standing]]:
    """The account, and where it is an administrator's every other who can come in, all locked.

    In one order for everybody: of two who shut each other out the second waits, and finds nobody left.
    """
    rows = await fetch(
        """
        SELECT id, role, email_verified_at IS NOT NULL AS is_verified, blocked_at IS NOT NULL AS is_blocked,
               erased_at IS NOT NULL AS is_erased
        FROM users
        WHERE id = $1 OR (role = 'admin' AND blocked_at IS NULL AND email_verified_at IS NOT NULL
                          AND (SELECT role FROM users WHERE id = $1) = 'admin')
        ORDER BY id FOR NO KEY UPDATE
        """,
        user_id,
    )
    locked = [Standing(**dict(row)) for row in rows]
    mine = [one for one in locked if one.id == user_id]
    if not mine:
        raise NotFound
    return mine[0], [one for one in locked if one.id != user_id]


def _check_admins(user: Standing, others: list[Standing], by: Actor) -> None:
    """Nobody is left alone with a house that no administrator can enter."""
    if user.role == "admin":
        _check_other(user.id, by)
        if user.can_come_in and not others:
            raise LastAdmin


def _check_other(user_id: UUID, by: Actor) -> None:
    """What is one's own is changed where the password is asked for, not with an administrator's rights."""
    if user_id == by.id:
        raise OwnAccount
