"""A directory or an S3 store as the storage of one test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from app.settings import read_settings
from app.storage import files
from tests.storage.s3 import BUCKET, KEY, REGION, SECRET, Store

Use = Callable[..., None]


@pytest.fixture
def use_storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Let the storage read these settings anew."""

    def use(**environment: str) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        read = read_settings()
        monkeypatch.setattr(files, "settings", lambda: read)
        files._store.cache_clear()

    yield use
    files._store.cache_clear()


@pytest.fixture
def directory(tmp_path: Path, use_storage: Use) -> Path:
    """A directory of its own as the storage."""
    use_storage(DATA_DIR=str(tmp_path), STORAGE_URL="")
    return tmp_path / "uploads"


@pytest.fixture
def s3(use_storage: Use) -> Iterator[Store]:
    """A running S3 store as the storage."""
    store = Store()
    use_storage(STORAGE_URL=address_of(store))
    yield store
    store.shut()


def address_of(store: Store, *, secret: str = SECRET, bucket: str = BUCKET) -> str:
    """The setting that names a store."""
    return f"s3://{KEY}:{quote(secret, safe='')}@{store.address}/{bucket}?region={REGION}&scheme=http"
