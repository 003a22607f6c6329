"""The OpenAPI document says what programs meet: who may call, what is refused and how."""

from typing import Any

import httpx
import pytest

from app.desks.operator.api_document import ALSO_REFUSED, HEADERS

Json = dict[str, Any]


@pytest.fixture
async def document(api: httpx.AsyncClient) -> Json:
    answer = await api.get("/api/schema/openapi.json")
    assert answer.status_code == 200
    document: Json = answer.json()
    return document


def _operations(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def _references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in _references(value)]
    return [one for value in part for one in _references(value)] if isinstance(part, list) else []


async def test_every_call_has_a_sentence_and_is_of_the_api(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    for call, operation in _operations(document).items():
        assert " /api/" in call
        assert " " in operation["summary"], call
        assert not operation["summary"].endswith("."), call


async def test_every_call_stands_under_the_heading_of_its_siblings(document: Json) -> None:
    tags = {call: operation.get("tags") for call, operation in _operations(document).items()}
    payments = {call: one for call, one in tags.items() if "/payment/" in call}

    assert all(tags.values()), tags
    assert "POST /api/payment/webhook" in payments
    assert set(map(tuple, payments.values())) == {("Payments",)}


async def test_every_reference_leads_somewhere(document: Json) -> None:
    found = _references(document)
    assert found
    for reference in found:
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


async def test_a_refusal_is_a_problem_and_never_400(document: Json) -> None:
    refusals = document["components"]["responses"]
    assert all(set(one["content"]) == {"application/problem+json"} for one in refusals.values())
    for call, operation in _operations(document).items():
        refused = {code: one for code, one in operation["responses"].items() if int(code) >= 400}
        assert refused.keys() <= {"401", "403", "404", "408", "409", "413", "422", "429", "503"}, call
        assert all(one["$ref"].startswith("#/components/responses/") for one in refused.values()), call


async def test_calls_tell_whether_a_token_is_needed(document: Json) -> None:
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    calls = _operations(document)
    for call, operation in calls.items():
        needs_token = operation["security"] == [{"bearer": []}]
        assert needs_token or operation["security"] == [], call
        assert not needs_token or "401" in operation["responses"], call
    assert calls["GET /api/doctors"]["security"] == []
    assert calls["POST /api/payment/webhook"]["security"] == []


async def test_every_call_that_is_counted_tells_of_waiting_and_every_body_has_an_end(document: Json) -> None:
    uncounted = {"POST /api/payment/webhook"}
    for call, operation in _operations(document).items():
        told = operation["responses"].keys()
        assert ("429" in told) == (call not in uncounted), call
        assert "503" in told, call
        assert {"408", "413"} <= told or "requestBody" not in operation, call
    assert {"408", "413"} <= _operations(document)["POST /api/payment/webhook"]["responses"].keys()


async def test_shutting_accounts_out_and_second_steps_tell_what_they_refuse(document: Json) -> None:
    calls = _operations(document)
    for act in ("block", "unblock"):
        assert "409" in calls[f"POST /api/admin/users/{{user_id}}/{act}"]["responses"]
    assert "401" in calls["POST /api/auth/login/confirm"]["responses"]


async def test_booking_tells_everything_it_may_refuse(document: Json) -> None:
    book = _operations(document)["POST /api/appointments/book"]
    assert set(book["responses"]) == {*("201", "401", "403", "404", "408", "409", "413", "422", "429", "503")}
    assert [one["name"] for one in book["parameters"]] == ["Idempotency-Key"]


async def test_the_tables_of_the_document_name_only_calls_there_are(document: Json) -> None:
    assert ALSO_REFUSED.keys() | HEADERS.keys() <= _operations(document).keys()
