"""Accounts, their sessions and tokens, e-mail confirmations, and persons."""

from piccolo.columns import UUID, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class User(Table, tablename="users"):
    """An account; the e-mail address is unique and kept in lower case, a mobile is neither.

    `is_public` is kept by the directory: whether everybody may see whose account it is, and so its photo.
    """

    id = UUID(primary_key=True, default=UUID4())
    name = Text()
    email = Text(unique=True)
    mobile = Text(null=True, default=None)
    password_hash = Text(secret=True)
    role = Text()
    language = Text(default="en")
    email_verified_at = Timestamptz(null=True, default=None)
    blocked_at = Timestamptz(null=True, default=None)
    is_public = Boolean(default=False)
    created_at = Timestamptz()


class Session(Table, tablename="sessions"):
    """One log-in on one device; everything it handed out ends with it."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = ForeignKey(User)
    created_at = Timestamptz()
    last_seen_at = Timestamptz()
    expires_at = Timestamptz()
    address = Text()
    device = Text()
    ended_at = Timestamptz(null=True, default=None)
    ended_why = Text(null=True, default=None)


class RefreshToken(Table, tablename="refresh_tokens"):
    """One link of a session's chain of refresh tokens; only a hash of it is kept."""

    id = UUID(primary_key=True, default=UUID4())
    session_id = ForeignKey(Session)
    token_hash = Bytea(unique=True, secret=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class EmailConfirmation(Table, tablename="email_confirmations"):
    """A letter that asks whether an address is theirs; code and link follow from its id and our key."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = ForeignKey(User)
    purpose = Text(default="verify_email")
    created_at = Timestamptz()
    code_expires_at = Timestamptz()
    link_expires_at = Timestamptz()
    tries = Integer(default=0)
    used_at = Timestamptz(null=True, default=None)


class Person(Table, tablename="persons"):
    """Somebody who is seen by a doctor; without an account when the desk wrote them down."""

    id = UUID(primary_key=True, default=UUID4())
    account_id = ForeignKey(User, null=True, default=None)
    name = Text()
    birth_year = Integer(null=True, default=None)
    sex = Text(null=True, default=None)
    mobile = Text(null=True, default=None)
    relation = Text()
    created_at = Timestamptz()


class Photo(Table, tablename="photos"):
    """A photo somebody shows of themselves; the files of its key are kept by `storage`."""

    key = Text(primary_key=True)
    user_id = ForeignKey(User)
    created_at = Timestamptz()
    removed_at = Timestamptz(null=True, default=None)
