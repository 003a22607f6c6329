"""Where tests ask from when they call services themselves."""

from app.accounts.where import Where

HERE = Where("127.0.0.1", "tests")
