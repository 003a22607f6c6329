"""Codes of invitations: HMACs of a row's id, so that no event, job or row has to carry one."""

import hmac
from uuid import UUID

from app.accounts.codes import key_for

SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U, which are taken for others on paper and on the phone."""
CODE_LENGTH = 12
"""Signs of a code: 58 bits, far beyond what the limit on tries lets anybody guess."""
_GROUP = 4


def invitation_code(invitation_id: UUID) -> str:
    """The code of an invitation, as it is shown: three groups of four signs."""
    number = int.from_bytes(hmac.digest(key_for("invitation"), invitation_id.bytes, "sha256"), "big")
    signs = []
    for _place in range(CODE_LENGTH):
        number, sign = divmod(number, len(SIGNS))
        signs.append(SIGNS[sign])
    return "-".join("".join(signs[at : at + _GROUP]) for at in range(0, CODE_LENGTH, _GROUP))


def invitation_hash(typed: str) -> bytes | None:
    """What is kept of a code, however its signs were grouped and written; None where it cannot be one."""
    plain = "".join(sign for sign in typed.upper() if not sign.isspace() and sign != "-")
    if len(plain) != CODE_LENGTH or not set(plain) <= set(SIGNS):
        return None
    return hmac.digest(key_for("invitation hash"), plain.encode(), "sha256")
