"""What people type into names stays one line of one letter; subjects are short; servers are read right."""

import string
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP as ON_THE_WIRE
from email.policy import default as modern

import pytest
from bs4 import BeautifulSoup

from app import clock
from app.db.engine import execute
from app.notifications.letters import LETTERS, doctor, money, visit
from app.notifications.mail import lines_of, mail_of, one_line, words_of
from app.notifications.post import MailServer
from tests.booking.visits import a_visit
from tests.factories import a_doctor, a_patient, a_slot, run_jobs
from tests.notifications.office import html_of, text_of
from tests.surroundings import PostOffice

NASTY = [
    "Asha\r\nBcc: everybody@example.com",
    "Asha\nSubject: You won",
    "Asha\r\n\r\n<h1>Body</h1>",
    "Asha\u2028Bcc: x@example.com",
    "Asha\x85Bcc: x@example.com",
    "=?utf-8?q?Asha=0D=0ABcc=3A_x=40example=2Ecom?=",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "%(day)s %s %d %",
    "Asha\u202egnp.exe",
    "\u2066Asha\u2069\u200f",
    "आशा क्षेत्रिय\u200c\u200d",
    "'; DROP TABLE letters; --",
    '"><img src=x onerror=alert(1)>',
    "Asha\t\v\fRao",
    "A" * 120,
    "\U0001f469\u200d\u2695\ufe0f Asha",
    "\ud7ff\ufffd",
]

OF_VISITS = [
    kind
    for kind in LETTERS
    if kind != "new_days" and any(hasattr(room, kind) for room in (doctor, money, visit))
]

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]


@pytest.mark.parametrize("name", NASTY)
async def test_no_name_splits_a_header_or_becomes_markup(post_office: PostOffice, name: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    await execute("UPDATE persons SET name = $1", name)
    await execute("UPDATE doctors SET name = $1", name)
    await execute("UPDATE clinics SET name = $1, address = $1, phone = $1", name)
    await a_visit(asha, await a_slot(doctor), doctor)
    await run_jobs()

    assert {str(letter["To"]) for letter in post_office.letters} == {asha.email, doctor.email}
    for letter in post_office.letters:
        assert sorted(letter.keys()) == sorted(HEADERS)
        assert len(text_of(letter).splitlines()) < 30
        page = BeautifulSoup(html_of(letter), "html.parser")
        assert not page.find_all(["script", "img", "iframe", "form"])
        assert one_line(name) in text_of(letter)
        assert not set(text_of(letter)) & set("\u202e\u2066\u2069\u200f\u2028\x85\x0b\x0c\r")


@pytest.mark.parametrize("name", NASTY)
def test_a_subject_of_any_words_is_one_header(name: str) -> None:
    words = words_of("email_wanted", "en", {"link": "https://example.com"})
    mail = mail_of(
        type(words)(one_line(name), words.text, words.html),
        to="asha@example.com",
        message_id="<1@example.com>",
        language="en",
        at=clock.now(),
    )
    read = message_from_bytes(mail.as_bytes(policy=ON_THE_WIRE), policy=modern)
    assert read.keys() == mail.keys()
    assert read["Bcc"] is None
    assert text_of(read) == words.text  # type: ignore[arg-type]


def test_one_line_keeps_what_devanagari_needs_and_nothing_that_hides() -> None:
    assert one_line("  क्‍ष \n राव ") == "क्‍ष राव"
    assert one_line("a\u202eb\u00adc\x00d") == "abc d"
    assert one_line(string.printable.strip()) == "".join(string.printable.split())


def test_a_note_keeps_its_lines_and_each_of_them_is_one() -> None:
    assert lines_of("  Come at ten.\r\n\nBring a\u202e card. ") == ("Come at ten.", "", "Bring a card.")
    assert lines_of(" \n ") == ()


@pytest.mark.parametrize("kind", OF_VISITS)
def test_every_subject_fits_sixty_signs_and_names_day_and_time(kind: str) -> None:
    long_time = datetime(2026, 9, 23, 17, 15, tzinfo=UTC)
    context = dict.fromkeys(
        ["doctor", "patient", "clinic", "address", "phone", "code", "link", "home", "reference"], "W" * 120
    ) | {
        "zone": "Asia/Kolkata",
        "starts_at": long_time,
        "old_starts_at": long_time,
        "approve_until": long_time,
        "token": 120,
        "amount_paise": 12_345_650,
        "refund_paise": 12_345_650,
        "by_patient": False,
        "by_time": False,
        "was_cancelled": False,
        "note": ("W" * 120,),
        "on_date": long_time.date(),
        "answer": ("W" * 120,),
        "is_closed": False,
        "paid_paise": 12_345_650,
    }
    subject = words_of(kind, "en", context).subject
    assert len(subject) <= 60, subject
    assert "Wed 23 Sept, 10:45 pm" in subject
    assert "WW" not in subject


@pytest.mark.parametrize(("days", "more"), [(1, 0), (2, 0), (14, 400)])
def test_the_subject_of_new_days_is_short_and_names_the_first(days: int, more: int) -> None:
    first = date(2026, 9, 23)
    opened = [first + timedelta(days=number) for number in range(days)]
    words = words_of(
        "new_days", "en", {"doctor": "W" * 120, "days": opened, "more": more, "link": "https://x"}
    )

    assert len(words.subject) <= 60
    assert "Wed 23 Sept" in words.subject and "WW" not in words.subject
    others = days - 1 + more
    assert (f"and {others} more" in words.subject) is (others > 0)
    assert words.text.count("\n- ") == days
    assert ("more day" in words.text) is (more > 0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, None, None, use_tls=False)),
        ("smtps://mail.example.com", MailServer("mail.example.com", None, None, None, use_tls=True)),
        (
            "smtp://me%40example.com:p%3Aw%2F@mail.example.com:587",
            MailServer("mail.example.com", 587, "me@example.com", "p:w/", use_tls=False),
        ),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: MailServer) -> None:
    assert MailServer.at(url) == expected


@pytest.mark.parametrize(
    ("url", "start_tls"),
    [
        ("smtp://mail.example.com", None),
        ("smtp://me:pw@mail.example.com:587", True),
        ("smtp://me:pw@localhost:587", None),
        ("smtp://me:pw@[::1]:587", None),
        ("smtps://me:pw@mail.example.com", False),
    ],
)
def test_a_password_goes_to_another_machine_only_under_tls(url: str, start_tls: object) -> None:
    assert MailServer.at(url).start_tls is start_tls
