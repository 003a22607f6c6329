"""Which free time each of several visits is proposed: the nearest, never one time twice, and quickly."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.booking.rows import OpenSlot
from app.booking.rules import Homeless, others, propose, times_left
from tests.factories import KOLKATA

NINE = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)
HALF = timedelta(minutes=30)


def times(*minutes: int) -> list[OpenSlot]:
    """Half-hour slots that begin so many minutes after nine."""
    return [OpenSlot(uuid4(), at := NINE + timedelta(minutes=m), at + HALF) for m in sorted(minutes)]


def homeless(
    minutes: int, *, length: timedelta = HALF, engaged: tuple[tuple[int, int], ...] = ()
) -> Homeless:
    """A visit that was so many minutes after nine."""
    busy = tuple((NINE + timedelta(minutes=a), NINE + timedelta(minutes=b)) for a, b in engaged)
    return Homeless(uuid4(), NINE + timedelta(minutes=minutes), length, busy)


def minutes_of(slots: Sequence[OpenSlot | None]) -> list[int | None]:
    """When slots begin, in minutes after nine."""
    return [int((slot.starts_at - NINE).total_seconds() // 60) if slot else None for slot in slots]


def test_each_visit_gets_the_nearest_time_and_none_is_proposed_twice() -> None:
    visits = [homeless(0), homeless(30), homeless(60)]

    found = propose(visits, times_left({HALF: times(90, 120, 150)}, []))

    assert minutes_of([found[visit.id] for visit in visits]) == [90, 120, 150]


def test_of_two_equally_near_times_the_later_one_is_proposed() -> None:
    visit = homeless(60)

    found = propose([visit], times_left({HALF: times(30, 90)}, []))

    assert minutes_of([found[visit.id]]) == [90]


def test_who_finds_nothing_left_is_told_so() -> None:
    one, other = homeless(0), homeless(30)

    found = propose([one, other], times_left({HALF: times(60)}, []))

    assert minutes_of([found[one.id], found[other.id]]) == [60, None]


def test_a_long_visit_takes_all_the_slots_under_it() -> None:
    long, short = homeless(0, length=2 * HALF), homeless(0)
    free = {2 * HALF: times(60), HALF: times(60, 90, 120)}

    found = propose([long, short], times_left(free, []))

    assert minutes_of([found[long.id], found[short.id]]) == [60, 120]


def test_a_patient_is_not_sent_where_they_have_to_be_elsewhere() -> None:
    visit = homeless(0, engaged=((45, 75),))

    found = propose([visit], times_left({HALF: times(30, 60, 90)}, []))

    assert minutes_of([found[visit.id]]) == [90]


def test_others_to_choose_from_are_the_nearest_of_each_day_and_given_to_nobody() -> None:
    visit, day = homeless(0), 24 * 60
    left = times_left({HALF: times(60, 90, day, day + 30, 2 * day, 3 * day)}, [])
    propose([visit], left)

    found = others([visit], left, zone=KOLKATA, days=3)

    assert minutes_of(found[visit.id]) == [90, day, 2 * day]


def test_others_may_lie_before_the_visit_and_leave_out_where_its_patient_is_elsewhere() -> None:
    day = 24 * 60
    visit = homeless(3 * day, engaged=((4 * day, 5 * day), (2 * day + 60, 2 * day + 90)))
    left = times_left({HALF: times(0, day, 2 * day, 2 * day + 60, 4 * day + 60, 6 * day)}, [])

    found = others([visit], left, zone=KOLKATA, days=3)

    assert minutes_of(found[visit.id]) == [day, 2 * day, 6 * day]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([20, 30, 50, 90])), max_size=25),
    st.lists(st.integers(0, 60), max_size=30, unique=True),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 90)), max_size=6),
)
def test_whatever_is_free_no_two_proposals_overlap_nor_what_is_given_away(
    asked: list[tuple[int, int]], free: list[int], given_away: list[tuple[int, int]]
) -> None:
    visits = [homeless(at * 15, length=timedelta(minutes=length)) for at, length in asked]
    offered = times(*(place * 20 for place in free))
    taken = [(NINE + timedelta(minutes=a), NINE + timedelta(minutes=a + m)) for a, m in given_away]

    found = propose(visits, times_left({visit.length: offered for visit in visits}, taken))

    spans = [visit.span(slot.starts_at) for visit in visits if (slot := found[visit.id])]
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(spans)))
    assert not [span for span in spans for away in taken if span[0] < away[1] and away[0] < span[1]]
    assert found.keys() == {visit.id for visit in visits}


def step_by_step(
    visits: Sequence[Homeless], offered: Sequence[OpenSlot], taken: Sequence[tuple[datetime, datetime]]
) -> list[OpenSlot | None]:
    """The same by looking at every time for every visit."""
    given, found = list(taken), list[OpenSlot | None]()
    for visit in visits:
        left = [
            slot
            for slot in offered
            if not any(slot.starts_at < end and start < slot.starts_at + visit.length for start, end in given)
        ]
        slot = min(
            left, key=lambda s: (abs(s.starts_at - visit.near), s.starts_at < visit.near), default=None
        )
        given += [visit.span(slot.starts_at)] if slot else []
        found.append(slot)
    return found


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([20, 30, 50, 90])), max_size=25),
    st.lists(st.integers(0, 60), max_size=30, unique=True),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 90)), max_size=6),
)
def test_the_proposals_are_those_of_looking_at_every_time_for_every_visit(
    asked: list[tuple[int, int]], free: list[int], given_away: list[tuple[int, int]]
) -> None:
    visits = [homeless(at * 15, length=timedelta(minutes=length)) for at, length in asked]
    offered = times(*(place * 20 for place in free))
    taken = [(NINE + timedelta(minutes=a), NINE + timedelta(minutes=a + m)) for a, m in given_away]

    found = propose(visits, times_left({visit.length: offered for visit in visits}, taken))

    assert [found[visit.id] for visit in visits] == step_by_step(visits, offered, taken)


def test_hundreds_of_visits_in_a_full_year_hold_nobody_up() -> None:
    a_day = 24 * 60
    offered = times(*(on * a_day + at for on in range(60, 366) for at in range(0, 600, 15)))
    visits = [homeless(on * a_day + at) for on in range(40) for at in range(0, 600, 20)]
    before = process_time()

    left = times_left({HALF: offered}, [])
    found = propose(visits, left)
    further = others(visits, left, zone=KOLKATA, days=3)

    assert process_time() - before < 1
    assert None not in found.values() and {len(slots) for slots in further.values()} == {3}
