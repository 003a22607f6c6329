"""Keys and secrets: what is too weak or does not go together refuses to start."""

import os
from pathlib import Path

from app.settings.values import BadSetting

SHORTEST_SECRET = 32
"""Characters; HS256 wants a key of at least 256 bits (RFC 7518, 3.2)."""


def check_secret_key(given: str) -> None:
    """Strangers' sessions hang on this key; in development a short one does no harm. Raises BadSetting."""
    if not given:
        raise BadSetting("SECRET_KEY is required when APP_ENV=production.")
    if len(given) < SHORTEST_SECRET or len(set(given)) < SHORTEST_SECRET // 4:
        raise BadSetting(
            f"SECRET_KEY is too weak: give at least {SHORTEST_SECRET} random characters, "
            "for example from `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )


def keep_once(place: Path, fresh_secret: str) -> str:
    """A secret made at the first start and kept; of several processes starting at once the first wins.

    The file is for our own user alone. Gives back what stands in it.
    """
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(fresh_secret)
        try:
            os.link(fresh, place)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return place.read_text().strip()


def check_gateway(app_env: str, key_id: str, key_secret: str, webhook_secret: str) -> None:
    """Refuse keys of which one is missing, and live ones where people only try things. Raises BadSetting."""
    if app_env == "development" and key_id.startswith("rzp_live_"):
        raise BadSetting(
            "RAZORPAY_KEY_ID is a live key; with APP_ENV=development only test keys may be used."
        )
    if bool(key_id) != bool(key_secret):
        raise BadSetting("RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET go together; one of them is missing.")
    if key_id and not webhook_secret:
        raise BadSetting("RAZORPAY_WEBHOOK_SECRET is required beside the gateway's keys.")
