"""What the API's own document allows, and what it forbids, is answered as it says and breaks nothing.

Every operation is called with generated paths, queries and bodies, fitting and not, by everybody in turn, in
half of the calls about things that exist. `FUZZ_CASES` is how many calls are made in all; `make fuzz` makes
10,000.
"""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation

from app.db.engine import execute
from tests.checkout.stories import a_held_visit
from tests.factories import Cast, a_doctor, a_patient, a_receptionist, a_slot, an_admin, token_of
from tests.surroundings import Surroundings

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
    @given(case=fitting | broken, who=st.sampled_from(caller.people), about_ours=st.booleans())
    def call(case: Case, who: str, about_ours: bool) -> None:
        caller.call(case, who, about_ours=about_ours)

    call()


class _Caller:
    """Makes one call as somebody and looks at the answer; it lives in a thread beside the server's loop."""

    def __init__(self, things: "_Things", loop: asyncio.AbstractEventLoop, base_url: str) -> None:
        self.things = things
        self.people = list(things.people)
        self.loop = loop
        self.base_url = base_url
        self.calls = 0
        load_all_checks()
        self.checks: list[CheckFunction] = [
            check for check in CHECKS.get_all() if check.__name__ not in KNOWN_BY_LUCK_ONLY
        ]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, case: Case, who: str, *, about_ours: bool) -> None:
        self.calls += 1
        if about_ours and case.meta is not None and case.meta.generation.mode.is_positive:
            case.path_parameters = self._ours(case.path_parameters)
            if isinstance(case.body, dict):
                case.body = self._ours(case.body)
        headers = {}
        if self.things.people[who] is not None:
            headers["Authorization"] = f"Bearer {self.wait(_fresh_token(self.things.people[who]))}"
        answer = case.call(base_url=self.base_url, headers=headers, timeout=30)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0] == "application/problem+json"
        case.validate_response(answer, checks=self._checks_for(case), headers=headers)

    def _ours(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.things.ids.get(name, value) for name, value in values.items()}

    def _checks_for(self, case: Case) -> list[CheckFunction]:
        """Without `negative_data_rejection` where the only thing broken is the token, which we repair."""
        broken = [
            place
            for place, part in (case.meta.components.items() if case.meta else ())
            if part.mode.is_negative and place != ParameterLocation.HEADER
        ]
        return [check for check in self.checks if broken or check.__name__ != "negative_data_rejection"]


class _Things:
    def __init__(self, people: dict[str, Cast | None], ids: dict[str, str]) -> None:
        self.people = people
        self.ids = ids


async def _fresh_token(person: Cast) -> str:
    await execute("DELETE FROM limits")
    return await token_of(person)


async def _things() -> _Things:
    doctor = await a_doctor()
    patient = await a_patient()
    story = await a_held_visit(patient=patient, doctor=doctor, at="09:00")
    people: dict[str, Cast | None] = {
        "nobody": None,
        "patient": patient,
        "doctor": doctor,
        "reception": await a_receptionist(doctor.clinic_id),
        "admin": await an_admin(),
    }
    slot = await a_slot(doctor, at="12:00")
    ids = {
        "appointment_id": story.visit_id,
        "doctor_id": doctor.doctor_id,
        "slot_id": slot,
        "service_id": doctor.service_id,
        "user_id": patient.id,
    }
    return _Things(people, {name: str(value) for name, value in ids.items()})
