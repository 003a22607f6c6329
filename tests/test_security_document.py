"""docs/security.md answers every requirement, and what it names as proof is there."""

import re

import pytest

from app.settings import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| (\d+)\.(\d+\.\d+) \| ([12]) \| (.+?) \| (\S+) \| (.+) \|$", DOCUMENT, re.MULTILINE)

COUNTED = {
    **{1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7},
    **{11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16},
}
"""Requirements of levels 1 and 2 in each chapter of ASVS 5.0 but V10 (OAuth) and V17 (WebRTC)."""


@pytest.fixture(autouse=True)
def clean() -> None:
    """Nothing here touches the database, so it is not cleaned."""


def test_every_requirement_has_one_answer() -> None:
    numbers = [f"{chapter}.{rest}" for chapter, rest, *_others in ROWS]
    assert len(set(numbers)) == len(numbers) == sum(COUNTED.values())
    found = {chapter: sum(int(row[0]) == chapter for row in ROWS) for chapter in COUNTED}
    assert found == COUNTED
    assert {row[4] for row in ROWS} == {"**met**", "*n/a*", "**open**"}


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:app|tests|templates|static|docs)/[^`\s]*|[\w.]+\.(?:lock|md|toml))`", DOCUMENT)
    assert len(named) > 80
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_link_to_a_decision_leads_to_one() -> None:
    links = re.findall(r"\]\((decisions/[^)]+)\)", DOCUMENT)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
