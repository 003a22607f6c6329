"""Proving that an e-mail address is theirs: by a code or a link, one time, whichever comes first.

A letter alone proves only the mailbox. Whoever signs up with another's address hopes that its owner confirms
it for them, so a page also wants to know that its reader chose the password: the browser waits for this very
letter, or is signed in, or the password is typed again.
"""

from uuid import UUID, uuid4

from app import clock
from app.accounts.errors import LinkSpent, WrongCode
from app.accounts.passwords import is_password
from app.accounts.queries import Account, get_user
from app.accounts.rules import CODE_TRIES, LONGEST_PASSWORD, BadValue, read_code, read_email, same_password
from app.accounts.services.adopting import confirm
from app.accounts.services.proofs import Proof, count_letter, find_proof, is_right_code, new_proof
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import Invalid, _
from app.events.actor import Actor
from app.events.names import EMAIL_CONFIRMATION_ASKED
from app.events.services import publish
from app.web.limits import give_back, line_of, spend


async def ask_confirmation(user_id: UUID) -> UUID | None:
    """Ask an account to prove its address; the listener of the event writes the letter.

    Returns the confirmation's id, or None where there is nothing left to prove.
    """
    async with transaction():
        user = await fetch_one(
            "SELECT role FROM users WHERE id = $1 AND email_verified_at IS NULL AND blocked_at IS NULL",
            user_id,
        )
        if user is None:
            return None
        letter = await new_proof(user_id, "verify_email")
        await publish(
            EMAIL_CONFIRMATION_ASKED,
            user_id,
            by=Actor(user_id, user["role"]),
            facts={"confirmation_id": letter},
        )
    return letter


async def ask_again(email: str, letter: UUID | None, *, user_id: UUID | None, address: str) -> UUID:
    """Send another letter to somebody who is signed in, or in the place of one that a browser waits for.

    Returns its id, or one that nobody wrote where none goes out: which of the two is not said. `address` is
    the network address that asks. Raises TooMany, for known and unknown addresses alike.
    """
    await count_letter("verify_email", email, address=address)
    if user_id is not None:
        return await ask_confirmation(user_id) or uuid4()
    async with transaction():
        owner = await _owner_of(letter)
        another = await ask_confirmation(owner) if owner else None
        if another is not None:
            await execute(
                "INSERT INTO pending_sign_ups "
                "(confirmation_id, sign_up_id, role, name, mobile, password_hash, mobile_hash, created_at) "
                "SELECT $2, sign_up_id, role, name, mobile, password_hash, mobile_hash, $3 "
                "FROM pending_sign_ups WHERE confirmation_id = $1",
                letter,
                another,
                clock.now(),
            )
    return another or uuid4()


async def confirm_by_code(email: str, code: str, *, address: str) -> Account:
    """Confirm an address by the digits of the newest letter to its account, and give it; for programs.

    Each call costs one of the letter's few tries, also when it fails. `address` is the network address
    whose tries are counted. Raises WrongCode, the same for an unknown address; TooMany.
    """
    await spend("email_code", line_of(address))
    try:
        email = read_email(email)
    except BadValue:
        raise WrongCode from None
    return await _confirm_digits(await newest_letter(email), code, accepts_in=None)


async def confirm_own_letter(letter: UUID | None, code: str, *, accepts_in: str | None) -> Account:
    """Confirm by the digits of the one letter that a browser waits for; other letters' digits do not count.

    The browser names no address, so its tries are those of its letter and cost nobody behind the same line
    any. `accepts_in` is the language in which the privacy notice was accepted. Raises WrongCode.
    """
    return await _confirm_digits(letter, code, accepts_in=accepts_in)


async def confirm_by_token(token: str) -> Account:
    """Confirm an address by the link of a letter to its account, and give it; for programs. Raises LinkSpent.

    A letter about a sign-up that waits wants the password chosen there, for which there is a page.
    """
    proof = await find_proof(token, "verify_email")
    if proof is None or await _password_waiting(proof.id) is not None:
        raise LinkSpent
    await confirm(proof.id, proof.user_id, accepts_in=None)
    return await get_user(proof.user_id)


async def confirm_by_link(
    token: str,
    *,
    letter: UUID | None,
    account: Account | None,
    password: str,
    address: str,
    accepts_in: str | None,
) -> Account:
    """Confirm by a link on its page: where the browser does not wait for it (`letter`) the password is due.

    `account` is whoever is signed in. Raises LinkSpent, Invalid (field password), TooMany.
    """
    await spend("letter_link", line_of(address))
    proof = await find_proof(token, "verify_email")
    if proof is None:
        raise LinkSpent
    if not await is_awaited(proof, letter=letter, account=account):
        await _check_chosen_password(proof, password)
    await confirm(proof.id, proof.user_id, accepts_in=accepts_in)
    return await get_user(proof.user_id)


async def newest_letter(email: str) -> UUID | None:
    """The newest letter about an account as it stands, of sign-ups that wait for theirs no one."""
    found: UUID | None = await fetch_value(
        """
        SELECT c.id FROM email_confirmations c JOIN users u ON u.id = c.user_id
        WHERE u.email = $1 AND c.purpose = 'verify_email'
          AND NOT EXISTS (SELECT FROM pending_sign_ups p WHERE p.confirmation_id = c.id)
        ORDER BY c.created_at DESC LIMIT 1
        """,
        email,
    )
    return found


async def is_awaited(proof: Proof, *, letter: UUID | None, account: Account | None) -> bool:
    """Whether a browser waits for this letter, or one of the same sign-up, or is signed in to its account."""
    waiting = await _password_waiting(proof.id)
    if account is not None and account.id == proof.user_id and waiting is None:
        return True
    return await _owner_of(letter) == proof.user_id and await _password_waiting(letter) == waiting


async def _owner_of(letter: UUID | None) -> UUID | None:
    """Whose address a letter is about that a browser waits for; a spent one is waited for no more."""
    owner: UUID | None = await fetch_value(
        "SELECT user_id FROM email_confirmations "
        "WHERE id = $1 AND purpose = 'verify_email' AND used_at IS NULL AND link_expires_at > $2",
        letter,
        clock.now(),
    )
    return owner


async def _password_waiting(letter: UUID | None) -> str | None:
    kept: str | None = await fetch_value(
        "SELECT password_hash FROM pending_sign_ups WHERE confirmation_id = $1", letter
    )
    return kept


async def _check_chosen_password(proof: Proof, password: str) -> None:
    if not password:
        raise Invalid(fields={"password": _("Enter the password you chose when you signed up.")})
    who = f"letter {proof.id}"
    await spend("password_client", who)
    kept = await _password_waiting(proof.id) or await fetch_value(
        "SELECT password_hash FROM users WHERE id = $1", proof.user_id
    )
    typed = same_password(password)
    if len(typed) > LONGEST_PASSWORD or not await is_password(typed, kept):
        wrong = _("This is not the password that was chosen with this sign-up. Please try again.")
        raise Invalid(fields={"password": wrong})
    await give_back("password_client", who)


async def _confirm_digits(letter: UUID | None, code: str, *, accepts_in: str | None) -> Account:
    """Confirm by the digits of a letter, each of which costs one of its few tries."""
    try:
        code = read_code(code)
    except BadValue:
        raise WrongCode from None
    tried = await fetch_one(
        """
        UPDATE email_confirmations c SET tries = tries + 1 FROM users u
        WHERE c.id = $1 AND u.id = c.user_id AND c.purpose = 'verify_email' AND c.used_at IS NULL
          AND c.code_expires_at > $2 AND c.tries < $3 AND u.blocked_at IS NULL
        RETURNING c.id, c.user_id, u.email
        """,
        letter,
        clock.now(),
        CODE_TRIES,
    )
    if tried is None or not await is_right_code("verify_email", tried["id"], tried["email"], code):
        raise WrongCode
    try:
        await confirm(tried["id"], tried["user_id"], accepts_in=accepts_in)
    except LinkSpent:
        raise WrongCode from None
    return await get_user(tried["user_id"])
