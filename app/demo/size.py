"""How large a large demo is, as the command line says it; reads no settings, so it may be loaded first."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

OPTIONS = {
    "doctors": (20, 1, 5_000, "how many doctors"),
    "days": (60, 1, 366, "for how many days ahead they have times, and back they had visits"),
    "visits": (1_000, 0, 2_000_000, "how many visits in all"),
    "seed": (1, 0, 1_000_000, "of the dice; another one makes other people"),
}
"""Option → its usual, smallest and largest value, and what it means."""


@dataclass(frozen=True)
class Size:
    """How much to make: doctors, days ahead (and back), visits in all, and the seed of the dice."""

    doctors: int
    days: int
    visits: int
    seed: int = 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a parser understand the sizes; none of them is needed."""
    group = parser.add_argument_group("large demo", "made-up doctors for trying and measuring, with `demo`")
    for name, (usual, least, most, meaning) in OPTIONS.items():
        group.add_argument(f"--{name}", type=_whole(least, most), help=f"{meaning}, else {usual}")


def chosen_size(options: argparse.Namespace) -> Size | None:
    """The size asked for, usual where an option is left out; None where none of them is named."""
    if all(getattr(options, name) is None for name in OPTIONS):
        return None
    named = {name: getattr(options, name) for name in OPTIONS}
    return Size(**{name: OPTIONS[name][0] if value is None else value for name, value in named.items()})


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}")
        return value

    return number
