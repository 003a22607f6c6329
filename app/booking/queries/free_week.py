"""Everything the slot picker shows of a week, asked in one round trip."""

from datetime import date, datetime

from app.booking.queries import free_terms as terms
from app.booking.queries.free import length_of, open_slot
from app.booking.rows import DayCount, WeekSlots
from app.db.engine import fetch
from app.directory.queries import Practice

_SLOT = "s.id, s.on_date, s.starts_at, s.ends_at, s.is_kept"
_LENGTH = "$2::interval"


def _nearest(condition: str, order: str) -> str:
    """SQL for the free time closest to the open day, before or after it."""
    return f"({terms.first_that_fits(_SLOT, _LENGTH, condition=condition, order=order)})"


_WEEK = f"""
WITH calendar AS MATERIALIZED (
    SELECT {terms.today()} AS today, {terms.last_day()} AS last, c.time_zone AS zone
    FROM {terms.PRACTICES} WHERE p.id = $3
), chosen AS (
    SELECT least(greatest(coalesce($4, (
        SELECT ({terms.first_that_fits("s.on_date", _LENGTH)}) FROM {terms.PRACTICES} WHERE p.id = $3
    ), today), today), last) AS day, today, last, zone
    FROM calendar
), opened AS MATERIALIZED (
    SELECT day, today + (day - today) / 7 * 7 AS first, last,
           greatest(day::timestamp AT TIME ZONE zone, $1) AS begins
    FROM chosen
), free AS MATERIALIZED (
    SELECT {_SLOT} FROM {terms.SLOTS}
    WHERE p.id = $3 AND s.on_date >= (SELECT first FROM opened) AND s.on_date < (SELECT first + 7 FROM opened)
      AND {terms.free(_LENGTH)}
), days AS (
    SELECT o.first + n AS on_date, o.first + n = o.day AS is_open
    FROM opened o CROSS JOIN generate_series(0, 6) AS n WHERE o.first + n <= o.last
)
SELECT 'day' AS kind, d.on_date, d.is_open,
       (SELECT count(*) FROM free f WHERE f.on_date = d.on_date) AS free,
       NULL::uuid AS id, NULL::timestamptz AS starts_at, NULL::timestamptz AS ends_at, false AS is_kept
FROM days d
UNION ALL
SELECT 'slot', f.on_date, true, NULL, f.id, f.starts_at, f.ends_at, f.is_kept
FROM free f JOIN opened o ON o.day = f.on_date
UNION ALL
(SELECT 'nearest', n.on_date, false, NULL, n.id, n.starts_at, n.ends_at, n.is_kept
 FROM opened o CROSS JOIN {terms.PRACTICES}
 CROSS JOIN LATERAL (
     {_nearest("s.on_date > o.day", "ASC")} UNION ALL {_nearest("s.on_date < o.day", "DESC")}) n
 WHERE p.id = $3 AND NOT EXISTS (SELECT FROM free f WHERE f.on_date = o.day)
 ORDER BY greatest(n.starts_at - o.begins, o.begins - n.starts_at), n.starts_at LIMIT 1)
ORDER BY kind, on_date, starts_at
"""
"""$1 now, $2 the visit's length, $3 the practice, $4 the day asked for or NULL."""


async def week_picker(practice: Practice, minutes: int, *, on: date | None, now: datetime) -> WeekSlots:
    """The week around day `on`, how many visits of `minutes` can begin on each day, and that day's times.

    Weeks are counted from the clinic's today and end with its calendar. A day outside is taken as the nearest
    one inside, and none as the first with a free time.
    """
    rows = await fetch(_WEEK, now, length_of(minutes), practice.id, on)
    days = [row for row in rows if row["kind"] == "day"]
    return WeekSlots(
        on=next(row["on_date"] for row in days if row["is_open"]),
        days=[DayCount(row["on_date"], row["free"]) for row in days],
        slots=[open_slot(row) for row in rows if row["kind"] == "slot"],
        nearest=next((open_slot(row) for row in rows if row["kind"] == "nearest"), None),
    )
