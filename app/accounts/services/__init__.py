"""What people do with their accounts: each use case is one function, whose writes are one transaction.

What is counted or compared (tries, passwords) is done before that transaction begins. Beside use cases stand
the parts other rooms compose their own of, such as `new_proof` or `lock_account`; those join a transaction.
"""

from app.accounts.services.challenges import Challenge, confirm_log_in, find_challenge, send_another_code
from app.accounts.services.change_email import (
    ask_email_change,
    change_email_by_code,
    change_email_by_link,
    email_of_change,
    email_waiting,
)
from app.accounts.services.confirming import (
    ask_again,
    ask_confirmation,
    confirm_by_code,
    confirm_by_link,
    confirm_by_token,
    confirm_own_letter,
    is_awaited,
    newest_letter,
)
from app.accounts.services.devices import devices_of, end_device, end_other_sessions
from app.accounts.services.family import join_person, keep_person, put_back_person, remove_person
from app.accounts.services.logging_in import log_in
from app.accounts.services.members import create_account, create_member
from app.accounts.services.notices import accept_notice
from app.accounts.services.password import (
    ask_reset,
    change_password,
    check_password,
    choose_password,
    invite_to_set_password,
)
from app.accounts.services.photos import (
    change_photo,
    file_of,
    forget_files,
    make_public,
    remove_photo,
    tidy_photos,
)
from app.accounts.services.profile import add_person, change_person, change_profile
from app.accounts.services.proofs import count_letter, find_proof, new_proof, spend_proofs, use_proof
from app.accounts.services.sessions import Tokens, log_out, open_session, refresh
from app.accounts.services.sign_up import Begun, NewAccount, begin, create, forget_pending, prepare, sign_up
from app.accounts.services.standing import (
    Standing,
    block,
    change_role,
    end_all_sessions,
    lock_account,
    send_password_letter,
    take_second_step,
    unblock,
)
from app.accounts.services.tries import forget_old_tries
from app.accounts.services.trusting import ask_trust, trust_device

__all__ = [
    "Begun",
    "Challenge",
    "NewAccount",
    "Standing",
    "Tokens",
    "accept_notice",
    "add_person",
    "ask_again",
    "ask_confirmation",
    "ask_email_change",
    "ask_reset",
    "ask_trust",
    "begin",
    "block",
    "change_email_by_code",
    "change_email_by_link",
    "change_password",
    "change_person",
    "change_photo",
    "change_profile",
    "change_role",
    "check_password",
    "choose_password",
    "confirm_by_code",
    "confirm_by_link",
    "confirm_by_token",
    "confirm_log_in",
    "confirm_own_letter",
    "count_letter",
    "create",
    "create_account",
    "create_member",
    "devices_of",
    "email_of_change",
    "email_waiting",
    "end_all_sessions",
    "end_device",
    "end_other_sessions",
    "file_of",
    "find_challenge",
    "find_proof",
    "forget_files",
    "forget_old_tries",
    "forget_pending",
    "invite_to_set_password",
    "is_awaited",
    "join_person",
    "keep_person",
    "lock_account",
    "log_in",
    "log_out",
    "make_public",
    "new_proof",
    "newest_letter",
    "open_session",
    "prepare",
    "put_back_person",
    "refresh",
    "remove_person",
    "remove_photo",
    "send_another_code",
    "send_password_letter",
    "sign_up",
    "spend_proofs",
    "take_second_step",
    "tidy_photos",
    "trust_device",
    "unblock",
    "use_proof",
]
