"""Another e-mail address for an account: asked for with the password, counting once its mailbox is proved."""

from uuid import UUID

from asyncpg import UniqueViolationError

from app import clock
from app.accounts.errors import LinkSpent, WrongCode
from app.accounts.queries import Account, find_user_by_email, get_user
from app.accounts.rules import CODE_TRIES, BadValue, Reading, read_code, read_email
from app.accounts.services.holding import hold
from app.accounts.services.password import check_password
from app.accounts.services.proofs import (
    count_letter,
    find_proof,
    is_right_code,
    new_proof,
    spend_proofs,
    use_proof,
)
from app.accounts.services.sessions import end_sessions
from app.accounts.where import Where
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import Invalid, _
from app.events.actor import STRANGER
from app.events.names import EMAIL_CHANGE_ASKED, EMAIL_CHANGE_TO_KNOWN, EMAIL_CHANGED, EMAIL_CONFIRMED
from app.events.services import publish
from app.web.limits import line_of, spend


async def ask_email_change(account: Account, *, email: str, password: str, where: Where) -> str:
    """Send a letter to another address, with which it becomes the account's; the old one hears of it.

    An address that has an account gets no such letter, but its owner is told; nothing shows which of the two
    happened, in what the account can take along neither. `where` asks. Returns the new address as it is kept.
    Raises Invalid (fields email, password), ChangedMeanwhile, TooMany.
    """
    reading = Reading()
    email = reading.read("email", read_email, email, "")
    reading.check()
    if email == account.email:
        raise Invalid(fields={"email": _("This is your address already.")})
    proof = await check_password(account, password, where=where)
    await count_letter("change_email", email, address=where.address)
    owner = await find_user_by_email(email)
    async with transaction():
        await hold(account, proof=proof)
        proof_id = await new_proof(account.id, "change_email", new_email=email)
        facts = {"confirmation_id": proof_id, "was_confirmed": account.is_verified}
        await publish(EMAIL_CHANGE_ASKED, account.id, by=account.actor, facts=facts)
        if owner is not None:
            await publish(EMAIL_CHANGE_TO_KNOWN, owner.id, by=STRANGER)
    return email


async def email_waiting(account: Account) -> str | None:
    """The address an account asked to change to and has not proved yet, as long as a link to it holds."""
    found: str | None = await fetch_value(
        """
        SELECT new_email FROM (
            SELECT new_email, used_at, link_expires_at FROM email_confirmations
            WHERE user_id = $1 AND purpose = 'change_email' ORDER BY created_at DESC LIMIT 1) newest
        WHERE used_at IS NULL AND link_expires_at > $2
        """,
        account.id,
        clock.now(),
    )
    return found


async def change_email_by_code(account: Account, code: str) -> Account:
    """Change to the address whose newest letter has these digits; other sessions end.

    Each call costs one of the letter's few tries. Returns the account as it is then. Raises WrongCode.
    """
    try:
        code = read_code(code)
    except BadValue:
        raise WrongCode from None
    tried = await fetch_one(
        """
        UPDATE email_confirmations SET tries = tries + 1
        WHERE id = (SELECT id FROM email_confirmations WHERE user_id = $1 AND purpose = 'change_email'
                    ORDER BY created_at DESC LIMIT 1)
          AND used_at IS NULL AND code_expires_at > $2 AND tries < $3
        RETURNING id, new_email
        """,
        account.id,
        clock.now(),
        CODE_TRIES,
    )
    if tried is None or not await is_right_code("change_email", tried["id"], tried["new_email"], code):
        raise WrongCode
    if not await _change(account, tried["id"], tried["new_email"]):
        raise WrongCode
    return await get_user(account.id)


async def change_email_by_link(account: Account, token: str, *, address: str) -> Account:
    """As by code, by the letter's link, for whoever is signed in. Raises LinkSpent, TooMany."""
    await spend("letter_link", line_of(address))
    email = await email_of_change(account, token)
    proof = await find_proof(token, "change_email")
    if email is None or proof is None or not await _change(account, proof.id, email):
        raise LinkSpent
    return await get_user(account.id)


async def email_of_change(account: Account, token: str) -> str | None:
    """The address the link of a letter would make this account's, or None where it is spent or another's."""
    proof = await find_proof(token, "change_email")
    return proof.new_email if proof is not None and proof.user_id == account.id else None


async def _change(account: Account, proof_id: UUID, email: str) -> bool:
    """False when the letter was used meanwhile, or the address has become somebody else's."""
    try:
        async with transaction():
            old = await fetch_one(
                "SELECT email, email_verified_at FROM users WHERE id = $1 AND blocked_at IS NULL FOR UPDATE",
                account.id,
            )
            if old is None or not await use_proof(proof_id):
                return False
            await execute("UPDATE users SET email = $2 WHERE id = $1", account.id, email)
            await spend_proofs(account.id)
            await end_sessions(account.id, why="email_changed", keep=account.session_id)
            if old["email_verified_at"] is None:
                facts = {"confirmation_id": proof_id}
                await execute(
                    "UPDATE users SET email_verified_at = $2 WHERE id = $1", account.id, clock.now()
                )
                await publish(EMAIL_CONFIRMED, account.id, by=account.actor, facts=facts)
            was = {account.id: {"old_email": old["email"]}} if old["email_verified_at"] else None
            await publish(EMAIL_CHANGED, account.id, by=account.actor, private=was)
    except UniqueViolationError:
        return False
    return True
