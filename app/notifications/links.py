"""Addresses of pages as letters name them: the worker that writes letters has no routes. A test compares."""

from app.settings import settings


def home() -> str:
    """The first page."""
    return settings().base_url + "/"


def log_in() -> str:
    """Where people log in."""
    return f"{settings().base_url}/login"


def enter_code() -> str:
    """Where the six digits are typed, and where another letter is asked for."""
    return f"{settings().base_url}/verify"


def confirm(token: str) -> str:
    """The page whose one button confirms an address."""
    return f"{settings().base_url}/verify/{token}"


def security() -> str:
    """Where one sees who is logged in, ends devices, and finds the way to a new password."""
    return f"{settings().base_url}/me/security"


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
