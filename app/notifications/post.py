"""The way out: one letter to the mail server over SMTP, with an end to every wait."""

import asyncio
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
)

from app.notifications.errors import Deferred, MailServerDown, NotDelivered, Refused
from app.settings import settings

ANSWER_WITHIN = 10
"""Seconds the server may take for one answer."""

SEND_WITHIN = 30
"""Seconds for the whole conversation."""


@dataclass(frozen=True)
class MailServer:
    """Where letters go, read from an address such as `smtp://user:pass@host:587` or `smtps://…`."""

    host: str
    port: int | None
    username: str | None
    password: str | None
    use_tls: bool

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """Take an SMTP address apart; signs that an address cannot hold are percent-encoded in it."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
        )

    @property
    def start_tls(self) -> bool | None:
        """Whether to insist on STARTTLS; None takes it where the server offers it.

        A password never goes over a network in the clear, even if somebody in between hides the offer.
        """
        if self.use_tls:
            return False
        return True if self.username and not self.is_local else None

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def sender_address() -> str:
    """The bare address letters come from."""
    return parseaddr(settings().mail_from)[1]


def sender_domain() -> str:
    """The domain letters come from; their ids end in it."""
    return sender_address().rpartition("@")[2]


async def deliver(mail: EmailMessage) -> None:
    """Hand one letter to the mail server; when this returns, the server has taken it.

    Raises Refused (5xx for this letter), Deferred (4xx for this letter), MailServerDown (anything that
    would meet every letter alike). The reasons hold no address.
    """
    server = MailServer.at(settings().smtp_url)
    try:
        async with asyncio.timeout(SEND_WITHIN):
            await aiosmtplib.send(
                mail,
                sender=sender_address(),
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.use_tls,
                start_tls=server.start_tls,
                local_hostname=sender_domain(),
                timeout=ANSWER_WITHIN,
            )
    except (SMTPRecipientRefused, SMTPDataError) as answer:
        raise _for_this_letter(answer.code) from None
    except SMTPRecipientsRefused as answer:
        raise _for_this_letter(min(one.code for one in answer.recipients)) from None
    except (SMTPException, OSError, TimeoutError, ssl.SSLError) as failure:
        raise MailServerDown(type(failure).__name__) from None


def _for_this_letter(code: int) -> NotDelivered:
    """RFC 5321, 4.2.1: 4yz may be repeated, 5yz must not be repeated as it is."""
    return Refused(str(code)) if code >= 500 else Deferred(str(code))
