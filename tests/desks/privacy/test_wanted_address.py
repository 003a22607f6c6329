"""A copy of one's data does not tell whether an address one wanted has an account."""

import re
from typing import Any

from app.accounts.personal import subject_of
from app.accounts.services import ask_email_change
from app.desks.privacy.rooms import everything_of
from tests.accounts.places import HERE
from tests.factories import a_patient, run_jobs

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][0-9:.]+(?:\+00:00|Z)?")


async def _copy_after_asking_for(email: str) -> str:
    asha = await a_patient("Asha")
    await ask_email_change(await asha.account(), email=email, password=asha.password, where=HERE)
    await run_jobs()
    document: dict[str, Any] = await everything_of(await subject_of(asha.id))
    assert document["tables"]["email_confirmations"], "the letter it waits for is in the copy"
    plain = str(document["tables"]).replace(asha.email, "own").replace(email, "wanted")
    return _MOMENT.sub("then", _ID.sub("id", plain))


async def test_the_copy_says_the_same_of_a_free_address_and_of_one_with_an_owner() -> None:
    owner = await a_patient("Owner")

    free = await _copy_after_asking_for("nobodys@example.com")
    taken = await _copy_after_asking_for(owner.email)

    assert "EMAIL_CHANGE_ASKED" in free
    assert free == taken
