"""What the tests of accounts share with those of other rooms."""

from tests.storage.conftest import directory, s3, use_storage

__all__ = ["directory", "s3", "use_storage"]
