"""What a program sent wrongly is answered at its field, by the name it was sent under, in our words."""

import re

import httpx
import pytest

from tests.factories import a_doctor, a_patient, clinic_day, token_of

LOG_IN = "/api/auth/login"


def _errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    return [(one["field"], one["message"]) for one in answer.json()["errors"]]


async def test_a_field_that_is_missing_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.post(LOG_IN, json={"identifier": "asha@example.com"})
    assert _errors(answer) == [("password", "Please fill this in.")]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"plain text", b"[" * 30_000])
async def test_a_body_that_is_no_object_is_said_to_be_wrong_as_a_whole(
    api: httpx.AsyncClient, body: bytes
) -> None:
    answer = await api.post(LOG_IN, content=body, headers={"Content-Type": "application/json"})
    assert _errors(answer) == [("body", "Send a JSON object.")]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("date", "tomorrow", "Send a date such as 2026-12-31."),
        ("date", None, "Send a date such as 2026-12-31."),
        ("time_slots", "10:00", "Send a list."),
        ("time_slots[0]", [10], "Send a text."),
        ("duration_minutes", "half an hour", "Send a whole number."),
    ],
)
async def test_a_value_of_the_wrong_kind_is_told_what_is_wanted(
    api: httpx.AsyncClient, field: str, value: object, message: str
) -> None:
    token = await token_of(await a_doctor())
    body = {"date": str(clinic_day()), "time_slots": ["10:00"], re.sub(r"\[.*", "", field): value}

    answer = await api.post("/api/availability/add", json=body, headers={"Authorization": f"Bearer {token}"})

    assert _errors(answer) == [(field, message)]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("from=x", [("from", "Send a date such as 2026-12-31.")]),
        ("to=2026-13-01", [("to", "Send a date such as 2026-12-31.")]),
        ("doctor_id=x", [("doctor_id", "Send an id as you got it from us.")]),
        ("page=0", [("page", "Send a whole number, at least 1.")]),
        ("page_size=101", [("page_size", "Send a whole number, at most 100.")]),
    ],
)
async def test_a_parameter_is_named_as_it_was_sent(
    api: httpx.AsyncClient, query: str, errors: list[tuple[str, str]]
) -> None:
    token = await token_of(await a_patient())
    answer = await api.get(f"/api/appointments?{query}", headers={"Authorization": f"Bearer {token}"})
    assert _errors(answer) == errors


async def test_a_parameter_that_is_missing_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/availability", params={"date": str(clinic_day())})
    assert _errors(answer) == [("doctor_id", "Please fill this in.")]


async def test_text_that_cannot_be_stored_is_wrong_as_a_whole(api: httpx.AsyncClient) -> None:
    token = await token_of(await a_patient())
    body = {f"razorpay_{part}": "\x00" for part in ("order_id", "payment_id", "signature")}

    answer = await api.post("/api/payment/verify", json=body, headers={"Authorization": f"Bearer {token}"})

    assert _errors(answer) == [("body", "Please check what you entered.")]


async def test_who_is_not_signed_in_is_told_how_to_be(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing"])
async def test_an_address_the_api_does_not_have_is_a_problem_and_no_page(
    api: httpx.AsyncClient, path: str
) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_what_is_too_large_says_so(api: httpx.AsyncClient) -> None:
    answer = await api.post(LOG_IN, content=b" " * 1_000_000)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
