"""Texts that something on the way might take for more than a text; each carries MARK to be found again."""

from bs4 import BeautifulSoup, Tag

MARK = "zq7"

EVIL_TEXTS = {
    "markup": f"{MARK}\"'><img src=x onerror=window.{MARK}=1 class={MARK}>",
    "a way out of the document": f"{MARK}</title></textarea></script><script>window.{MARK}=1</script>",
    "an attribute": f"{MARK}' autofocus onfocus=window.{MARK}=1 data-{MARK}='",
    "an address": f"javascript:window.{MARK}=1//",
    "a template": f"{MARK}{{{{ 7*191 }}}}{{% for a in [1] %}}${{7*191}}#{{7*191}}%(name)s%s{{0}}",
    "SQL": f"{MARK}'); DROP TABLE reviews;-- \\' OR 1=1",
    "a header": f"{MARK}\r\nBcc: {MARK}@evil.example\r\nX-{MARK}: 1\r\n\r\n{MARK}",
    "a line of the log": f"{MARK}\nat=2026-01-01T00:00:00Z level=critical logger=app {MARK}-forged",
    "a formula": f"=cmd|'/C calc'!A0 {MARK}",
    "signs that turn the line": f"{MARK}\u202egpj.exe\u2066\u2028\u0085",
    "NUL": f"{MARK}\x00{MARK}\x1b[31m",
    "Devanagari": f"ज़ुकाम {MARK} क्‍षत्रिय १२३",
}

_URLS = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data")


def what_became_of(html: str) -> list[str]:
    """What a document has that no text of a person may put there: elements, handlers, addresses, results."""
    wrong = []
    document = BeautifulSoup(html, "html.parser")
    for element in document.find_all(True):
        assert isinstance(element, Tag)
        if MARK in element.get("class", []) or element.name == MARK:
            wrong.append(f"an element: {str(element)[:120]}")
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            if name.startswith("on") or name in (f"data-{MARK}", "autofocus"):
                wrong.append(f"an attribute {name}: {str(element)[:120]}")
            if name in _URLS and text.strip().lower().startswith("javascript:"):
                wrong.append(f"an address in {name}: {text[:60]}")
        if element.name == "script" and f"window.{MARK}" in element.get_text() and _is_code(element):
            wrong.append(f"a script: {element.get_text()[:80]}")
    if f"{MARK}1337" in document.get_text().replace(" ", ""):
        wrong.append("a template was carried out")
    return wrong


def _is_code(script: Tag) -> bool:
    return script.get("type") in (None, "", "module", "text/javascript")
