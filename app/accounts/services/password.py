"""Passwords: asked again before what is sensitive, changed, forgotten, chosen for the first time."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app import clock
from app.accounts.errors import LinkSpent, TooManyPasswords
from app.accounts.passwords import NO_PASSWORD, hash_password, is_password
from app.accounts.queries import Account, get_user
from app.accounts.rules import (
    LONGEST_PASSWORD,
    BadValue,
    Reading,
    read_email,
    read_name,
    read_password,
    same_password,
)
from app.accounts.services.by_mobile import learn_mobile
from app.accounts.services.holding import hold
from app.accounts.services.known_devices import learn_device
from app.accounts.services.notices import accept_notice
from app.accounts.services.proofs import (
    Proof,
    find_proof,
    is_letter_due,
    new_proof,
    spend_proofs,
    use_proof,
)
from app.accounts.services.sessions import Tokens, end_sessions, open_session
from app.accounts.services.strangers import forget_strangers
from app.accounts.services.tries import fingerprint_of, note_try
from app.accounts.where import Where
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.db.retry import retried
from app.errors import Invalid, NotFound, TooMany, _
from app.events.actor import STRANGER, SYSTEM, Actor
from app.events.names import EMAIL_CONFIRMED, PASSWORD_CHANGED, PASSWORD_CHOICE_ASKED, PASSWORD_RESET_ASKED
from app.events.services import publish
from app.web.limits import forget, give_back, line_of, spend

CHOOSING = ("reset_password", "set_password")
"""What a letter proves whose link leads to choosing a password."""

_IN_A_ROW = "password_again_in_a_row"


async def check_password(account: Account, password: str, *, where: Where, field: str = "password") -> str:
    """Ask for the password of whoever is signed in, before something sensitive; call it outside transactions.

    Wrong ones are counted for the session, so that who found an open browser cannot try them all, and in a
    row for the account, whose sessions may be many; `where` is written down with them. Gives the hash that
    was compared, for `hold` in the transaction of the act. Raises Invalid at `field`, TooMany.
    """
    kept: str = await fetch_value("SELECT password_hash FROM users WHERE id = $1", account.id)
    here, row = f"{account.id} {account.session_id}", f"{account.id} {kept}"
    await spend("password_client", here)
    await _spend_in_a_row(row, here)
    typed = same_password(password)
    if len(typed) > LONGEST_PASSWORD or not await is_password(typed, kept):
        await note_try("wrong_password", [account.id], fingerprint_of(account.email), where=where)
        raise Invalid(fields={field: _("This is not your password. Please try again.")})
    await give_back("password_client", here)
    await forget(_IN_A_ROW, row)
    return kept


async def _spend_in_a_row(row: str, here: str) -> None:
    """Count a try for the whole account; one that is refused here is none of the session's."""
    try:
        await spend(_IN_A_ROW, row)
    except TooMany as refusal:
        await give_back("password_client", here)
        raise TooManyPasswords(retry_after=refusal.retry_after) from None


async def change_password(account: Account, *, current: str, password: str, where: Where) -> Tokens:
    """Replace a password by another, and end every session; a fresh one for this browser is given back.

    `where` is this browser. Raises Invalid (fields current, password), ChangedMeanwhile, TooMany.
    """
    reading = Reading()
    own = partial(read_password, own=(account.name, account.email, account.mobile))
    password = reading.read("password", own, password, "")
    reading.check()
    proof = await check_password(account, current, where=where, field="current")
    if same_password(current) == password:
        raise Invalid(fields={"password": _("This is your password already. Please choose another.")})
    kept = await hash_password(password)
    tokens = await _change(account, proof, kept, where)
    await learn_mobile(account.id, password, kept)
    return tokens


@retried
async def _change(account: Account, proof: str, kept: str, where: Where) -> Tokens:
    """Of two changes at once the first counts: the other compared with a password that is none any more."""
    async with transaction():
        await hold(account, proof=proof)
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

    Where others asked for many, those in the mailbox serve. `address` is the network address that asks.
    Raises TooMany for asking often oneself, for known and unknown addresses alike.
    """
    try:
        email = read_email(email)
    except BadValue:
        return
    is_due = await is_letter_due("reset_password", email, address=address)
    user_id = await fetch_value("SELECT id FROM users WHERE email = $1 AND blocked_at IS NULL", email)
    if user_id is not None and is_due:
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


@dataclass(frozen=True)
class Choice:
    """What the link of a letter lets somebody choose a password for, and what else is asked with it.

    `lacks_name`: whoever began the account never proved its address, so what they said of its holder counts
    no more; `is_first`: somebody else made the account for its owner.
    """

    proof: Proof
    email: str
    name: str
    mobile: str | None
    lacks_notice: bool
    lacks_name: bool

    @property
    def is_first(self) -> bool:
        """Whether there was no password before."""
        return self.proof.purpose == "set_password"


async def find_choice(token: str) -> Choice | None:
    """What a link leads to, or None where it is spent, too old, or for something else."""
    proof = await find_proof(token, *CHOOSING)
    if proof is None:
        return None
    user = await fetch_one(
        "SELECT email, name, mobile, password_hash <> $2 AS has_password, "
        "EXISTS (SELECT FROM consents WHERE user_id = $1) AS has_accepted FROM users WHERE id = $1",
        proof.user_id,
        NO_PASSWORD,
    )
    assert user is not None
    return Choice(
        proof,
        user["email"],
        user["name"],
        user["mobile"],
        lacks_notice=not (proof.is_verified and user["has_accepted"]),
        lacks_name=user["has_password"] and not proof.is_verified,
    )


async def choose_password(
    token: str, password: str, *, where: Where, accepts_in: str | None, name: str | None = None
) -> Account:
    """Choose a password by the link of a letter, which proves the mailbox too; it ends every session.

    Works while log-in is locked and before the address was confirmed; then `name` is the holder's, and
    nothing else that was said of them stays. `where` is the browser, known to the account from then on;
    `accepts_in` the language in which the privacy notice is accepted with it, or None.
    Raises Invalid (fields password, name), LinkSpent, TooMany.
    """
    await spend("letter_link", line_of(where.address))
    choice = await find_choice(token)
    if choice is None:
        raise LinkSpent
    reading = Reading()
    name = reading.read("name", read_name, name or "", "") if choice.lacks_name else None
    own = (choice.email, name) if choice.lacks_name else (choice.email, choice.name, choice.mobile)
    password = reading.read("password", partial(read_password, own=own), password, "")
    reading.check()
    kept = await hash_password(password)
    await _choose(choice.proof, kept, name, where, accepts_in)
    await learn_mobile(choice.proof.user_id, password, kept)
    return await get_user(choice.proof.user_id)


@retried
async def _choose(proof: Proof, kept: str, name: str | None, where: Where, accepts_in: str | None) -> None:
    async with transaction():
        await _replace(proof, kept, name)
        if where.device_id is not None:
            await learn_device(proof.user_id, where.device_id, address=where.address, device=where.device)
        if accepts_in is not None:
            await accept_notice(proof.user_id, language=accepts_in, through="page")


async def _replace(proof: Proof, kept: str, name: str | None) -> None:
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
        await forget_strangers(proof.user_id, name=name, mobile=None, by=by)
        facts = {"confirmation_id": proof.id, "is_begun_anew": name is not None}
        await publish(EMAIL_CONFIRMED, proof.user_id, by=by, facts=facts)
    await publish(PASSWORD_CHANGED, proof.user_id, by=by, facts={"how": proof.purpose})
