"""Logging in by password: who may try, whether it is right, and whether a second step is due."""

from contextlib import suppress
from uuid import UUID

from app.accounts.errors import LogInLocked, WrongLogIn
from app.accounts.passwords import hash_password, is_outdated, is_password
from app.accounts.rules import LONGEST_PASSWORD, STAFF_ROLES, same_password
from app.accounts.services import totp
from app.accounts.services.by_mobile import learn_mobile, who_has
from app.accounts.services.challenges import Challenge, begin_challenge
from app.accounts.services.identifying import Candidate, Identified, identify
from app.accounts.services.lockout import Guess, guess, tell_owner
from app.accounts.services.sessions import Tokens, open_session
from app.accounts.services.tries import note_try
from app.accounts.where import Where
from app.db.engine import execute
from app.errors import TooMany
from app.settings import settings
from app.web.limits import spend


async def log_in(
    identifier: str, password: str, *, address: str, device: str, device_id: UUID | None = None
) -> Tokens | Challenge:
    """Open a session for whoever knows the password of an e-mail address or mobile, or ask a second step.

    `address` is the network address, `device` what the browser or program calls itself, `device_id` which one
    it is, where it has proved that. A mobile proves nothing and may belong to several accounts, so the
    password decides among them. Raises WrongLogIn, the same and after the same work for unknown, wrong and
    blocked; LogInLocked after too many tries at what was typed, TooMany after too many from one address.
    """
    where = Where(address, device, device_id)
    whom = await identify(identifier, device_id)
    await _limit(whom, where)
    attempt = guess(whom.subject, where, is_known=whom.knows_device)
    try:
        await attempt.count()
    except TooMany as refusal:
        await _locked(whom, where)
        raise LogInLocked(retry_after=refusal.retry_after) from None
    look = _is_owner if whom.mobile is None else who_has
    found = await look(same_password(password), whom, attempt, where)
    if found is None:
        raise WrongLogIn
    return await _enter(found, same_password(password), where)


async def _limit(whom: Identified, where: Where) -> None:
    """Count a try of this address, or of a device that is known: behind one address there are many people.

    Of those refused some are noted, not so many that they fill the book.
    """
    who = f"device {where.device_id}" if whom.knows_device else where.address
    try:
        await spend("log_in", who)
    except TooMany:
        with suppress(TooMany):
            await spend("log_in_refusals_noted", who)
            await note_try("limited", [whom.meant.user_id], whom.fingerprint, where=where)
        raise


async def _is_owner(password: str, whom: Identified, shown: Guess, where: Where) -> Candidate | None:
    """The account of an e-mail address, if it is its password; one that is locked stays shut.

    That is not said: the answer tells of locks of what was typed, not of who is behind it. `shown` is the try
    as it was counted under what was typed.
    """
    one = whom.meant
    own = guess(one.subject, where, is_known=one.knows_device)
    try:
        await own.count()
    except TooMany:
        await is_password(password[:LONGEST_PASSWORD], None)
        await _locked(whom, where)
        return None
    if await _is_right(password, one):
        await own.was_right()
        await shown.was_right()
        return one
    result = "unknown_account" if one.user_id is None else "wrong_password"
    await note_try("blocked" if one.is_blocked else result, [one.user_id], whom.fingerprint, where=where)
    return None


async def _is_right(password: str, one: Candidate) -> bool:
    """Whether it is the account's; nobody's and one too long take as long and are wrong."""
    if len(password) > LONGEST_PASSWORD:
        return await is_password(password[:LONGEST_PASSWORD], None)
    return await is_password(password, one.password_hash)


async def _locked(whom: Identified, where: Where) -> None:
    one = whom.meant
    await note_try("locked", [one.user_id], whom.fingerprint, where=where)
    await tell_owner(None if one.is_blocked else one.user_id, one.subject)


async def _enter(one: Candidate, password: str, where: Where) -> Tokens | Challenge:
    assert one.user_id is not None
    assert one.password_hash is not None
    kind = await _second_step(one.user_id, one)
    if kind is None:
        tokens: Tokens | Challenge = await open_session(
            one.user_id,
            address=where.address,
            device=where.device,
            device_id=where.device_id,
            proof=one.password_hash,
            epoch=one.sessions_epoch,
        )
    else:
        tokens = await begin_challenge(
            one.user_id, kind, where=where, proof=one.password_hash, epoch=one.sessions_epoch
        )
    kept = one.password_hash
    if is_outdated(kept):
        kept = await _hash_anew(one.user_id, kept, password)
    await learn_mobile(one.user_id, password, kept)
    return tokens


async def _second_step(user_id: UUID, one: Candidate) -> str | None:
    """What else an account must show: its app's code, or for staff on a new device one we send by e-mail."""
    if await totp.is_on(user_id):
        return "totp"
    is_due = one.role in STAFF_ROLES and not one.knows_device and not settings().demo
    return "email_code" if is_due else None


async def _hash_anew(user_id: UUID, outdated: str, password: str) -> str:
    """Keep the password by today's parameters, and let go of the hash for its mobile with it."""
    kept = await hash_password(password)
    await execute(
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2", user_id, outdated, kept
    )
    return kept
