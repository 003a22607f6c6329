"""Passwords: asked again before what is sensitive, changed, forgotten, chosen for the first time."""

from uuid import UUID

from app import clock
from app.accounts.errors import LinkSpent
from app.accounts.passwords import hash_password, is_password
from app.accounts.queries import Account, get_user
from app.accounts.rules import LONGEST_PASSWORD, BadValue, Reading, read_email, read_password, same_password
from app.accounts.services.known_devices import learn_device
from app.accounts.services.notices import accept_notice
from app.accounts.services.proofs import Proof, count_letter, find_proof, new_proof, spend_proofs, use_proof
from app.accounts.services.sessions import Tokens, end_sessions, open_session
from app.accounts.services.strangers import forget_strangers
from app.accounts.where import Where
from app.db.engine import execute, fetch_value, transaction
from app.errors import Invalid, NotFound, _
from app.events.actor import STRANGER, SYSTEM, Actor
from app.events.names import EMAIL_CONFIRMED, PASSWORD_CHANGED, PASSWORD_CHOICE_ASKED, PASSWORD_RESET_ASKED
from app.events.services import publish
from app.web.limits import give_back, line_of, spend

CHOOSING = ("reset_password", "set_password")
"""What a letter proves whose link leads to choosing a password."""


async def check_password(account: Account, password: str, *, field: str = "password") -> None:
    """Ask for the password of whoever is signed in, before something sensitive; call it outside transactions.

    Wrong ones are counted for the session, so that who found an open browser cannot try them all. Raises
    Invalid at `field`, TooMany.
    """
    who = f"{account.id} {account.session_id}"
    await spend("password_client", who)
    kept = await fetch_value("SELECT password_hash FROM users WHERE id = $1", account.id)
    typed = same_password(password)
    if len(typed) > LONGEST_PASSWORD or not await is_password(typed, kept):
        raise Invalid(fields={field: _("This is not your password. Please try again.")})
    await give_back("password_client", who)


async def change_password(account: Account, *, current: str, password: str, where: Where) -> Tokens:
    """Replace a password by another, and end every session; a fresh one for this browser is given back.

    `where` is this browser. Raises Invalid (fields current, password), TooMany.
    """
    reading = Reading()
    password = reading.read("password", read_password, password, "")
    reading.check()
    await check_password(account, current, field="current")
    if same_password(current) == password:
        raise Invalid(fields={"password": _("This is your password already. Please choose another.")})
    kept = await hash_password(password)
    async with transaction():
        await execute("UPDATE users SET password_hash = $2 WHERE id = $1", account.id, kept)
        await spend_proofs(account.id)
        await end_sessions(account.id, why="password_changed", keep=account.session_id)
        await execute(
            "UPDATE sessions SET ended_at = $2, ended_why = 'password_changed' WHERE id = $1",
            account.session_id,
            clock.now(),
        )
        tokens = await open_session(
            account.id, address=where.address, device=where.device, device_id=where.device_id
        )
        await publish(PASSWORD_CHANGED, account.id, by=account.actor, facts={"how": "changed"})
    return tokens


async def ask_reset(email: str, *, address: str) -> None:
    """Send a letter with which a forgotten password is replaced; whether one goes out is not said.

    `address` is the network address that asks. Raises TooMany, for known and unknown addresses alike.
    """
    try:
        email = read_email(email)
    except BadValue:
        return
    await count_letter(email, address=address)
    user_id = await fetch_value("SELECT id FROM users WHERE email = $1 AND blocked_at IS NULL", email)
    if user_id is not None:
        async with transaction():
            proof_id = await new_proof(user_id, "reset_password")
            await publish(PASSWORD_RESET_ASKED, user_id, by=STRANGER, facts={"confirmation_id": proof_id})


async def invite_to_set_password(user_id: UUID, *, by: Actor = SYSTEM) -> None:
    """Send somebody whose account was made for them the letter with which they choose a password.

    Its link holds for a week. Raises NotFound, also for a blocked account.
    """
    async with transaction():
        found = await fetch_value("SELECT id FROM users WHERE id = $1 AND blocked_at IS NULL", user_id)
        if found is None:
            raise NotFound
        proof_id = await new_proof(user_id, "set_password")
        await publish(PASSWORD_CHOICE_ASKED, user_id, by=by, facts={"confirmation_id": proof_id})


async def choose_password(token: str, password: str, *, where: Where, accepts_in: str | None) -> Account:
    """Choose a password by the link of a letter, which proves the mailbox too; it ends every session.

    Works while log-in is locked and before the address was confirmed. `where` is the browser, known
    to the account from then on; `accepts_in` the language in which the privacy notice is accepted with it, or
    None. Raises Invalid (field password), LinkSpent, TooMany.
    """
    await spend("letter_link", line_of(where.address))
    proof = await find_proof(token, *CHOOSING)
    if proof is None:
        raise LinkSpent
    reading = Reading()
    password = reading.read("password", read_password, password, "")
    reading.check()
    kept = await hash_password(password)
    async with transaction():
        await _replace(proof, kept)
        if where.device_id is not None:
            await learn_device(proof.user_id, where.device_id, address=where.address, device=where.device)
        if accepts_in is not None:
            await accept_notice(proof.user_id, language=accepts_in, through="page")
    return await get_user(proof.user_id)


async def _replace(proof: Proof, kept: str) -> None:
    """Keep another password, use the letter up, and shut out whoever came in with the old one."""
    role = await fetch_value(
        "UPDATE users SET password_hash = $2 WHERE id = $1 AND blocked_at IS NULL RETURNING role",
        proof.user_id,
        kept,
    )
    if role is None or not await use_proof(proof.id):
        raise LinkSpent
    by = Actor(proof.user_id, role)
    await spend_proofs(proof.user_id)
    await end_sessions(proof.user_id, why="password_changed")
    if not proof.is_verified:
        await forget_strangers(proof.user_id)
        await publish(EMAIL_CONFIRMED, proof.user_id, by=by, facts={"confirmation_id": proof.id})
    await publish(PASSWORD_CHANGED, proof.user_id, by=by, facts={"how": proof.purpose})
