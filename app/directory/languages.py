"""The languages a doctor can choose from: kept by their English names, shown in the reader's language.

Pages show any language through the catalogue; one that was written down elsewhere is shown as it is.
"""

from app.errors import _

LANGUAGES = (
    _("English"),
    _("Hindi"),
    _("Assamese"),
    _("Bengali"),
    _("Bodo"),
    _("Dogri"),
    _("Gujarati"),
    _("Kannada"),
    _("Kashmiri"),
    _("Konkani"),
    _("Maithili"),
    _("Malayalam"),
    _("Manipuri"),
    _("Marathi"),
    _("Nepali"),
    _("Odia"),
    _("Punjabi"),
    _("Sanskrit"),
    _("Santali"),
    _("Sindhi"),
    _("Tamil"),
    _("Telugu"),
    _("Urdu"),
)
"""English and the languages of the Eighth Schedule to the Constitution of India, by their English names."""
