"""Following a doctor, to hear when new days open; the count stands with the doctor."""

from uuid import UUID

from app import clock
from app.db.engine import execute, fetch_value, transaction
from app.directory.errors import NoSuchDoctor
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def follow(doctor_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Let an account follow a doctor whom patients can see; following twice is once. Raises NoSuchDoctor."""
    async with transaction():
        if not await fetch_value("SELECT EXISTS (SELECT FROM listings WHERE doctor_id = $1)", doctor_id):
            raise NoSuchDoctor
        done = await execute(
            "INSERT INTO follows (user_id, doctor_id, created_at) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING",
            user_id,
            doctor_id,
            clock.now(),
        )
        if done == "INSERT 0 1":
            await _count(doctor_id, 1)
            await publish(names.DOCTOR_FOLLOWED, doctor_id, by=by)


async def unfollow(doctor_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Let an account no longer follow a doctor, seen or not; doing so twice is once. Raises NoSuchDoctor."""
    async with transaction():
        done = await execute("DELETE FROM follows WHERE user_id = $1 AND doctor_id = $2", user_id, doctor_id)
        if done == "DELETE 1":
            await _count(doctor_id, -1)
            await publish(names.DOCTOR_UNFOLLOWED, doctor_id, by=by)
        elif not await fetch_value("SELECT EXISTS (SELECT FROM doctors WHERE id = $1)", doctor_id):
            raise NoSuchDoctor


async def _count(doctor_id: UUID, change: int) -> None:
    await execute(
        "UPDATE doctors SET followers_count = followers_count + $2 WHERE id = $1", doctor_id, change
    )
