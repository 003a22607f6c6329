"""How often somebody may try: one table of limits, counted in PostgreSQL for all processes together."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil

from piccolo.columns import Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from app import clock
from app.db.engine import DB, execute, fetch_one, fetch_value
from app.errors import TooMany
from app.settings import settings


class LimitCount(Table, tablename="limits"):
    """How many tries one hashed somebody has made in the running window of one limit."""

    name = Text(primary_key=True)
    who = Bytea()
    window_start = Timestamptz()
    hits = Integer()


@dataclass(frozen=True)
class Limit:
    """At most `most` tries within `window`, which begins with the first counted try.

    With `since_last` the window begins anew with each counted try, so that only a pause of a whole window
    ends it. With `promised` the limit is hot: a process takes several tries at a time (a lease) and lets
    them pass without asking the database, and `promised` tries are never refused for what other processes
    of this machine have taken and not used.
    """

    most: int
    window: timedelta
    since_last: bool = False
    promised: int | None = None

    @property
    def lease(self) -> int:
        """How many tries a process takes at a time."""
        if self.promised is None:
            return 1
        spare = (self.most - self.promised) // settings().web_workers
        return max(1, min(self.most // 10, spare))


LIMITS = {
    # requests by their kind, counted by web.limiting: twice what is promised, so that leases fit in between
    "call": Limit(1_200, timedelta(minutes=1), promised=600),
    "call_of_strangers": Limit(6_000, timedelta(minutes=1), promised=3_000),
    "form": Limit(1_200, timedelta(minutes=1), promised=600),
    "form_of_strangers": Limit(6_000, timedelta(minutes=1), promised=3_000),
    "search": Limit(1_200, timedelta(minutes=1), promised=600),
    "search_of_strangers": Limit(6_000, timedelta(minutes=1), promised=3_000),
    # acts, counted by services
    # log-ins: three times the promise for a line that a waiting room shares; who floods is noted a few times
    "log_in": Limit(60, timedelta(minutes=5)),
    "log_in_refusals_noted": Limit(20, timedelta(minutes=5)),
    # passwords: 5 typing mistakes in a row; of strangers together 20 guesses an hour, and 100 until they rest
    # for a month (NIST SP 800-63B, 5.2.2: no more than 100 in a row)
    "password_client": Limit(5, timedelta(minutes=30), since_last=True),
    "password_strangers": Limit(20, timedelta(hours=1)),
    "password_strangers_in_a_row": Limit(100, timedelta(days=30), since_last=True),
    "password_again_in_a_row": Limit(100, timedelta(days=30), since_last=True),
    "shared_mobile": Limit(1, timedelta(days=30)),
    "lock_told": Limit(1, timedelta(days=1)),
    # codes of six digits: 5 of a million in 5 minutes, 50 a day; a letter with a new one every 6 minutes for
    # a network, and 50 an hour for all, so that who knows the password does not flood the mailbox
    "second_step": Limit(5, timedelta(minutes=5)),
    "second_step_day": Limit(50, timedelta(days=1)),
    "log_in_code_asked": Limit(10, timedelta(hours=1)),
    "log_in_codes_sent": Limit(50, timedelta(hours=1)),
    # sign-ups for a line: programs hardly make any, pages may be those of a whole clinic or village
    "sign_up": Limit(5, timedelta(hours=1)),
    "sign_up_on_page": Limit(60, timedelta(hours=1)),
    # letters: codes that are typed, of a line and for an address (50 of a million a day); letters of a kind
    # to a mailbox from one network, and from all for half as long as their links hold, so that one of those
    # sent still works; links, whose tokens nobody guesses, so that only their cost counts
    "email_code": Limit(30, timedelta(minutes=10)),
    "letter_asked": Limit(5, timedelta(hours=1)),
    "letter_digits": Limit(50, timedelta(days=1)),
    "letters_to_address": Limit(15, timedelta(minutes=30)),
    "letter_link": Limit(120, timedelta(minutes=10)),
    # what costs us work (copies of all data, pictures) or others attention (reports), far above honest use
    "export": Limit(5, timedelta(days=1)),
    "photo": Limit(20, timedelta(hours=1)),
    "booking": Limit(60, timedelta(minutes=1)),
    "review_report": Limit(20, timedelta(hours=1)),
    # codes that may be guessed: of slips by account and, for all of them, by line; of invitations by line
    "slip_code": Limit(10, timedelta(hours=1)),
    "slip_code_network": Limit(60, timedelta(hours=1)),
    "invitation_code": Limit(20, timedelta(minutes=10)),
}
"""The one table. Never below what the API promises: 20 log-ins in 5 minutes for an address, 30 bookings and
600 calls a minute for an account.

Mobile carriers of India put many customers behind one IPv4 address (CGNAT; blocks of 64 to 1,024 ports for
each make that 64 to 1,000 customers), and a waiting room is behind one too. So strangers are counted
generously by their address, 6,000 requests a minute being 6 for each of 1,000 phones, and what protects an
account is counted by that account. These figures stop a program that runs wild, not a flood.
"""

SKEW = timedelta(minutes=1)
"""By how much the clocks of our machines may differ: a window that begins a little later still counts."""
MOST_LEASES = 20_000
"""Somebodies a process remembers leases of; beyond that what is over is let go, then all the others."""


@dataclass
class _Lease:
    """Tries this process has counted already and not used yet."""

    left: int = 0
    until: datetime | None = None
    asking: asyncio.Task[None] | None = None

    def take(self, window: timedelta, now: datetime) -> bool:
        if not self.left or self.until is None or not self.until - window - SKEW <= now < self.until:
            return False
        self.left -= 1
        return True


_leases: dict[tuple[str, bytes], _Lease] = {}


async def spend(name: str, who: str) -> None:
    """Count one try of `who` (an address, a network, an account id; kept only as a hash) against a limit.

    Call it outside any transaction: one that rolls back would take the count back. Raises
    TooMany with the seconds left of the window once the limit is reached, DatabaseAway when nobody can
    count; nothing passes uncounted.
    """
    if DB.current_transaction.get() is not None:
        raise RuntimeError(f"{name} is counted inside a transaction, whose end may take the count back")
    limit, hashed = LIMITS[name], _hashed(who)
    if limit.promised is None:
        await _count(name, hashed, limit, clock.now())
        return
    lease = _lease_of(name, hashed, clock.now())
    while not lease.take(limit.window, clock.now()):
        if lease.asking is None or lease.asking.done():
            lease.asking = asyncio.create_task(_fill(lease, name, hashed, limit))
        await asyncio.shield(lease.asking)


async def give_back(name: str, who: str) -> None:
    """Take one counted try back, as of somebody who turned out to be who they said."""
    limit = LIMITS[name]
    await execute(
        "UPDATE limits SET hits = hits - 1 "
        "WHERE name = $1 AND who = $2 AND hits > 0 AND window_start > $3::timestamptz - $4::interval",
        name,
        _hashed(who),
        clock.now(),
        limit.window,
    )


async def forget(name: str, who: str) -> None:
    """Let somebody begin again with nothing counted against them."""
    await execute("DELETE FROM limits WHERE name = $1 AND who = $2", name, _hashed(who))
    _leases.pop((name, _hashed(who)), None)


def drop_leases() -> None:
    """Forget what this process has taken and not used; it stays counted in the database."""
    _leases.clear()


def _hashed(who: str) -> bytes:
    """Of an address the line it belongs to, or who has a whole network of them would begin anew with each."""
    return hashlib.sha256(line_of(who).encode()).digest()


def _lease_of(name: str, hashed: bytes, now: datetime) -> _Lease:
    if len(_leases) >= MOST_LEASES:
        for key in [key for key, lease in _leases.items() if lease.until is None or lease.until <= now]:
            del _leases[key]
        if len(_leases) >= MOST_LEASES:
            _leases.clear()
    return _leases.setdefault((name, hashed), _Lease())


async def _fill(lease: _Lease, name: str, hashed: bytes, limit: Limit) -> None:
    """Count one lease for all who wait for it; where that fails, it fails for all of them at once."""
    lease.left, lease.until = await _count(name, hashed, limit, clock.now())


async def _count(name: str, hashed: bytes, limit: Limit, now: datetime) -> tuple[int, datetime]:
    """Count a lease of tries in one statement for all processes: (how many may pass, end of the window).

    The last lease may reach beyond the limit; what is beyond is not granted.
    """
    row = await fetch_one(
        """
        INSERT INTO limits AS l (name, who, window_start, hits) VALUES ($1, $2, $3, $5)
        ON CONFLICT (name, who) DO UPDATE SET
            hits = CASE WHEN l.window_start > $3::timestamptz - $4::interval
                    AND l.window_start <= $3::timestamptz + $7::interval THEN l.hits + $5 ELSE $5 END,
            window_start = CASE WHEN NOT $8 AND l.window_start > $3::timestamptz - $4::interval
                    AND l.window_start <= $3::timestamptz + $7::interval THEN l.window_start ELSE $3 END
            WHERE l.hits < $6 OR l.window_start <= $3::timestamptz - $4::interval
                OR l.window_start > $3::timestamptz + $7::interval
        RETURNING hits, window_start
        """,
        name,
        hashed,
        now,
        limit.window,
        limit.lease,
        limit.most,
        SKEW,
        limit.since_last,
    )
    if row is None:
        raise TooMany(retry_after=await _seconds_left(name, hashed, limit, now))
    return limit.lease - max(0, row["hits"] - limit.most), row["window_start"] + limit.window


async def _seconds_left(name: str, hashed: bytes, limit: Limit, now: datetime) -> int:
    began = await fetch_value("SELECT window_start FROM limits WHERE name = $1 AND who = $2", name, hashed)
    return max(1, ceil(((began or now) + limit.window - now).total_seconds()))


AT_ONCE = 5_000
"""Rows of one delete, so that it never holds the table for long."""


async def forget_old() -> None:
    """Delete what no longer counts: windows that ended, and names the table above has no more."""
    now = clock.now()
    for name, limit in LIMITS.items():
        await _delete_in_parts("name = $1 AND window_start <= $2", name, now - limit.window - SKEW)
    await _delete_in_parts(
        "name <> ALL ($1::text[]) AND window_start <= $2", [*LIMITS], now - UNKNOWN_KEPT_FOR
    )


UNKNOWN_KEPT_FOR = timedelta(days=60)
"""During an upgrade an older process tidies beside newer ones, which may know more limits than it does."""


async def _delete_in_parts(which: str, *values: object) -> None:
    """Delete the rows `which` names, some at a time; rows just being counted are left for the next time."""
    tag = f"DELETE {AT_ONCE}"
    while tag == f"DELETE {AT_ONCE}":
        tag = await execute(
            "DELETE FROM limits WHERE (name, who) IN ("
            f"SELECT name, who FROM limits WHERE {which} LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED)",
            *values,
        )


def network_of(address: str) -> str:
    """The network a client's address belongs to: its /24 (IPv4) or /64 (IPv6).

    A provider moves its customers within such a range, and may hand out one IPv6 range to each of them. An
    IPv4 address written as IPv6 (::ffff:…) counts as what it is; what is no address is its own network.
    """
    return _within(address, 24)


def line_of(address: str) -> str:
    """Who pays for the line: an IPv4 address itself, and the /64 of an IPv6 one, which is one customer's."""
    return _within(address, 32)


def _within(address: str, ipv4_bits: int) -> str:
    found: IPv4Address | IPv6Address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, ipv4_bits if found.version == 4 else 64), strict=False))
