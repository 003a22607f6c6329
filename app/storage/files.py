"""Putting a file away, fetching it, taking it out; whole files only, in a directory or in an S3 store."""

import logging
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from app.errors import Unavailable, _
from app.settings import Bucket, settings

if TYPE_CHECKING:
    from obstore.store import S3Credential

log = logging.getLogger(__name__)

_CONNECT_WITHIN = timedelta(seconds=3)
_ANSWER_WITHIN = timedelta(seconds=10)
"""For one try; a photo of 12 KB needs far less, and somebody waits for it."""
_GIVE_UP_AFTER = timedelta(seconds=12)
"""For all tries together, after which a page says that it did not work."""

_AT_FAULT = (BaseError, OSError)
"""What the library raises when a disk is full, or a store does not answer, refuses us or lacks the bucket."""


class StorageAway(Unavailable):
    """Files can neither be kept nor fetched just now."""

    slug = "storage-away"
    message = _("We cannot keep or fetch files just now. Nothing was changed; please try again in a minute.")


async def put(name: str, content: bytes) -> None:
    """Keep a file, whole or not at all; one of the same name is replaced. Raises StorageAway.

    `name` is a path of plain ASCII words with `/` between them.
    """
    try:
        await obstore.put_async(_store(), name, content)
    except _AT_FAULT as fault:
        raise _away("put", name, fault) from fault


async def find(name: str) -> bytes | None:
    """A file's content, or None where there is none of that name. Raises StorageAway."""
    try:
        found = await obstore.get_async(_store(), name)
        return bytes(await found.bytes_async())
    except FileNotFoundError:
        return None
    except _AT_FAULT as fault:
        raise _away("find", name, fault) from fault


async def remove(name: str) -> None:
    """Take a file out; one that is not there is as good as taken out. Raises StorageAway."""
    try:
        await obstore.delete_async(_store(), name)
    except FileNotFoundError:
        return
    except _AT_FAULT as fault:
        raise _away("remove", name, fault) from fault


def _away(act: str, name: str, fault: Exception) -> StorageAway:
    log.warning("storage failed act=%s name=%s why=%s", act, name, str(fault).partition("\n")[0])
    return StorageAway()


@cache
def _store() -> LocalStore | S3Store:
    """The store of this process; the directory writes beside the name first and then renames."""
    bucket = settings().storage
    if bucket is not None:
        return _in_bucket(bucket)
    return LocalStore(settings().data_dir / "uploads", mkdir=True)


def _in_bucket(bucket: Bucket) -> S3Store:
    """Our own key pair and nothing else: the library would also listen to AWS_* of the environment."""

    def own_keys() -> "S3Credential":
        return {"access_key_id": bucket.key_id, "secret_access_key": bucket.secret, "expires_at": None}

    return S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        region=bucket.region,
        credential_provider=own_keys,
        skip_signature=False,
        disable_bulk_delete=True,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            "connect_timeout": _CONNECT_WITHIN,
            "timeout": _ANSWER_WITHIN,
        },
        retry_config={"max_retries": 2, "retry_timeout": _GIVE_UP_AFTER},
    )
