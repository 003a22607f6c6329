"""Files are kept whole, in a directory or in an S3 store, and what does not work is said in one sentence."""

from pathlib import Path

import pytest

from app.settings import BadSetting, read_settings
from app.storage import files
from app.storage.files import StorageAway
from tests.storage.conftest import Use, address_of
from tests.storage.s3 import BUCKET, Store

NAME = "photos/0123456789abcdef-96.webp"


@pytest.fixture(params=["directory", "s3"])
def somewhere(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


@pytest.mark.usefixtures("somewhere")
async def test_a_file_is_kept_replaced_and_taken_out() -> None:
    assert await files.find(NAME) is None
    await files.put(NAME, b"one")
    await files.put(NAME, b"two")
    assert await files.find(NAME) == b"two"

    for _twice in range(2):
        await files.remove(NAME)
    assert await files.find(NAME) is None


def _names_in(directory: Path) -> list[str]:
    return [file.name for file in directory.rglob("*") if file.is_file()]


async def test_the_directory_holds_whole_files_and_nothing_else(directory: Path) -> None:
    for content in (b"one", bytes(100_000)):
        await files.put(NAME, content)
        assert _names_in(directory) == [NAME.split("/")[1]]


async def test_a_directory_that_cannot_be_written_is_said(directory: Path, use_storage: Use) -> None:
    (directory.parent / "full").write_text("a file where the directory should be")
    use_storage(DATA_DIR=str(directory.parent / "full"))
    with pytest.raises(StorageAway):
        await files.put(NAME, b"one")


async def test_no_name_leads_out_of_the_directory(directory: Path) -> None:
    await files.put(NAME, b"one")
    (directory.parent / "secret").write_text("x")
    for name in ("../secret", "photos/../../secret"):
        with pytest.raises(ValueError, match="illegal"):
            await files.find(name)
    assert await files.find(str(directory.parent / "secret")) is None


async def test_an_s3_store_is_asked_with_our_keys_alone(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_ACCESS_KEY_ID": "another",
        "AWS_SECRET_ACCESS_KEY": "another",
        "AWS_SESSION_TOKEN": "another",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    await files.put(NAME, b"one")
    assert s3.objects == {f"/{BUCKET}/{NAME}": b"one"}
    assert await files.find(NAME) == b"one"
    await files.remove(NAME)
    assert s3.objects == {}


async def test_a_store_that_refuses_us_or_lacks_the_bucket_is_said(s3: Store, use_storage: Use) -> None:
    for address in (address_of(s3, secret="wrong"), address_of(s3, bucket="another-bucket")):
        use_storage(STORAGE_URL=address)
        with pytest.raises(StorageAway):
            await files.put(NAME, b"one")
    assert s3.objects == {}


async def test_a_store_that_is_down_is_said_soon_and_works_again_later(s3: Store) -> None:
    s3.fails_with = 500
    for act in (files.put(NAME, b"one"), files.find(NAME), files.remove(NAME)):
        with pytest.raises(StorageAway):
            await act
    s3.fails_with = None
    await files.put(NAME, b"one")
    assert await files.find(NAME) == b"one"


async def test_a_store_nobody_answers_at_is_said(use_storage: Use) -> None:
    gone = Store()
    use_storage(STORAGE_URL=address_of(gone))
    gone.shut()
    with pytest.raises(StorageAway):
        await files.put(NAME, b"one")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("http://k:s@host/bucket", "must start with s3://"),
        ("photos", "must start with s3://"),
        ("s3:///bucket", "needs the host"),
        ("s3://host/bucket", "needs KEY:SECRET@"),
        ("s3://k@host/bucket", "needs KEY:SECRET@"),
        ("s3://k:topsecret@host", "needs one bucket"),
        ("s3://k:topsecret@host/Two/Buckets", "needs one bucket"),
        ("s3://k:topsecret@host:port/bucket", "its port is no number"),
        ("s3://k:topsecret@host/bucket?scheme=ftp", "scheme=https or scheme=http"),
        ("s3://k:topsecret@host/bucket?region=Mumbai!", "takes a region"),
        ("s3://k:topsecret@host/bucket?regoin=x", "nothing after ? but"),
        ("s3://k:topsecret@host/bucket#x", "nothing after ? but"),
    ],
)
def test_a_setting_that_names_no_store_refuses_to_start_and_keeps_the_secret(
    monkeypatch: pytest.MonkeyPatch, value: str, sentence: str
) -> None:
    monkeypatch.setenv("STORAGE_URL", value)
    with pytest.raises(BadSetting) as refused:
        read_settings()
    assert "STORAGE_URL" in str(refused.value)
    assert sentence in str(refused.value)
    assert "topsecret" not in str(refused.value)


def test_a_setting_is_read_with_its_special_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_URL", "s3://AKID:a%2Fb%2Bc%3D@[::1]:9000/photos.of-us/")
    bucket = read_settings().storage
    assert bucket is not None
    assert (bucket.endpoint, bucket.name, bucket.region) == (
        "https://[::1]:9000",
        "photos.of-us",
        "us-east-1",
    )
    assert (bucket.key_id, bucket.secret) == ("AKID", "a/b+c=")
    assert "a/b+c=" not in repr(read_settings())
