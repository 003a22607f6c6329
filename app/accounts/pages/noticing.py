"""In which language the privacy notice was read that somebody accepts."""

from app.accounts.rules import NOTICE_LANGUAGES
from app.web.i18n import language


def notice_language() -> str:
    """The page's language where the notice is written in it, else English, which our links then open."""
    return language.get() if language.get() in NOTICE_LANGUAGES else "en"
