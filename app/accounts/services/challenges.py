"""The second step of a log-in: a code of an app, or one by e-mail, on the device where it began."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from asyncpg import Record

from app import clock
from app.accounts.codes import LOG_IN_CODE, is_code_of
from app.accounts.errors import LogInOver, WrongLogIn, WrongSecondStep
from app.accounts.rules import CODE_FOR, CODE_TRIES, plain_digits
from app.accounts.services import totp
from app.accounts.services.code_tries import code_try, count_code_letter, secret_of
from app.accounts.services.known_devices import KNOWS_DEVICE, known_since
from app.accounts.services.sessions import Tokens, open_session
from app.accounts.services.tries import fingerprint_of, note_try
from app.accounts.where import Where
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.events.actor import Actor
from app.events.names import LOG_IN_CODE_ASKED
from app.events.services import publish


@dataclass(frozen=True)
class Challenge:
    """A log-in whose password was right; `kind` is totp or email_code, `device_id` where it began."""

    id: UUID
    kind: str
    device_id: UUID


async def begin_challenge(
    user_id: UUID,
    kind: str,
    *,
    where: Where,
    proof: str | None = None,
    epoch: int | None = None,
    instead_of: UUID | None = None,
) -> Challenge:
    """Ask an account for its second step; for an e-mailed code the event's listener writes the letter.

    A program that names no device gets one with the id of the challenge, which then is its proof. `proof` is
    the hash the password was compared with, `epoch` its sessions' when it was; `instead_of` is a challenge
    this one takes the place of. Raises WrongLogIn where either is another by now or the account is blocked,
    LogInOver, and TooMany after many letters.
    """
    if kind == "email_code":
        kept = proof or await fetch_value("SELECT password_hash FROM users WHERE id = $1", user_id)
        await count_code_letter(secret_of(user_id, kept, None), where)
    challenge_id = uuid4()
    challenge = Challenge(challenge_id, kind, where.device_id or challenge_id)
    async with transaction():
        owner = await _insert(challenge, user_id, proof, epoch)
        if instead_of is not None:
            await _use_up(instead_of)
        await note_try("second_step_asked", [user_id], fingerprint_of(owner["email"]), where=where)
        if kind == "email_code":
            facts = {"challenge_id": challenge.id}
            await publish(LOG_IN_CODE_ASKED, user_id, by=Actor(user_id, owner["role"]), facts=facts)
    return challenge


async def find_challenge(challenge_id: UUID | None, *, device_id: UUID | None) -> Challenge | None:
    """A log-in that waits for its second step, on the device where it began; None once it is over."""
    row = await _find(challenge_id, device_id)
    return Challenge(row["id"], row["kind"], row["device_id"]) if row else None


async def send_another_code(challenge_id: UUID | None, *, where: Where) -> Challenge:
    """A new e-mailed code in the place of the one before. Raises LogInOver, TooMany."""
    row = await _find(challenge_id, where.device_id)
    if row is None or row["kind"] != "email_code":
        raise LogInOver
    return await begin_challenge(row["user_id"], "email_code", where=where, instead_of=row["id"])


async def confirm_log_in(challenge_id: UUID | None, code: str, *, where: Where) -> Tokens:
    """Open the session of a log-in whose second step is shown too.

    Each call costs one of the few tries of the log-in and of the client, counted before the code is looked
    at; a right one is given back. Raises LogInOver where the log-in is over or began on another device,
    WrongSecondStep (field code), SecondStepLocked.
    """
    row = await _find(challenge_id, where.device_id)
    if row is None:
        raise LogInOver
    secret = secret_of(row["user_id"], row["password_hash"], row["key_id"])
    attempt = code_try(secret, where, is_known=row["knows_device"])
    await attempt.count()
    await _count_try(row["id"])
    if not await _is_right(row, code):
        await note_try("wrong_code", [row["user_id"]], fingerprint_of(row["email"]), where=where)
        raise WrongSecondStep
    async with transaction():
        await execute("SELECT FROM users WHERE id = $1 FOR SHARE", row["user_id"])
        await _use_up(row["id"])
        tokens = await open_session(
            row["user_id"], address=where.address, device=where.device, device_id=row["device_id"]
        )
    await attempt.was_right()
    return tokens


async def _insert(challenge: Challenge, user_id: UUID, proof: str | None, epoch: int | None) -> Record:
    """Write a challenge down while the account has the password that was compared; gives the account.

    It locks the account, before the challenge in whose place it is: whatever ends log-ins does so as well.
    """
    now = clock.now()
    owner = await fetch_one(
        """
        WITH owner AS (
            SELECT id, email, role FROM users
            WHERE id = $2 AND blocked_at IS NULL AND password_hash = coalesce($7, password_hash)
              AND sessions_epoch = coalesce($8, sessions_epoch) FOR SHARE),
        begun AS (
            INSERT INTO log_in_challenges (id, user_id, kind, device_id, created_at, expires_at)
            SELECT $1, id, $3, $4, $5, $6 FROM owner)
        SELECT email, role FROM owner
        """,
        challenge.id,
        user_id,
        challenge.kind,
        challenge.device_id,
        now,
        now + CODE_FOR,
        proof,
        epoch,
    )
    if owner is None:
        raise WrongLogIn
    return owner


async def _find(challenge_id: UUID | None, device_id: UUID | None) -> Record | None:
    now = clock.now()
    return await fetch_one(
        f"""
        SELECT c.id, c.kind, c.device_id, c.user_id, u.email, u.password_hash,
               {KNOWS_DEVICE.format(device="c.device_id", since="$5", staff_since="$6")} AS knows_device,
               (SELECT id FROM totp_keys WHERE user_id = u.id AND confirmed_at IS NOT NULL
                    AND c.kind = 'totp') AS key_id
        FROM log_in_challenges c JOIN users u ON u.id = c.user_id
        WHERE c.id = $1 AND c.device_id IN ($2, c.id) AND c.used_at IS NULL AND c.expires_at > $3
          AND c.tries < $4 AND u.blocked_at IS NULL
        """,
        challenge_id,
        device_id,
        now,
        CODE_TRIES,
        *known_since(now),
    )


async def _count_try(challenge_id: UUID) -> None:
    counted = await execute(
        "UPDATE log_in_challenges SET tries = tries + 1 WHERE id = $1 AND used_at IS NULL AND tries < $2",
        challenge_id,
        CODE_TRIES,
    )
    if counted == "UPDATE 0":
        raise LogInOver


async def _is_right(challenge: Record, typed: str) -> bool:
    if challenge["kind"] == "totp":
        return await totp.check(challenge["user_id"], typed)
    return is_code_of(challenge["id"], plain_digits(typed), LOG_IN_CODE)


async def _use_up(challenge_id: UUID) -> None:
    """A second step serves once. Raises LogInOver when somebody was faster, or the log-in was ended."""
    used = await execute(
        "UPDATE log_in_challenges SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
        challenge_id,
        clock.now(),
    )
    if used == "UPDATE 0":
        raise LogInOver
