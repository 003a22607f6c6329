"""The cookies of a site that is reached over TLS."""

from dataclasses import replace

import pytest

from app.accounts import cookies
from app.settings import settings
from app.web import security


def test_over_tls_the_cookies_are_bound_to_this_very_host(monkeypatch: pytest.MonkeyPatch) -> None:
    https = replace(settings(), base_url="https://clinic.example")
    monkeypatch.setattr(security, "settings", lambda: https)

    for cookie in cookies.no_session_cookies():
        assert cookie.key.startswith("__Host-")
        assert (cookie.secure, cookie.path, cookie.domain, cookie.httponly) == (True, "/", None, True)
