"""What the API's own document allows, and what it forbids, is answered as it says and breaks nothing.

Every operation is called with generated paths, queries and bodies, fitting and not, by everybody in turn, in
half of the calls about things that exist. `FUZZ_CASES` is how many calls are made in all; `make fuzz` makes
10,000.
"""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation

from app.db.engine import execute
from app.web.limits import LIMITS
from tests.checkout.stories import a_held_visit
from tests.factories import Cast, a_doctor, a_patient, a_receptionist, a_slot, an_admin, token_of
from tests.surroundings import Surroundings

UNHURRIED = {
    name: replace(limit, most=10**6, promised=None if limit.promised is None else 0)
    for name, limit in LIMITS.items()
}
"""Limits that nobody reaches: what is refused because of them is tested where they are."""
CASES = int(os.environ.get("FUZZ_CASES", "1000"))

T = TypeVar("T")

KNOWN_BY_LUCK_ONLY = {
    "positive_data_acceptance": "a body that fits the document may still name a slot that is not there",
    "missing_required_header": "it is tried without the token, which `ignored_auth` tries too",
    "ensure_resource_availability": "it follows a chain of calls, which single calls have none of",
    "use_after_free": "the same",
    "max_response_time": "how long something takes is measured in bench/",
}
"""The library's checks that say nothing about single calls, and why."""


@pytest.mark.timeout(1200)
async def test_whatever_is_called_the_answer_is_one_of_the_document(surroundings: Surroundings) -> None:
    loop = asyncio.get_running_loop()
    address = f"{surroundings.base_url}/api/schema/openapi.json"
    schema = await asyncio.to_thread(schemathesis.openapi.from_url, address)
    operations = [found.ok() for found in schema.get_all_operations()]
    each = -(-CASES // len(operations))
    tried = 0
    for operation in operations:
        with patch.dict(LIMITS, UNHURRIED):
            caller = _Caller(await _things(), loop, surroundings.base_url)
            await asyncio.to_thread(_call_often, operation, caller, each)
        tried += caller.calls
    assert tried >= CASES * 0.9, "an operation without many different bodies is called less often"


def _call_often(operation: APIOperation, caller: "_Caller", times: int) -> None:
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=fitting | broken,
        who=st.sampled_from(caller.people),
        about_ours=st.booleans(),
        user=st.sampled_from(caller.users),
    )
    def call(case: Case, who: str, about_ours: bool, user: str) -> None:
        caller.call(case, who, about_ours=about_ours, user=user)

    call()


class _Caller:
    """Makes one call as somebody and looks at the answer; it lives in a thread beside the server's loop."""

    def __init__(self, things: "_Things", loop: asyncio.AbstractEventLoop, base_url: str) -> None:
        self.things = things
        self.people = list(things.people)
        self.users = [who for who, person in things.people.items() if person is not None]
        self.loop = loop
        self.base_url = base_url
        self.calls = 0
        load_all_checks()
        self.checks: list[CheckFunction] = [
            check for check in CHECKS.get_all() if check.__name__ not in KNOWN_BY_LUCK_ONLY
        ]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, case: Case, who: str, *, about_ours: bool, user: str) -> None:
        self.calls += 1
        if about_ours and case.meta is not None and case.meta.generation.mode.is_positive:
            ids = {**self.things.ids, "user_id": str(self.things.account(user).id)}
            case.path_parameters = _with(ids, case.path_parameters)
            if isinstance(case.body, dict):
                case.body = _with(ids, case.body)
        headers = {}
        if self.things.people[who] is not None:
            headers["Authorization"] = f"Bearer {self.wait(_fresh_token(self.things.account(who)))}"
        answer = case.call(base_url=self.base_url, headers=headers, timeout=30)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0] == "application/problem+json"
        case.validate_response(answer, checks=self._checks_for(case), headers=headers)

    def _checks_for(self, case: Case) -> list[CheckFunction]:
        """Without `negative_data_rejection` where what is broken is the token, which we repair, or the query.

        A name in a query that we do not know is ignored, as HTTP APIs do, so that links with more still work.
        """
        broken = [
            place
            for place, part in (case.meta.components.items() if case.meta else ())
            if part.mode.is_negative and place not in (ParameterLocation.HEADER, ParameterLocation.QUERY)
        ]
        return [check for check in self.checks if broken or check.__name__ != "negative_data_rejection"]


class _Things:
    def __init__(self, people: dict[str, Cast | None], ids: dict[str, str]) -> None:
        self.people = people
        self.ids = ids

    def account(self, who: str) -> Cast:
        person = self.people[who]
        assert person is not None
        return person


def _with(ids: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with ids of things that exist in the place of made-up ones."""
    return {name: ids.get(name, value) for name, value in values.items()}


async def _fresh_token(person: Cast) -> str:
    """A token of somebody who may call, whatever the calls before did to their account."""
    await execute("UPDATE users SET blocked_at = NULL WHERE id = $1", person.id)
    return await token_of(person)


async def _things() -> _Things:
    doctor = await a_doctor()
    patient = await a_patient()
    story = await a_held_visit(patient=patient, doctor=doctor, at="09:00")
    people: dict[str, Cast | None] = {
        "nobody": None,
        "patient": patient,
        "another patient": await a_patient("Vikram"),
        "doctor": doctor,
        "a doctor of another clinic": await a_doctor("Dr Arjun"),
        "reception": await a_receptionist(doctor.clinic_id),
        "admin": await an_admin("Admin"),
        "another admin": await an_admin("Second"),
    }
    slot = await a_slot(doctor, at="12:00")
    ids = {
        "appointment_id": story.visit_id,
        "doctor_id": doctor.doctor_id,
        "slot_id": slot,
        "service_id": doctor.service_id,
    }
    return _Things(people, {name: str(value) for name, value in ids.items()})
