"""Applications of sign-ups that wait for their letter, as the sign-ups themselves do."""

from contextlib import suppress
from uuid import UUID

from asyncpg import Record

from app import clock
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.directory.errors import InvitationNotValid
from app.directory.rules import PENDING_FOR
from app.directory.services.applying import Particulars, apply_again, apply_as_doctor
from app.directory.services.invitations import use_invitation
from app.events.actor import SYSTEM, Actor
from app.events.names import APPLICATION_DROPPED
from app.events.services import publish


async def keep_application(confirmation_id: UUID, said: Particulars, *, invitation_id: UUID | None) -> None:
    """Keep an application until the letter of its sign-up is confirmed; without such a letter keep nothing.

    Whoever signs up again with an address nobody has proved may be a stranger to the account, and whoever
    began it too: what either said of themselves counts with their own letter only.
    Raises Invalid at each field that does not fit.
    """
    said = said.checked()
    await execute(
        """
        INSERT INTO pending_applications
            (confirmation_id, speciality, qualifications, registration_number, invitation_id, created_at)
        SELECT id, $2, $3, $4, $5, $6 FROM email_confirmations WHERE id = $1
        """,
        confirmation_id,
        said.speciality,
        said.qualifications,
        said.registration_number,
        invitation_id,
        clock.now(),
    )


async def count_application(confirmation_id: UUID) -> None:
    """The letter was confirmed: let its application count, and the invitation it came with.

    Doing so twice does it once. Where somebody was faster with the invitation, or it was withdrawn, the
    application waits for an administrator. Who is let in already, or works at a desk, stays as they are.
    """
    async with transaction():
        kept = await fetch_one(
            """
            DELETE FROM pending_applications a USING email_confirmations c, users u
            WHERE a.confirmation_id = $1 AND c.id = a.confirmation_id AND u.id = c.user_id
            RETURNING a.*, u.id AS user_id, u.name, u.role
            """,
            confirmation_id,
        )
        if kept is None or kept["role"] != "doctor" or not await _applied(kept):
            return
        if kept["invitation_id"] is not None:
            with suppress(InvitationNotValid):
                await use_invitation(
                    kept["invitation_id"],
                    user_id=kept["user_id"],
                    name=kept["name"],
                    said=None,
                    by=Actor(kept["user_id"], kept["role"]),
                    as_of=kept["created_at"],
                )


async def _applied(kept: Record) -> bool:
    """Write the application down, in the place of one a stranger began; False for a doctor let in already."""
    user_id, by = kept["user_id"], Actor(kept["user_id"], kept["role"])
    said = Particulars(kept["speciality"], kept["qualifications"], kept["registration_number"])
    doctor = await fetch_one("SELECT id, approved_at FROM doctors WHERE user_id = $1", user_id)
    if doctor is None:
        await apply_as_doctor(user_id, name=kept["name"], by=by, **vars(said))
    elif doctor["approved_at"] is None:
        await execute("UPDATE doctors SET name = $2 WHERE id = $1", doctor["id"], kept["name"])
        await apply_again(doctor["id"], said, by=by)
    return doctor is None or doctor["approved_at"] is None


async def drop_application(user_id: UUID) -> None:
    """Take back an application that a stranger made with somebody's address; the owner never asked for it."""
    async with transaction():
        doctor_id = await fetch_value(
            "UPDATE doctors SET rejected_at = $2 "
            "WHERE user_id = $1 AND approved_at IS NULL AND rejected_at IS NULL RETURNING id",
            user_id,
            clock.now(),
        )
        if doctor_id is not None:
            await publish(APPLICATION_DROPPED, doctor_id, by=SYSTEM)


async def tidy_applications() -> None:
    """Forget applications whose letter nobody confirmed in time."""
    await execute("DELETE FROM pending_applications WHERE created_at < $1", clock.now() - PENDING_FOR)
