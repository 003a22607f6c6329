"""Razorpay's twin beside us, where no keys of a real account are set."""

import asyncio
import json
import secrets
import string
from pathlib import Path
from urllib.parse import urlsplit

from app.jobs.companion import Companion, environment_without
from app.settings import keep_once, settings

OURS_ALONE = ("DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY", "SMTP_URL", "REDIS_URL", "RAZORPAY_")
"""Settings the sandbox does not need: it is spoken to over HTTP alone, as Razorpay is."""
LETTERS = string.ascii_letters + string.digits


class Twin:
    """The sandbox process with its keys, which are made at the first start and kept."""

    def __init__(self, data_dir: Path, *, webhook_url: str, clock_dsn: str) -> None:
        """Events go to `webhook_url`; `clock_dsn` is the database whose test clock the sandbox follows."""
        self._keys: dict[str, str] = json.loads(keep_once(data_dir / "sandbox_keys", _fresh_keys()))
        environment = environment_without(*OURS_ALONE) | {
            "SANDBOX_PORT": "0",
            "SANDBOX_BOOK": str(data_dir / "sandbox"),
            "SANDBOX_KEY_ID": self._keys["RAZORPAY_KEY_ID"],
            "SANDBOX_KEY_SECRET": self._keys["RAZORPAY_KEY_SECRET"],
            "SANDBOX_WEBHOOK_SECRET": self._keys["RAZORPAY_WEBHOOK_SECRET"],
            "SANDBOX_WEBHOOK_URL": webhook_url,
            "SANDBOX_CLOCK_DSN": clock_dsn,
        }
        self._process = Companion("sandbox", "app.payments.sandbox", environment=environment)

    def start(self) -> dict[str, str]:
        """Start it and give the settings that make it our gateway. Raises CompanionFailed.

        For browsers it is `localhost` while the site is an address: so the two are different sites there
        too, as Razorpay and a clinic are.
        """
        address = self._process.start("sandbox listening on ")
        port = address.rpartition(":")[2]
        self._process.environment["SANDBOX_PORT"] = port  # should it die, it comes back where it was
        return self._keys | {
            "RAZORPAY_BASE_URL": address,
            "PARCHI_SANDBOX_ORIGIN": f"http://localhost:{port}",
        }

    def stop(self) -> None:
        """End it."""
        self._process.stop()


async def is_answering() -> bool:
    """Whether the sandbox takes connections; raises OSError when it does not."""
    address = urlsplit(settings().razorpay_base_url)
    _reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.close()
    return True


def _fresh_keys() -> str:
    """Keys in the shape of Razorpay's test keys."""
    return json.dumps(
        {
            "RAZORPAY_KEY_ID": "rzp_test_" + "".join(secrets.choice(LETTERS) for _ in range(14)),
            "RAZORPAY_KEY_SECRET": "".join(secrets.choice(LETTERS) for _ in range(24)),
            "RAZORPAY_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        }
    )
