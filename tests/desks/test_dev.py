"""The local mailbox, the test clock and the sandbox's keys: for this machine, outside production."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from app import clock
from app.desks.dev import mailbox as dev_mailbox
from app.desks.dev import pages as dev_pages
from app.notifications.mail import Words, mail_of
from app.notifications.mailbox import LocalMailbox
from app.settings import settings
from app.web import doors
from tests.browser import Browser
from tests.surroundings import Surroundings

JSON = {"Accept": "application/json"}


@pytest.fixture
def local_mailbox() -> Iterator[LocalMailbox]:
    """The mailbox of `python -m app`, empty."""
    local = LocalMailbox(dev_mailbox.directory())
    local.start()
    yield local
    local.stop()


async def put(local: LocalMailbox, subject: str, *, text: str = "Hello", html: str = "<p>Hello</p>") -> None:
    """Send one mail into the mailbox, over SMTP."""
    mail: EmailMessage = mail_of(
        Words(subject, text, html),
        to="asha@example.com",
        message_id=f"<{subject}@example.com>",
        language="en",
        at=clock.now(),
    )
    await aiosmtplib.send(mail, sender="parchi@example.com", hostname="127.0.0.1", port=local.port)


async def test_mails_are_shown_newest_first_with_links_to_press(
    browser: Browser, local_mailbox: LocalMailbox
) -> None:
    await put(local_mailbox, "First", text="Nothing here")
    await put(local_mailbox, "Second", text="Open this:\nhttps://example.com/verify/abc_-1\n<b>& more</b>")

    answer = await browser.get("/dev/mail")

    assert [one.get_text() for one in answer.html.select("main h2")] == ["Second", "First"]
    assert (
        answer.one('a[href="https://example.com/verify/abc_-1"]').get_text()
        == "https://example.com/verify/abc_-1"
    )
    assert "<b>& more</b>" in answer.text
    assert "asha@example.com" in answer.text
    assert not answer.html.select("main b")


async def test_a_mailbox_that_a_crash_left_half_made_takes_mail(api: httpx.AsyncClient) -> None:
    (dev_mailbox.directory() / "new").mkdir(parents=True)
    local = LocalMailbox(dev_mailbox.directory())
    local.start()
    try:
        await put(local, "First")
        assert len((await api.get("/dev/mail", headers=JSON)).json()) == 1
    finally:
        local.stop()


async def test_programs_get_the_same_as_json(api: httpx.AsyncClient, local_mailbox: LocalMailbox) -> None:
    await put(local_mailbox, "First", text="नमस्ते", html="<p>नमस्ते</p>")

    (mail,) = (await api.get("/dev/mail", headers=JSON)).json()

    assert mail.keys() == {"id", "to", "subject", "at", "text", "html"}
    assert (mail["to"], mail["subject"]) == ("asha@example.com", "First")
    assert (mail["text"].strip(), mail["html"].strip()) == ("नमस्ते", "<p>नमस्ते</p>")
    assert abs(datetime.fromisoformat(mail["at"]) - clock.now()) < timedelta(minutes=1)


async def test_the_html_of_a_mail_may_show_its_styles_and_do_nothing(
    api: httpx.AsyncClient, local_mailbox: LocalMailbox
) -> None:
    await put(local_mailbox, "First", html="<p style='color:red'>Hello</p><script>alert(1)</script>")
    (mail,) = (await api.get("/dev/mail", headers=JSON)).json()

    answer = await api.get(f"/dev/mail/{mail['id']}/html")

    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == dev_pages.MAIL_POLICY
    assert "script-src" not in dev_pages.MAIL_POLICY and "default-src 'none'" in dev_pages.MAIL_POLICY
    assert "color:red" in answer.text


@pytest.mark.parametrize("mail_id", ["nothing", "..%2Fsecret_key", "%2e%2e", "new"])
async def test_a_mail_that_is_not_there_is_not_found(
    api: httpx.AsyncClient, local_mailbox: LocalMailbox, mail_id: str
) -> None:
    await put(local_mailbox, "First")
    assert (await api.get(f"/dev/mail/{mail_id}/html")).status_code == 404


async def test_a_mail_put_in_by_hand_without_any_header_is_shown_too(
    browser: Browser, local_mailbox: LocalMailbox
) -> None:
    await aiosmtplib.send(
        "Only words",
        sender="a@example.com",
        recipients=["b@example.com"],
        hostname="127.0.0.1",
        port=local_mailbox.port,
    )
    assert "Only words" in (await browser.get("/dev/mail")).text


async def test_at_most_fifty_mails_are_shown(api: httpx.AsyncClient, local_mailbox: LocalMailbox) -> None:
    for number in range(dev_mailbox.NEWEST + 2):
        await put(local_mailbox, f"Mail {number}")
    subjects = [mail["subject"] for mail in (await api.get("/dev/mail", headers=JSON)).json()]
    assert subjects == [f"Mail {number}" for number in range(dev_mailbox.NEWEST + 1, 1, -1)]


async def test_without_a_local_mailbox_the_page_says_where_letters_go(browser: Browser) -> None:
    answer = await browser.get("/dev/mail")
    assert answer.status_code == 200
    assert "Letters go to the mail server of SMTP_URL" in answer.text
    assert "No mail yet" in answer.text


async def test_with_a_local_mailbox_it_does_not(browser: Browser, local_mailbox: LocalMailbox) -> None:
    assert "SMTP_URL" not in (await browser.get("/dev/mail")).text


async def test_the_clock_is_moved_runs_on_and_comes_back(api: httpx.AsyncClient) -> None:
    wanted = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)

    moved = await api.put("/dev/clock", json={"at": "2027-03-01T15:00:00+05:30"})
    seen = (await api.get("/dev/clock")).json()
    back = await api.put("/dev/clock", json={"at": None})

    assert moved.status_code == back.status_code == 200
    assert timedelta(0) <= datetime.fromisoformat(seen["now"]) - wanted < timedelta(seconds=30)
    real = datetime.now(UTC)
    assert abs(timedelta(milliseconds=seen["shift_ms"]) - (wanted - real)) < timedelta(seconds=30)
    assert abs(datetime.fromisoformat(back.json()["now"]) - real) < timedelta(seconds=30)
    assert back.json()["shift_ms"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"at": "tomorrow"}',
        b'{"at": "2027-03-01T15:00:00"}',
        b'{"at": "0001-01-01T00:00:00+00:00"}',
        b'{"at": "9999-12-31T23:59:59+00:00"}',
        b'{"at": 5}',
        b'{"at": []}',
        b"{}",
        b"[]",
        b"not json",
        b"",
        b"\xff\xfe",
    ],
)
async def test_what_is_no_time_is_refused_and_changes_nothing(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.put("/dev/clock", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await api.get("/dev/clock")).json()["shift_ms"] == 0


async def test_the_sandboxes_keys_are_shown(api: httpx.AsyncClient, surroundings: Surroundings) -> None:
    mine = settings()
    assert (await api.get("/dev/config")).json() == {
        "razorpay_base_url": surroundings.sandbox.base_url,
        "razorpay_key_id": mine.razorpay_key_id,
        "razorpay_key_secret": mine.razorpay_key_secret,
        "razorpay_webhook_secret": mine.razorpay_webhook_secret,
    }


async def test_keys_of_ones_own_are_shown_to_nobody(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(settings(), sandbox_origin="")
    monkeypatch.setattr(dev_pages, "settings", lambda: own)

    answer = await api.get("/dev/config")

    assert answer.status_code == 404
    assert own.razorpay_key_secret not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dev/mail"),
        ("GET", "/dev/mail/x/html"),
        ("GET", "/dev/clock"),
        ("PUT", "/dev/clock"),
        ("GET", "/dev/config"),
    ],
)
async def test_in_production_there_is_none_of_it(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setattr(doors, "settings", lambda: replace(settings(), app_env="production"))
    answer = await api.request(method, path, json={"at": None} if method == "PUT" else None)
    assert answer.status_code == 404


PROXIED = [
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "tunnel.example"},
    {"Forwarded": "for=203.0.113.9"},
    {"X-Real-IP": "203.0.113.9"},
]


@pytest.mark.parametrize("headers", PROXIED)
async def test_what_comes_through_a_proxy_nobody_named_is_not_this_machine(
    api: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """A tunnel that somebody opens to show their work connects from here, for people who are anywhere."""
    for path in ("/dev/mail", "/dev/config", "/dev/clock"):
        assert (await api.get(path, headers=headers)).status_code == 404, path
    assert (await api.put("/dev/clock", json={"at": None}, headers=headers)).status_code == 404
    assert (await api.get("/dev/mail")).status_code == 200
