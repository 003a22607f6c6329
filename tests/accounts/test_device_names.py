"""What a browser calls itself, in words people know."""

import pytest

from app.accounts.device_names import device_name

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.mark.parametrize(
    ("named", "name"),
    [
        (f"Mozilla/5.0 (Linux; Android 14; K) {_CHROME} Mobile Safari/537.36", "Chrome on Android"),
        (
            f"Mozilla/5.0 (Linux; Android 13) SamsungBrowser/23.0 {_CHROME} Mobile",
            "Samsung Internet on Android",
        ),
        (f"{_WINDOWS} {_CHROME} Safari/537.36 Edg/120.0", "Edge on Windows"),
        (f"{_WINDOWS} Gecko/20100101 Firefox/121.0", "Firefox on Windows"),
        (f"{_IPHONE} Version/17.1 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{_IPHONE} CriOS/120.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.1 Safari/605.1.15", "Safari on Mac"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME} Safari/537.36 OPR/106.0", "Opera on Linux"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_CHROME} Safari/537.36", "Chrome on Chromebook"),
    ],
)
def test_browsers_people_use_are_told_apart(named: str, name: str) -> None:
    assert device_name(named) == name


@pytest.mark.parametrize(
    "named", ["", "python-httpx/0.27", "call +91 900 000 now at evil.example", "Windows", "Chrome/1"]
)
def test_what_somebody_made_up_is_never_said_back(named: str) -> None:
    assert device_name(named) == "A browser or program we do not know"
