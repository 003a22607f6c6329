"""Build static/app.css from assets/app.css and the templates, or tell whether it is stale.

`python assets/build.py` builds (needs Node 20 and `npm ci`). `python assets/build.py --check` needs neither:
it compares the first line of the built file with a hash over its sources.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "assets" / "app.css"
BUILT = ROOT / "static" / "app.css"
TEMPLATES = ROOT / "templates"

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_CLASS = re.compile(r'\bclass\s*=\s*"((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', re.DOTALL)


def class_tokens(markup: str) -> set[str]:
    """The class names one template can produce.

    These are the plain words of its class attributes and every string inside the Jinja expressions in them,
    since `{{ 'field field-wrong' if field.errors else 'field' }}` may print either.
    """
    tokens: set[str] = set()
    for found in _CLASS.finditer(_COMMENT.sub("", markup)):
        for expression in _JINJA.findall(found[1]):
            for literal in _LITERAL.finditer(expression):
                tokens.update((literal[1] or literal[2] or "").split())
        tokens.update(_JINJA.sub(" ", found[1]).split())
    return tokens


def first_line() -> str:
    """The line that ties the built file to its sources."""
    tokens: set[str] = set()
    for template in TEMPLATES.rglob("*.html"):
        tokens |= class_tokens(template.read_text("utf-8"))
    digest = hashlib.sha256(SOURCE.read_bytes())
    digest.update("\n".join(sorted(tokens)).encode())
    return f"/* source: {digest.hexdigest()} */"


def build() -> None:
    """Run Tailwind, pinned in package-lock.json, and write the style sheet below its first line."""
    command = ["npx", "--no-install", "@tailwindcss/cli", "--input", str(SOURCE), "--minify"]
    sheet = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    BUILT.write_text(f"{first_line()}\n{sheet.strip()}\n", "utf-8")


def is_stale() -> bool:
    """Whether the built style sheet is missing or belongs to other sources than those of today."""
    if not BUILT.exists():
        return True
    with BUILT.open(encoding="utf-8") as sheet:
        return sheet.readline().rstrip("\n") != first_line()


def main() -> int:
    """Build, or with --check say whether building is due; the exit code is 1 when it is."""
    if "--check" not in sys.argv[1:]:
        build()
        return 0
    if is_stale():
        sys.stderr.write("static/app.css is stale: run `make css` and commit what it writes.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
