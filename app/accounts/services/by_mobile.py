"""Logging in by mobile, which several accounts may share: the password says which, in one look."""

from uuid import UUID

from app import clock
from app.accounts.passwords import hash_for_mobile, mark_of_mobiles
from app.accounts.rules import LONGEST_PASSWORD
from app.accounts.services.identifying import ACCOUNT, Candidate, Identified, candidate
from app.accounts.services.known_devices import known_since
from app.accounts.services.lockout import Guess, guess, tell_owner
from app.accounts.services.tries import note_try
from app.accounts.where import Where
from app.db.engine import execute, fetch_one, fetch_value
from app.errors import TooMany
from app.web.limits import spend


async def who_has(password: str, whom: Identified, shown: Guess, where: Where) -> Candidate | None:
    """The account of a mobile whose password it is; None, after the same work, where it is nobody's.

    `shown` is the try as it was counted under the mobile. Whoever is on a device of one of the accounts is a
    stranger to the others, and counted as one before they are looked at. In silence a try is counted at the
    account it means as well, so that the mobile is no way around a lock of the e-mail address.
    """
    found, is_shared = await _holder(password, whom, where)
    strangers = shown if not shown.is_known else guess(whom.subject, where, is_known=False)
    is_strangers = found is None or not found.knows_device
    if shown.is_known and is_strangers and not await _may(strangers):
        found = None
    target = found or whom.meant
    own = guess(target.subject, where, is_known=target.knows_device)
    if not await _may(own):
        await note_try("locked", [target.user_id], whom.fingerprint, where=where)
        await tell_owner(target.user_id, target.subject)
        return None
    if found is None:
        result = "wrong_password" if whom.accounts else "unknown_account"
        await note_try(result, [whom.meant.user_id], whom.fingerprint, where=where)
        return None
    await own.was_right()
    if shown.is_known:
        await shown.was_right()
    if is_strangers:
        await _give_back(strangers, found, is_shared=is_shared)
    return found


async def learn_mobile(user_id: UUID, password: str, password_hash: str) -> None:
    """Let a password serve with the mobile too, where it does not yet; `password_hash` is its kept one."""
    mobile = await fetch_value(
        "SELECT mobile FROM users WHERE id = $1 AND password_hash = $2 "
        "AND (mobile_hash IS NULL OR NOT starts_with(encode(mobile_hash, 'hex'), $3))",
        user_id,
        password_hash,
        mark_of_mobiles().hex(),
    )
    if mobile is not None:
        await execute(
            "UPDATE users SET mobile_hash = $4 WHERE id = $1 AND password_hash = $2 AND mobile = $3",
            user_id,
            password_hash,
            mobile,
            await hash_for_mobile(password, mobile),
        )


async def _holder(password: str, whom: Identified, where: Where) -> tuple[Candidate | None, bool]:
    """Whose password it is, of several with the same those on their own device first; and whether the mobile
    is others' too.
    """
    hashed = await hash_for_mobile(password[:LONGEST_PASSWORD], whom.mobile)
    row = await fetch_one(
        f"""
        SELECT one.*, (SELECT count(*) FROM users WHERE mobile = $4 AND mobile_hash IS NOT NULL
                       AND blocked_at IS NULL) > 1 AS is_shared
        FROM ({ACCOUNT} WHERE u.mobile = $4 AND u.mobile_hash = $5 AND u.blocked_at IS NULL
              ORDER BY knows_device DESC, u.email_verified_at IS NULL, u.created_at, u.id LIMIT 1) one
        """,
        where.device_id,
        *known_since(clock.now()),
        whom.mobile,
        hashed,
    )
    if row is None or len(password) > LONGEST_PASSWORD:
        return None, False
    return candidate(row), row["is_shared"]


async def _may(attempt: Guess) -> bool:
    try:
        await attempt.count()
    except TooMany:
        return False
    return True


async def _give_back(attempt: Guess, found: Candidate, *, is_shared: bool) -> None:
    """Give a stranger's right try back.

    Where others have the mobile too, each password that is right for one was a guess at theirs: else whoever
    writes another's number into their own account could try any number by changing their own password. So
    the first time with a password stays counted, and nobody's right try lets the strangers' row begin anew.
    """
    if not is_shared:
        await attempt.was_right()
        return
    is_first = True
    try:
        await spend("shared_mobile", found.subject)
    except TooMany:
        is_first = False
    await attempt.take_back(was_guess=is_first)
