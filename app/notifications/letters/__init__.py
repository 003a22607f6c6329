"""What each letter has to say: one function a letter, from its event to the values of its templates.

The words stand in templates/emails/<letter>.{subject,txt,html}. A letter tells the times of its event, even
when the visit has moved on since. What the clinic wrote to the patient stands in the patient's letter, and
why a patient cancels in the doctor's, as long as the log keeps it. Why somebody sees a doctor stands in none:
mails are read over shoulders. Codes and links are made here, as the letter goes out.
"""

from app.notifications.letters import (
    account,
    doctor,
    joining,
    log_in,
    money,
    privacy,
    security,
    standing,
    visit,
)
from app.notifications.letters.known import ANOTHER_ADDRESS, LETTERS

__all__ = [
    "ANOTHER_ADDRESS",
    "LETTERS",
    "account",
    "doctor",
    "joining",
    "log_in",
    "money",
    "privacy",
    "security",
    "standing",
    "visit",
]
