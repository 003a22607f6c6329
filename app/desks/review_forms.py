"""What patients and doctors both fill in about a review."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.errors import _
from app.reviews.rules import LONGEST_WHY, tidy
from app.web.forms import Form


def tidied(value: str | None) -> str:
    """A WTForms filter: breaks as the service keeps them, so that length means the same."""
    return tidy(value or "")


class ReportForm(Form):
    """Why a review should not be shown."""

    why = TextAreaField(
        _("What is wrong with this review?"),
        filters=[tidied],
        validators=[
            DataRequired(_("Please say what is wrong with this review.")),
            Length(max=LONGEST_WHY, message=_("Please say it in 500 characters or fewer.")),
        ],
    )
