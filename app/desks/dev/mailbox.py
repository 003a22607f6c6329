"""Reading the local mailbox: a Maildir that the mail server of `app.notifications.mailbox` fills."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path

from app.errors import NotFound
from app.notifications.post import MailServer
from app.settings import settings

NEWEST = 50
_LINK = re.compile(r"(https?://[^\s<>\"]+)")


@dataclass(frozen=True)
class Piece:
    """Some signs of a line; a link where they are a web address."""

    text: str
    is_link: bool


@dataclass(frozen=True)
class Mail:
    """One delivered mail; `id` is its file's name."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str
    html: str

    @property
    def lines(self) -> list[list[Piece]]:
        """The text line by line, web addresses apart so that they can be pressed."""
        return [
            [Piece(part, bool(place % 2)) for place, part in enumerate(_LINK.split(line)) if part]
            for line in self.text.splitlines()
        ]


def directory() -> Path:
    """Where the mailbox lies."""
    return settings().data_dir / "mailbox"


def is_in_use() -> bool:
    """Whether letters go to the mailbox of this machine and not to a mail server of somebody's own."""
    return MailServer.at(settings().smtp_url).is_local and directory().is_dir()


def newest_mails() -> list[Mail]:
    """The newest mails, the latest first; empty when there is no mailbox."""
    files = sorted(_files(), key=_delivered_at, reverse=True)
    return [_read(file) for file in files[:NEWEST]]


def get_mail(mail_id: str) -> Mail:
    """One mail by its id; raises NotFound. The id is only compared, never made into a path."""
    for file in _files():
        if _id(file) == mail_id:
            return _read(file)
    raise NotFound


def _files() -> Iterator[Path]:
    for folder in ("new", "cur"):
        place = directory() / folder
        if place.is_dir():
            yield from place.iterdir()


def _id(file: Path) -> str:
    return file.name.partition(":")[0]


def _delivered_at(file: Path) -> tuple[int, int, str]:
    """Maildir names begin with the second, then M and the microsecond."""
    found = re.match(r"(\d+)\.M(\d+)", file.name)
    return (int(found[1]), int(found[2]), file.name) if found else (0, 0, file.name)


def _read(file: Path) -> Mail:
    mail = BytesParser(EmailMessage, policy=modern).parsebytes(file.read_bytes())
    return Mail(
        id=_id(file),
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        at=_sent_at(mail) or datetime.fromtimestamp(file.stat().st_mtime, UTC),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _sent_at(mail: EmailMessage) -> datetime | None:
    """What the mail says of itself; mails put in by hand may say nothing, or no zone."""
    said: datetime | None = mail["Date"].datetime if mail["Date"] else None
    return said if said and said.tzinfo else None


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
