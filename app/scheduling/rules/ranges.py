"""Stretches of time as sorted, disjoint ranges: joined, and taken from each other."""

from collections.abc import Iterable
from datetime import datetime

Range = tuple[datetime, datetime]
"""From the first moment to the end, which no longer belongs to it; both aware."""


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The same time as few ranges, earliest first; those that touch become one, empty ones are left out."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def minus(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What is left of `ranges` without `taken`, earliest first."""
    away = joined(taken)
    left: list[Range] = []
    for whole_start, end in joined(ranges):
        start = whole_start
        for other_start, other_end in away:
            if other_end <= start or end <= other_start:
                continue
            left.append((start, other_start))
            start = other_end
        left.append((start, end))
    return joined(left)
