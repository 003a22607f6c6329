"""How often somebody may try: one table of limits, counted in PostgreSQL for all processes together."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from piccolo.columns import Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from app import clock
from app.db.engine import fetch_one
from app.errors import TooMany


class LimitCount(Table, tablename="limits"):
    """How many tries one hashed somebody has made in the running window of one limit."""

    name = Text(primary_key=True)
    who = Bytea()
    window_start = Timestamptz()
    hits = Integer()


@dataclass(frozen=True)
class Limit:
    """At most `most` tries within `window`."""

    most: int
    window: timedelta


LIMITS = {
    "log_in": Limit(60, timedelta(minutes=5)),
    "sign_up": Limit(5, timedelta(hours=1)),
    "email_code": Limit(30, timedelta(minutes=10)),
    "email_code_sent": Limit(5, timedelta(hours=1)),
    "photo": Limit(20, timedelta(hours=1)),
    "booking": Limit(60, timedelta(minutes=1)),
    "review_report": Limit(20, timedelta(hours=1)),
}
"""Never below what the API promises: 20 log-ins / 5 min, 30 bookings a minute; calls are not counted."""


async def spend(name: str, who: str) -> None:
    """Count one try of `who` (an address or an account id, kept only as a hash) against a limit.

    Raises TooMany with the seconds left of the window once the limit is passed.
    """
    limit = LIMITS[name]
    now = clock.now()
    row = await fetch_one(
        """
        INSERT INTO limits AS l (name, who, window_start, hits) VALUES ($1, $2, $3, 1)
        ON CONFLICT (name, who) DO UPDATE SET
            hits = CASE WHEN l.window_start BETWEEN $3 - $4::interval AND $3 THEN l.hits + 1 ELSE 1 END,
            window_start =
                CASE WHEN l.window_start BETWEEN $3 - $4::interval AND $3 THEN l.window_start ELSE $3 END
        RETURNING hits, window_start
        """,
        name,
        hashlib.sha256(who.encode()).digest(),
        now,
        limit.window,
    )
    if row is not None and row["hits"] > limit.most:
        left = row["window_start"] + limit.window - now
        raise TooMany(retry_after=max(1, int(left.total_seconds())))
