"""What "free" means, said once in SQL: fragments that every question about free times is put together from.

They stand in a query that calls a slot `s`, its practice `p` and the practice's clinic `c`. Patients see less
than the clinic does: no time before the lead time is over, none beyond the booking window, none that is kept
back for walk-ins.
"""

PRACTICES = "practices p JOIN clinics c ON c.id = p.clinic_id"
SLOTS = f"{PRACTICES} JOIN slots s ON s.practice_id = p.id AND s.withdrawn_at IS NULL"
"""FROM clause with the three names the fragments use."""


def today(now: str = "$1") -> str:
    """The clinic's day."""
    return f"({now}::timestamptz AT TIME ZONE c.time_zone)::date"


def last_day(now: str = "$1") -> str:
    """The last day of the clinic's calendar that is open to patients."""
    return f"({today(now)} + coalesce(p.calendar_days, c.calendar_days))"


def earliest(now: str = "$1") -> str:
    """The first moment at which a patient may still begin a visit."""
    return f"({now}::timestamptz + make_interval(mins => coalesce(p.lead_minutes, c.lead_minutes)))"


def taken(end: str, now: str = "$1") -> str:
    """Whether a visit from the slot's beginning to `end` would run into a live one of the doctor.

    Live visits of a doctor never overlap (appointments_no_overlap), so the last one that begins before `end`
    is also the last to be over, and it alone is looked at: one step in the index appointments_live_time. A
    hold whose time is over counts as nothing, whether or not anybody has swept it.
    """
    return f"""
        coalesce((
            SELECT a.ends_at > s.starts_at FROM appointments a
            WHERE a.doctor_id = s.doctor_id AND a.starts_at < {end}
              AND a.status NOT IN ('cancelled', 'expired') AND a.starts_at IS NOT NULL
              AND NOT (a.status = 'held' AND a.hold_expires_at <= {now})
            ORDER BY a.starts_at DESC LIMIT 1), false)
    """


def covered(length: str, *, kept_too: bool) -> str:
    """Whether slots offered cover a visit of `length`, an interval, without a break.

    A slot covers the gap after it too (`covers_until`), so that a visit may take several in a row; it ends
    inside one. `app.booking.rules.covers` says the same.
    """
    return f"""
        (s.ends_at >= s.starts_at + {length} OR (
            SELECT bool_or(n.ends_at >= s.starts_at + {length})
               AND range_agg(tstzrange(n.starts_at, coalesce(n.covers_until, n.ends_at)))
                @> tstzrange(s.starts_at, s.starts_at + {length})
            FROM slots n
            WHERE n.practice_id = s.practice_id AND n.on_date IN (s.on_date, s.on_date + 1)
              AND n.starts_at >= s.starts_at AND n.starts_at < s.starts_at + {length}
              AND n.withdrawn_at IS NULL {"" if kept_too else "AND NOT n.is_kept"}))
    """


def on_offer(*, for_clinic: bool = False, now: str = "$1") -> str:
    """Whether the slot lies where patients, or the clinic, may look for a time; says nothing of visits."""
    if for_clinic:
        return f"s.starts_at > {now} AND s.on_date >= {today(now)}"
    return f"""
        s.starts_at > {now} AND s.starts_at >= {earliest(now)} AND NOT s.is_kept
        AND s.on_date BETWEEN {today(now)} AND {last_day(now)}
    """


def fits(length: str, *, for_clinic: bool = False, now: str = "$1") -> str:
    """Whether a visit of `length`, an interval, from the slot on is covered by slots and meets no other."""
    return f"NOT {taken(f's.starts_at + {length}', now)} AND {covered(length, kept_too=for_clinic)}"


def free(length: str, *, for_clinic: bool = False, now: str = "$1") -> str:
    """Whether a visit of `length`, an interval, can begin with the slot: for patients, or for the clinic."""
    return f"{on_offer(for_clinic=for_clinic, now=now)} AND {fits(length, for_clinic=for_clinic, now=now)}"


def first_that_fits(
    select: str,
    length: str,
    *,
    condition: str = "true",
    order: str = "ASC",
    limit: str = "1",
    for_clinic: bool = False,
    one_day: bool = False,
    now: str = "$1",
) -> str:
    """SELECT of the first free slots, in order of time, of practice `p` at clinic `c` of the query around it.

    `one_day` says that `condition` leaves slots of one day only.

    Slots are looked at one by one in the order of the index and only until enough are found; left to itself
    the planner asks about all of them first, since it cannot know how many are free, or since it has dropped
    a day that is the same for all from the order it has and then misses it.
    """
    in_order = f"s.starts_at {order}" if one_day else f"s.on_date {order}, s.starts_at {order}"
    return f"""
        SELECT {select} FROM (
            SELECT * FROM slots s
            WHERE s.practice_id = p.id AND s.withdrawn_at IS NULL AND {condition}
              AND {on_offer(for_clinic=for_clinic, now=now)}
            ORDER BY {in_order} OFFSET 0) s
        WHERE {fits(length, for_clinic=for_clinic, now=now)}
        ORDER BY {in_order} LIMIT {limit}
    """


DEFAULT_LENGTH = """
    make_interval(mins => (
        SELECT sv.duration_minutes FROM services sv
        WHERE sv.practice_id = p.id AND sv.retired_at IS NULL
        ORDER BY sv.mode <> 'in_person', sv.position, sv.created_at, sv.id LIMIT 1))
"""
"""How long a visit of practice `p` takes when nobody has chosen a service, as `first_service` chooses it."""


def next_free(*, length: str = DEFAULT_LENGTH, now: str = "$1", on: str | None = None) -> str:
    """SQL for the next time a visit of `length` can begin at practice `p` of clinic `c`, or NULL.

    For the select list or a LATERAL join of a query over practices and clinics. `on`, an expression, asks for
    one day of the clinic's only.
    """
    condition = f"s.on_date = {on}" if on else "true"
    first = first_that_fits(
        "s.starts_at", "asked.length", condition=condition, one_day=on is not None, now=now
    )
    return (
        f"(SELECT f.starts_at FROM (SELECT {length} AS length OFFSET 0) asked CROSS JOIN LATERAL ({first}) f)"
    )
