"""Addresses of pages as letters name them: the worker that writes letters has no routes. A test compares."""

from uuid import UUID

from app.settings import settings


def home() -> str:
    """The first page."""
    return settings().base_url + "/"


def log_in() -> str:
    """Where people log in."""
    return f"{settings().base_url}/login"


def sign_up() -> str:
    """Where an account is made."""
    return f"{settings().base_url}/signup"


def ask_trust() -> str:
    """Where a link is asked for that opens the log-in in one browser."""
    return f"{settings().base_url}/login/trust"


def trust_device(token: str) -> str:
    """The page whose one button makes the browser a known one which asked for it."""
    return f"{settings().base_url}/login/trust/{token}"


def enter_code() -> str:
    """Where the six digits are typed, and where another letter is asked for."""
    return f"{settings().base_url}/verify"


def confirm(token: str) -> str:
    """The page whose one button confirms an address."""
    return f"{settings().base_url}/verify/{token}"


def change_email(token: str) -> str:
    """The page whose one button makes another address that of the account."""
    return f"{settings().base_url}/me/email/{token}"


def forgot() -> str:
    """Where a letter is asked for that leads to a new password."""
    return f"{settings().base_url}/login/forgot"


def choose_password(token: str) -> str:
    """The page on which a password is chosen."""
    return f"{settings().base_url}/login/reset/{token}"


def log_ins() -> str:
    """Where one sees who tried to log in, and who did."""
    return f"{settings().base_url}/me/security/log-ins"


def security() -> str:
    """Where one sees who is logged in, ends devices, and finds the way to a new password."""
    return f"{settings().base_url}/me/security"


def data() -> str:
    """Where somebody downloads a copy of their data, or has the account erased."""
    return f"{settings().base_url}/me/data"


def visit(code: str) -> str:
    """The patient's page of a visit."""
    return f"{settings().base_url}/visits/{code}"


def appointment(code: str) -> str:
    """The clinic's page of an appointment."""
    return f"{settings().base_url}/appointments/{code}"


def requests() -> str:
    """Where a doctor answers what patients ask."""
    return f"{settings().base_url}/doctor/requests"


def doctor(slug: str) -> str:
    """A doctor's page, with free times and the button that follows or no longer does."""
    return f"{settings().base_url}/doctors/{slug}"


def application(doctor_id: UUID) -> str:
    """Where an administrator decides on a doctor."""
    return f"{settings().base_url}/admin/doctors/{doctor_id}"


def practise() -> str:
    """Where an applicant sees how the application stands, and applies again."""
    return f"{settings().base_url}/me/practise"


def invitation(code: str) -> str:
    """Where a doctor uses an invitation."""
    return f"{settings().base_url}/join/invitation?code={code}"
