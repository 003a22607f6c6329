"""Accepting the privacy notice."""

from uuid import UUID, uuid4

from app import clock
from app.accounts.queries import get_user
from app.accounts.rules import NOTICE_LANGUAGES, NOTICE_VERSION
from app.db.engine import execute, transaction
from app.errors import Invalid, _
from app.events.names import NOTICE_ACCEPTED
from app.events.services import publish


async def accept_notice(user_id: UUID, *, language: str, through: str) -> None:
    """Write down that an account accepted the notice as it stands now; a version is accepted once.

    `language` is the one it was read in, `through` where: page, api or desk. Runs in the caller's
    transaction, if there is one. Raises Invalid (field language), NotFound.
    """
    if language not in NOTICE_LANGUAGES:
        raise Invalid(fields={"language": _("The notice is not written in this language.")})
    async with transaction():
        account = await get_user(user_id)
        await execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
        done = await execute(
            """
            INSERT INTO consents (id, user_id, notice_version, language, through, accepted_at)
            SELECT $1, $2, $3, $4, $5, $6
            WHERE NOT EXISTS (SELECT FROM consents WHERE user_id = $2 AND notice_version = $3)
            """,
            uuid4(),
            user_id,
            NOTICE_VERSION,
            language,
            through,
            clock.now(),
        )
        if done == "INSERT 0 1":
            facts = {"version": NOTICE_VERSION, "language": language, "through": through}
            await publish(NOTICE_ACCEPTED, user_id, by=account.actor, facts=facts)
