"""Short ways to visits that are over and to what was said of them; the recount that sums must equal."""

from uuid import UUID

from app.booking import services as booking
from app.booking.rows import Appointment
from app.db.engine import fetch_one
from app.reviews import services
from app.reviews.queries import Review
from tests.booking.visits import a_visit, acting
from tests.factories import Cast, CastDoctor, a_slot

_DAY = 24


async def a_seen_visit(patient: Cast, doctor: CastDoctor, *, number: int = 0) -> Appointment:
    """A completed visit; `number` tells several of one doctor apart, up to 24 a day."""
    slot = await a_slot(doctor, at=f"{number % _DAY:02}:00", days_ahead=1 + number // _DAY)
    visit = await a_visit(patient, slot, doctor)
    return await booking.complete(visit.id, by=acting(doctor))


async def a_review(
    patient: Cast, doctor: CastDoctor, *, stars: int = 5, text: str = "", number: int = 0
) -> Review:
    """What a patient says of a visit made for it."""
    visit = await a_seen_visit(patient, doctor, number=number)
    return await services.write(visit.id, stars=stars, text=text, by=acting(patient))


async def kept_sum(doctor_id: UUID) -> tuple[int, int]:
    """The doctor's stars and number of reviews as they are kept."""
    row = await fetch_one("SELECT stars_total, reviews_count FROM doctors WHERE id = $1", doctor_id)
    assert row
    return row["stars_total"], row["reviews_count"]


async def counted_sum(doctor_id: UUID) -> tuple[int, int]:
    """The same, counted from the reviews that are shown."""
    row = await fetch_one(
        "SELECT coalesce(sum(stars), 0) AS stars, count(*) AS reviews FROM reviews "
        "WHERE doctor_id = $1 AND hidden_at IS NULL",
        doctor_id,
    )
    assert row
    return row["stars"], row["reviews"]
