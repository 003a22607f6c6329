"""Background work of accounts."""

from typing import Any

from app.accounts import services
from app.jobs.registry import every, task


@task("accounts.forget_photo_files")
async def forget_photo_files(payload: dict[str, Any]) -> None:
    """Take out the files of a photo that was replaced, removed, or never shown."""
    await services.forget_files(payload["key"])


@every("accounts.tidy_log_ins", "17 3 * * * 41")
async def tidy_log_ins() -> None:
    """Delete tries to log in that need not be kept any longer."""
    await services.forget_old_tries()


@every("accounts.tidy_sign_ups", "37 * * * * 13")
async def tidy_sign_ups() -> None:
    """Forget what strangers typed who never confirmed it."""
    await services.forget_pending()


@every("accounts.tidy_photos", "*/10 * * * * 30")
async def tidy_photos() -> None:
    """Find files that were left behind."""
    await services.tidy_photos()
