"""What people do with their accounts; one function is one use case and one transaction."""

from app.accounts.services.confirming import ask_again, ask_confirmation, confirm_by_code, confirm_by_token
from app.accounts.services.notices import accept_notice
from app.accounts.services.photos import (
    change_photo,
    file_of,
    forget_files,
    make_public,
    remove_photo,
    tidy_photos,
)
from app.accounts.services.profile import add_person, change_person, change_profile
from app.accounts.services.sessions import Tokens, log_in, log_out, open_session, refresh
from app.accounts.services.sign_up import NewAccount, create, create_account, prepare, sign_up
from app.accounts.services.standing import block, change_role, end_all_sessions, unblock

__all__ = [
    "NewAccount",
    "Tokens",
    "accept_notice",
    "add_person",
    "ask_again",
    "ask_confirmation",
    "block",
    "change_person",
    "change_photo",
    "change_profile",
    "change_role",
    "confirm_by_code",
    "confirm_by_token",
    "create",
    "create_account",
    "end_all_sessions",
    "file_of",
    "forget_files",
    "log_in",
    "log_out",
    "make_public",
    "open_session",
    "prepare",
    "refresh",
    "remove_photo",
    "sign_up",
    "tidy_photos",
    "unblock",
]
