"""Reviews and reports of them. Constraints stand in the migrations."""

from piccolo.columns import UUID, SmallInt, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class ReviewRow(Table, tablename="reviews"):
    """What one account says after one completed visit; hidden ones count for nothing."""

    id = UUID(primary_key=True, default=UUID4())
    appointment_id = UUID(unique=True, default=None)
    doctor_id = UUID(default=None)
    author_id = UUID(default=None)
    stars = SmallInt()
    text = Text(default="")
    created_at = Timestamptz()
    changed_at = Timestamptz()
    answer = Text(default="")
    answered_at = Timestamptz(null=True, default=None)
    hidden_at = Timestamptz(null=True, default=None)


class ReviewReport(Table, tablename="review_reports"):
    """Somebody finds that a review should not be shown; at most one open for each person and review."""

    id = UUID(primary_key=True, default=UUID4())
    review_id = UUID(default=None)
    reported_by_id = UUID(default=None)
    why = Text(default="")
    created_at = Timestamptz()
    decided_at = Timestamptz(null=True, default=None)
    decided_by_id = UUID(null=True, default=None)
    decision = Text(null=True, default=None)
