"""Applications of sign-ups that wait for their letter, as the sign-ups themselves do."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app import clock
from app.accounts.rules import ERASED_NAME
from app.db.engine import execute, fetch, fetch_one, fetch_value, transaction
from app.directory.errors import InvitationNotValid
from app.directory.rules import PENDING_FOR
from app.directory.services.applying import Particulars, apply_as_doctor
from app.directory.services.clinics import close_practices_of
from app.directory.services.invitations import use_invitation
from app.events.actor import SYSTEM, Actor
from app.events.names import APPLICATION_DROPPED
from app.events.services import publish


async def keep_application(
    confirmation_id: UUID, said: Particulars, *, invitation_id: UUID | None, begins_account: bool
) -> None:
    """Keep an application until the letter of its sign-up is confirmed; without such a letter keep nothing.

    Whoever signs up again with an address nobody has proved may be a stranger to the account, and whoever
    began it too: what either said of themselves counts with their own letter only. An account that this
    sign-up begins is confirmed by any letter to it. Raises Invalid at each field that does not fit.
    """
    said = said.checked()
    await execute(
        """
        INSERT INTO pending_applications
            (confirmation_id, speciality, qualifications, registration_number, invitation_id, begins_account,
             created_at)
        SELECT id, $2, $3, $4, $5, $6, $7 FROM email_confirmations WHERE id = $1
        """,
        confirmation_id,
        said.speciality,
        said.qualifications,
        said.registration_number,
        invitation_id,
        begins_account,
        clock.now(),
    )


async def drop_applications(user_id: UUID, *, until: datetime, but: UUID | None) -> None:
    """The owner of an address has come: leave nothing of a stranger's application, nor of a practice.

    `but` is the first letter of the sign-up that counts now, if it was one that proved the address. The owner
    never asked for the rest, so nobody is told of an answer. What began after `until`, when the address was
    proved, is the owner's, so that doing this twice does it once.
    """
    async with transaction():
        await _drop_doctor(user_id, until=until)
        await execute(
            "DELETE FROM pending_applications a USING email_confirmations c WHERE c.id = a.confirmation_id "
            "AND c.user_id = $1 AND c.id IS DISTINCT FROM $2 AND a.created_at <= $3",
            user_id,
            but,
            until,
        )


async def count_application(user_id: UUID, *, sign_up_id: UUID | None) -> None:
    """The address is proved: write down the application that waited, and spend the invitation it came with.

    `sign_up_id` is the first letter of a sign-up that took the account over, None of who began it. Doing
    so twice does it once. Where somebody was faster with the invitation, it was withdrawn, or is
    another's, the application waits for an administrator. Who is let in already, was blocked meanwhile, or
    works at a desk, stays as they are.
    """
    async with transaction():
        rows = await fetch(
            """
            DELETE FROM pending_applications a USING email_confirmations c, users u
            WHERE c.id = a.confirmation_id AND u.id = c.user_id AND u.id = $1
            RETURNING a.*, u.id AS user_id, u.name, u.role, u.blocked_at,
                CASE WHEN $2::uuid IS NULL THEN a.begins_account ELSE c.id = $2 END AS counts
            """,
            user_id,
            sign_up_id,
        )
        kept = next((row for row in rows if row["counts"]), None)
        if kept is None or kept["role"] != "doctor" or kept["blocked_at"] or not await _applied(kept):
            return
        if kept["invitation_id"] is not None:
            with suppress(InvitationNotValid):
                await use_invitation(
                    kept["invitation_id"],
                    user_id=user_id,
                    name=kept["name"],
                    said=None,
                    by=Actor(user_id, kept["role"]),
                    as_of=kept["created_at"],
                )


async def _applied(kept: Record) -> bool:
    """Write the application down, unless it is there; False for a doctor let in already."""
    doctor = await fetch_one(
        "SELECT id, approved_at FROM doctors WHERE user_id = $1 AND left_at IS NULL", kept["user_id"]
    )
    by = Actor(kept["user_id"], kept["role"])
    said = Particulars(kept["speciality"], kept["qualifications"], kept["registration_number"])
    if doctor is None:
        await apply_as_doctor(kept["user_id"], name=kept["name"], by=by, **vars(said))
        return True
    return doctor["approved_at"] is None


async def _drop_doctor(user_id: UUID, *, until: datetime) -> None:
    doctor_id: UUID | None = await fetch_value(
        "SELECT id FROM doctors WHERE user_id = $1 AND left_at IS NULL "
        "AND coalesce(applied_at, created_at) <= $2 FOR NO KEY UPDATE",
        user_id,
        until,
    )
    if doctor_id is None:
        return
    await close_practices_of(user_id, by=SYSTEM)
    await execute(
        "UPDATE practices SET meeting_link = '', approves_visits = false WHERE doctor_id = $1", doctor_id
    )
    await execute(
        "UPDATE services SET retired_at = $2 WHERE retired_at IS NULL "
        "AND practice_id IN (SELECT id FROM practices WHERE doctor_id = $1)",
        doctor_id,
        clock.now(),
    )
    await execute("DELETE FROM follows WHERE doctor_id = $1", doctor_id)
    was_approved = await fetch_value(_DROP, doctor_id, clock.now(), ERASED_NAME)
    await publish(APPLICATION_DROPPED, doctor_id, by=SYSTEM, facts={"was_approved": was_approved})


_DROP = """
UPDATE doctors d SET left_at = $2, approved_at = NULL, rejected_at = NULL, rejected_why = '', name = $3,
    slug = format('dropped-%s', d.id), designation = '', qualifications = '', registration_number = '',
    about = '', languages = '{}', followers_count = 0
FROM doctors before WHERE d.id = $1 AND before.id = d.id
RETURNING before.approved_at IS NOT NULL
"""


async def tidy_applications() -> None:
    """Forget applications whose letter nobody confirmed in time."""
    await execute("DELETE FROM pending_applications WHERE created_at < $1", clock.now() - PENDING_FOR)
