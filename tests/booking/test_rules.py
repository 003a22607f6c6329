"""The pure decisions: which moves are allowed, what a code looks like, what a range covers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.errors import AlreadyCancelled, HoldOver, NotPossible
from app.booking.rules import LIVE, MOVES, check_move, covers, new_code

states = st.sampled_from(sorted(MOVES))
START = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)


@given(old=states, new=states)
def test_a_move_passes_exactly_when_the_table_has_it(old: str, new: str) -> None:
    if new in MOVES[old]:
        check_move(old, new)
    else:
        with pytest.raises((NotPossible, HoldOver)):
            check_move(old, new)


@given(path=st.lists(states, min_size=1, max_size=12))
def test_no_way_leads_out_of_a_final_state(path: list[str]) -> None:
    at, is_final = "held", False
    for wanted in path:
        try:
            check_move(at, wanted)
        except (NotPossible, HoldOver):
            continue
        assert not is_final, f"left {at} for {wanted}"
        at = wanted
        is_final = at in ("cancelled", "completed", "no_show")


def test_only_expired_leads_back_to_a_live_state() -> None:
    closed = set(MOVES) - LIVE

    back = {state for state in closed if MOVES[state] & LIVE}

    assert back == {"expired"}


def test_every_target_is_a_known_state() -> None:
    assert set().union(*MOVES.values()) <= set(MOVES)


def test_cancelling_twice_has_its_own_sentence() -> None:
    with pytest.raises(AlreadyCancelled):
        check_move("cancelled", "cancelled")


def test_codes_have_no_look_alikes_and_do_not_repeat() -> None:
    codes = {new_code() for _once in range(2000)}

    assert len(codes) == 2000
    assert all(len(code) == 8 and not set(code) & set("01ILOU") for code in codes)


ranges = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=6,
)


@given(offered=ranges, start=st.integers(0, 20), length=st.integers(1, 10))
def test_a_range_is_covered_when_every_minute_of_it_is(
    offered: list[tuple[int, int]], start: int, length: int
) -> None:
    def moment(minute: int) -> datetime:
        return START + timedelta(minutes=minute)

    minutes = {minute for begins, ends in offered for minute in range(begins, ends)}
    expected = set(range(start, start + length)) <= minutes

    as_moments = [(moment(begins), moment(ends), moment(ends)) for begins, ends in sorted(offered)]
    assert covers(as_moments, moment(start), moment(start + length)) is expected


@pytest.mark.parametrize(
    ("length", "expected"), [(20, True), (25, False), (30, False), (31, True), (50, True)]
)
def test_a_range_that_ends_in_a_gap_is_not_covered(length: int, expected: bool) -> None:
    minutes = [timedelta(minutes=minute) for minute in (0, 20, 30, 50, 60)]
    begins, ends, then, its_end, until = [START + one for one in minutes]
    offered = [(begins, ends, then), (then, its_end, until)]

    assert covers(offered, START, START + timedelta(minutes=length)) is expected
