"""Which browser on what, in words people know, from what a browser calls itself.

Only names of our own list come out: whoever tries a password writes the text, and it stands in letters.
"""

from app.errors import _
from app.web.i18n import sentence

_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("UCBrowser/", "UC Browser"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
"""In this order: newer browsers carry the names of older ones too."""

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_name(named: str) -> str:
    """`Chrome on Android`, or that we do not know; `named` is what the browser calls itself."""
    browser = next((name for sign, name in _BROWSERS if sign in named), None)
    system = next((name for sign, name in _SYSTEMS if sign in named), None)
    if browser is None or system is None:
        return sentence(_("A browser or program we do not know"))
    return sentence(_("%(browser)s on %(system)s"), {"browser": browser, "system": system})
