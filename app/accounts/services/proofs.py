"""Letters whose reader proves to own a mailbox: each is one row, and serves once and for one purpose."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import confirmation_of
from app.accounts.rules import CODE_FOR, LINKS_FOR
from app.db.engine import execute, fetch_one
from app.web.limits import network_of, spend


@dataclass(frozen=True)
class Proof:
    """A letter that still waits for its reader; `is_verified`: the account's address was proved before."""

    id: UUID
    user_id: UUID
    purpose: str
    device_id: UUID | None
    new_email: str | None
    is_verified: bool


async def count_letter(email: str, *, address: str) -> None:
    """Count a letter somebody asks for, so that no mailbox is flooded; known and unknown addresses alike.

    A stranger at another network address does not use up what the owner may ask for, and of many strangers
    only so many are heard. Call it outside transactions. Raises TooMany.
    """
    await spend("letter_asked", f"{email} {network_of(address)}")
    await spend("letters_to_address", email)


async def new_proof(
    user_id: UUID, purpose: str, *, device_id: UUID | None = None, new_email: str | None = None
) -> UUID:
    """Write down that a letter is to prove something; its event and letter are the caller's.

    `purpose` is a key of `rules.LINKS_FOR`.
    """
    now = clock.now()
    proof_id = uuid4()
    await execute(
        """
        INSERT INTO email_confirmations
            (id, user_id, purpose, created_at, code_expires_at, link_expires_at, device_id, new_email)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        proof_id,
        user_id,
        purpose,
        now,
        now + CODE_FOR,
        now + LINKS_FOR[purpose],
        device_id,
        new_email,
    )
    return proof_id


async def find_proof(token: str, *purposes: str) -> Proof | None:
    """What the link of a letter proves, or None where it is spent, too old, or for something else."""
    for purpose in purposes:
        row = await fetch_one(
            """
            SELECT c.id, c.user_id, c.purpose, c.device_id, c.new_email,
                   u.email_verified_at IS NOT NULL AS is_verified
            FROM email_confirmations c JOIN users u ON u.id = c.user_id
            WHERE c.id = $1 AND c.purpose = $2 AND c.used_at IS NULL AND c.link_expires_at > $3
              AND u.blocked_at IS NULL
            """,
            confirmation_of(token, purpose),
            purpose,
            clock.now(),
        )
        if row is not None:
            return Proof(**dict(row))
    return None


async def use_proof(proof_id: UUID) -> bool:
    """Use a letter up; False when somebody was faster. In the transaction of what it proves."""
    used = await execute(
        "UPDATE email_confirmations SET used_at = $2 WHERE id = $1 AND used_at IS NULL", proof_id, clock.now()
    )
    return used == "UPDATE 1"


async def spend_proofs(user_id: UUID) -> None:
    """Make every letter of an account that still waits lead nowhere."""
    await execute(
        "UPDATE email_confirmations SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL",
        user_id,
        clock.now(),
    )
