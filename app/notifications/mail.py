"""A letter as the mail it is sent as: words in two forms, headers nobody can smuggle lines into."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from app.settings import settings
from app.web import i18n
from app.web.render import environment

_JOINERS = "\u200c\u200d"
"""Zero-width signs that Devanagari needs; other invisible signs can turn text around or break lines."""

_THREE_BREAKS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Words:
    """What a letter says, in both forms."""

    subject: str
    text: str
    html: str


def one_line(text: str) -> str:
    """What a person typed, on one line and without signs that hide or turn what stands beside them."""
    return " ".join("".join(_shown(sign) for sign in text).split())


def lines_of(text: str) -> tuple[str, ...]:
    """What a person typed over several lines, each as `one_line` makes it; none for an empty text."""
    return tuple(one_line(line) for line in text.strip().splitlines())


def _shown(sign: str) -> str:
    """The sign itself, a space for what breaks a line, nothing for what cannot be seen."""
    category = unicodedata.category(sign)
    if sign in _JOINERS or category[0] not in ("C", "Z"):
        return sign
    return " " if category[0] == "Z" or category == "Cc" else ""


def words_of(kind: str, language: str, context: Mapping[str, object]) -> Words:
    """A letter's words in its reader's language, from the three templates of its kind."""
    safe = {name: one_line(value) if isinstance(value, str) else value for name, value in context.items()}
    token = i18n.language.set(language if language in i18n.LANGUAGES else "en")
    try:
        given = {**safe, "language": i18n.language.get()}
        subject = one_line(_render(f"{kind}.subject", given))
        return Words(
            subject,
            _THREE_BREAKS.sub("\n\n", _render(f"{kind}.txt", given)).strip() + "\n",
            _render(f"{kind}.html", {**given, "subject": subject}),
        )
    finally:
        i18n.language.reset(token)


def _render(name: str, context: Mapping[str, object]) -> str:
    return environment().get_template(f"emails/{name}").render(context)


def _no_encoded_word(text: str) -> str:
    """Subjects are ours and plain; what looks encoded (RFC 2047) would be decoded, line breaks and all."""
    return text.replace("=?", "= ?")


def mail_of(words: Words, *, to: str, message_id: str, language: str, at: datetime) -> EmailMessage:
    """The mail of a letter to the address `to`; two mails of one letter have the same Message-ID.

    Auto-Submitted keeps out-of-office programs from answering (RFC 3834).
    """
    mail = EmailMessage()
    mail["From"] = settings().mail_from
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = _no_encoded_word(words.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words.text, cte="quoted-printable")
    mail.add_alternative(words.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = language  # last, for a Content-… header before goes into the first part
    return mail
