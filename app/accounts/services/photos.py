"""The photo somebody shows of themselves."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from app import clock
from app.accounts.photos import EDGES, pictures_of
from app.accounts.queries import Account, find_photo
from app.db.engine import execute, fetch, fetch_value, transaction
from app.events.actor import Actor
from app.events.names import PHOTO_CHANGED, PHOTO_REMOVED
from app.events.services import publish
from app.jobs.services import enqueue
from app.storage import files
from app.web.limits import spend

_SETTLED_AFTER = timedelta(minutes=10)
"""By then an upload is shown or given up."""
_AT_ONCE = 500


def file_of(key: str, edge: int) -> str:
    """The name in the storage of a photo's picture of this edge in pixels."""
    return f"photos/{key}-{edge}.webp"


async def change_photo(account: Account, upload: bytes, *, by: Actor) -> str:
    """Show a photo in the place of the one there was, if any; gives back its key.

    Its row is written as that of a removed one, then its files, and then it is shown: so nobody is shown a
    photo that is not there, and files of an upload that broke off are known and tidied away.
    Raises NoPhoto (an Invalid, field photo), PhotosBusy, TooMany, StorageAway.
    """
    await spend("photo", str(account.id))
    pictures = await pictures_of(upload)
    key = secrets.token_hex(16)
    await execute(
        "INSERT INTO photos (key, user_id, created_at, removed_at) VALUES ($1, $2, $3, $3)",
        key,
        account.id,
        clock.now(),
    )
    for edge, picture in pictures.items():
        await files.put(file_of(key, edge), picture)
    async with transaction():
        old = await _hide(account.id)
        shown = await execute("UPDATE photos SET removed_at = NULL WHERE key = $1", key)
        if shown != "UPDATE 1":
            raise files.StorageAway
        await publish(PHOTO_CHANGED, account.id, by=by)
        if old is not None:
            await _forget_soon(old)
    return key


async def remove_photo(account: Account, *, by: Actor) -> None:
    """Show no photo any more; without one nothing happens."""
    async with transaction():
        old = await _hide(account.id)
        if old is not None:
            await publish(PHOTO_REMOVED, account.id, by=by)
            await _forget_soon(old)


async def make_public(user_ids: Collection[UUID], *, is_public: bool) -> None:
    """Let everybody see whose accounts these are, and so their photos, or only themselves from now on.

    Runs in the transaction of the change it follows from: accounts do not know who can be found.
    """
    await execute(
        "UPDATE users SET is_public = $2 WHERE id = ANY($1::uuid[]) AND is_public <> $2",
        list(user_ids),
        is_public,
    )


async def forget_files(key: str) -> None:
    """Take out the files of a photo that is not shown, and then its row. Raises StorageAway."""
    if await find_photo(key) is None:
        for edge in EDGES:
            await files.remove(file_of(key, edge))
        await execute("DELETE FROM photos WHERE key = $1 AND removed_at IS NOT NULL", key)


async def tidy_photos() -> None:
    """See again to photos that were never shown, or whose files could not be taken out at once."""
    left = await fetch(
        "SELECT key FROM photos WHERE removed_at < $1 LIMIT $2", clock.now() - _SETTLED_AFTER, _AT_ONCE
    )
    for row in left:
        await _forget_soon(row["key"])


async def _hide(account_id: UUID) -> str | None:
    """The key of the photo shown until now, or None; one account's uploads go one after the other."""
    await fetch_value("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE", account_id)
    key: str | None = await fetch_value(
        "UPDATE photos SET removed_at = $2 WHERE user_id = $1 AND removed_at IS NULL RETURNING key",
        account_id,
        clock.now(),
    )
    return key


async def _forget_soon(key: str) -> None:
    await enqueue("accounts.forget_photo_files", {"key": key}, dedupe=f"photo:{key}")
