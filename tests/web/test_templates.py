"""What every template keeps to."""

import re
from pathlib import Path

import pytest

from app.settings import ROOT

TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*") if path.is_file() and "sandbox" not in path.parts
)
IN_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TRANSLATED_VARIABLE = re.compile(r"(?<![\w.])n?gettext\(\s*[^\"'\s]|(?<![\w.])_\(\s*[^\"'\s]")
INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\">)"
    r"|\son[a-z]+\s*=|\sstyle\s*=|hx-on|javascript:",
    re.IGNORECASE,
)
"""A block of data for machines is not run, so no policy is about it (HTML, "prepare the script element")."""


def name_of(path: Path) -> str:
    return str(path).removeprefix(f"{ROOT}/templates/")


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_variable_is_translated_by_the_function_that_calls_it_safe(path: Path) -> None:
    """`_(variable)` prints the variable unescaped; `variable | sentence` does not."""
    for expression in IN_JINJA.findall(path.read_text("utf-8")):
        assert not TRANSLATED_VARIABLE.search(expression), expression


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "emails" not in path.parts], ids=name_of)
def test_no_page_holds_what_its_policy_forbids(path: Path) -> None:
    assert not INLINE.search(path.read_text("utf-8"))


UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE)


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=name_of)
def test_every_page_and_letter_escapes_what_it_shows(path: Path) -> None:
    from app.web.render import environment

    escapes = environment().autoescape
    assert callable(escapes)
    assert escapes(name_of(path))
    found = [
        expression for expression in IN_JINJA.findall(path.read_text("utf-8")) if UNESCAPED.search(expression)
    ]
    assert not found, found
