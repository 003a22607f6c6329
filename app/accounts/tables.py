"""Accounts, their sessions and tokens, e-mail confirmations, and persons."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class User(Table, tablename="users"):
    """An account; the e-mail address is unique and kept in lower case, a mobile is neither.

    `is_public` is kept by the directory: whether everybody may see whose account it is, and so its photo.
    `mobile_hash` finds it by mobile and password; a trigger makes it NULL where either changes.
    `sessions_epoch` is raised with whatever ends its sessions, so that no log-in under way comes after it.
    """

    id = UUID(primary_key=True, default=UUID4())
    name = Text()
    email = Text(unique=True)
    mobile = Text(null=True, default=None)
    password_hash = Text(secret=True)
    mobile_hash = Bytea(null=True, default=None, secret=True)
    role = Text()
    language = Text(default="en")
    email_verified_at = Timestamptz(null=True, default=None)
    blocked_at = Timestamptz(null=True, default=None)
    is_public = Boolean(default=False)
    erased_at = Timestamptz(null=True, default=None)
    sessions_epoch = Integer(default=0)
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
    device_id = UUID(null=True, default=None)
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
    """A letter whose reader proves to own the mailbox; code and link follow from its id and our key.

    `device_id` is the browser that asked for it, `new_email` the address a change of address leads to.
    """

    id = UUID(primary_key=True, default=UUID4())
    user_id = ForeignKey(User)
    purpose = Text(default="verify_email")
    created_at = Timestamptz()
    code_expires_at = Timestamptz()
    link_expires_at = Timestamptz()
    tries = Integer(default=0)
    used_at = Timestamptz(null=True, default=None)
    device_id = UUID(null=True, default=None)
    new_email = Text(null=True, default=None)


class PendingSignUp(Table, tablename="pending_sign_ups"):
    """What somebody typed who signed up with an address that was not confirmed yet: it counts once it is.

    `sign_up_id` is the first letter of the sign-up, in whose place others may have been asked for.
    """

    confirmation_id = UUID(primary_key=True, default=None)
    sign_up_id = UUID(default=None)
    role = Text()
    name = Text()
    mobile = Text(null=True, default=None)
    password_hash = Text(secret=True)
    mobile_hash = Bytea(null=True, default=None, secret=True)
    created_at = Timestamptz()


class Consent(Table, tablename="consents"):
    """Which version of the privacy notice somebody accepted, in which language, and where."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = ForeignKey(User)
    notice_version = Text()
    language = Text()
    through = Text()
    accepted_at = Timestamptz()


class KnownDevice(Table, tablename="known_devices"):
    """A browser or program an account was used on; the cookie it keeps carries `device_id`."""

    user_id = UUID(primary_key=True, default=None)
    device_id = UUID(default=None)
    name = Text()
    address = Text()
    first_seen_at = Timestamptz()
    last_seen_at = Timestamptz()
    forgotten_at = Timestamptz(null=True, default=None)


class LogInTry(Table, tablename="log_in_tries"):
    """One try to log in, and what became of it; what was typed is kept as a hash only."""

    id = UUID(primary_key=True, default=UUID4())
    at = Timestamptz()
    user_id = UUID(null=True, default=None)
    identifier_hash = Bytea(secret=True)
    address = Text()
    device = Text()
    device_id = UUID(null=True, default=None)
    result = Text()


class LogInChallenge(Table, tablename="log_in_challenges"):
    """A log-in whose password was right and whose second step is due."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = UUID(default=None)
    kind = Text()
    device_id = UUID(default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    tries = Integer(default=0)
    used_at = Timestamptz(null=True, default=None)


class TotpKey(Table, tablename="totp_keys"):
    """An authenticator app somebody set up; its key follows from `id`, `last_step` was used last.

    `session_id` began the set-up, and nobody else confirms it.
    """

    user_id = UUID(primary_key=True, default=None)
    id = UUID(default=None)
    created_at = Timestamptz()
    confirmed_at = Timestamptz(null=True, default=None)
    session_id = UUID(null=True, default=None)
    last_step = BigInt(default=0)


class RecoveryCode(Table, tablename="recovery_codes"):
    """One of the codes that stand in for a lost authenticator app, each one time."""

    user_id = UUID(primary_key=True, default=None)
    code_hash = Bytea(secret=True)
    created_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class Person(Table, tablename="persons"):
    """Somebody who is seen by a doctor; without an account when the desk wrote them down.

    Nobody books any more for who was removed. `same_as` is who they turned out to be, with whom their visits
    stand since.
    """

    id = UUID(primary_key=True, default=UUID4())
    account_id = ForeignKey(User, null=True, default=None)
    name = Text()
    birth_year = Integer(null=True, default=None)
    sex = Text(null=True, default=None)
    mobile = Text(null=True, default=None)
    relation = Text()
    created_at = Timestamptz()
    removed_at = Timestamptz(null=True, default=None)
    same_as = UUID(null=True, default=None)


class Photo(Table, tablename="photos"):
    """A photo somebody shows of themselves; the files of its key are kept by `storage`."""

    key = Text(primary_key=True)
    user_id = ForeignKey(User)
    created_at = Timestamptz()
    removed_at = Timestamptz(null=True, default=None)


class Export(Table, tablename="exports"):
    """A copy of all that is kept of somebody, made on demand; `storage` keeps the file for a while."""

    id = UUID(primary_key=True, default=UUID4())
    user_id = ForeignKey(User)
    asked_at = Timestamptz()
    ready_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz()
    bytes = BigInt(null=True, default=None)
    removed_at = Timestamptz(null=True, default=None)


class Erasure(Table, tablename="erasures"):
    """An account that is no more; `sealed` holds what the law wants kept, until `kept_until`."""

    user_id = UUID(primary_key=True, default=None)
    asked_at = Timestamptz()
    kept_until = Timestamptz()
    masked_at = Timestamptz(null=True, default=None)
    sealed = JSONB(null=True, default=None, secret=True)
    done_at = Timestamptz(null=True, default=None)
