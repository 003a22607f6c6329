"""Letters whose reader proves to own a mailbox: each is one row, and serves once and for one purpose."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import confirmation_of, is_code_of
from app.accounts.rules import CODE_FOR, LINKS_FOR
from app.db.engine import execute, fetch_one
from app.errors import TooMany
from app.web.limits import give_back, network_of, spend


@dataclass(frozen=True)
class Proof:
    """A letter that still waits for its reader; `is_verified`: the account's address was proved before."""

    id: UUID
    user_id: UUID
    purpose: str
    device_id: UUID | None
    new_email: str | None
    is_verified: bool


async def count_letter(purpose: str, email: str, *, address: str) -> None:
    """Count a letter somebody asks for, so that no mailbox is flooded; known and unknown addresses alike.

    Letters of one purpose (a key of `rules.LINKS_FOR`) use up none of another's. A stranger in another
    network does not use up what the owner may ask for, and of many strangers only so many are heard. Call it
    outside transactions. Raises TooMany.
    """
    await spend("letter_asked", f"{purpose} {email} {network_of(address)}")
    await spend("letters_to_address", f"{purpose} {email}")


async def is_letter_due(purpose: str, email: str, *, address: str) -> bool:
    """As `count_letter`, but False, and not said, where others have asked for as many as are sent.

    For letters whose link serves whoever reads the mailbox: there are some in it then, and each holds for
    longer than others are held back. Raises TooMany for one's own asking.
    """
    await spend("letter_asked", f"{purpose} {email} {network_of(address)}")
    try:
        await spend("letters_to_address", f"{purpose} {email}")
    except TooMany:
        return False
    return True


async def is_right_code(purpose: str, proof_id: UUID, email: str, code: str) -> bool:
    """Whether six digits are those of a letter to an address, where few were typed that day already.

    Whoever asks for letter after letter has five tries at each. What is held off is called wrong like what is
    wrong, else it would tell that the address is known. Call it outside transactions.
    """
    try:
        await spend("letter_digits", f"{purpose} {email}")
    except TooMany:
        return False
    if not is_code_of(proof_id, code):
        return False
    await give_back("letter_digits", f"{purpose} {email}")
    return True


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
