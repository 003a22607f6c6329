"""Signing up by program, where accounts and directory join."""

import asyncio
from uuid import UUID

import httpx
import pytest

from app.accounts.queries import find_user_by_email, self_of
from app.accounts.records import consents_of
from app.accounts.rules import NOTICE_VERSION
from app.db.engine import fetch_value
from tests.accounts.confirmations import happened
from tests.browser import Browser
from tests.factories import a_patient

ASHA = {"name": "Asha", "email": "Asha@example.com", "password": "a calm green river", "role": "patient"}


async def test_a_patient_signs_up_and_is_in_but_not_confirmed(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/auth/signup", json={**ASHA, "mobile": "9876543210"})

    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {
        "user",
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "device_token",
    }
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    user = body["user"]
    assert (user["email"], user["mobile"], user["role"], user["email_verified"]) == (
        "asha@example.com",
        "+919876543210",
        "patient",
        False,
    )
    assert "doctor" not in user
    me = await api.get("/api/me", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.json() == user
    account = await find_user_by_email("asha@example.com")
    assert account is not None
    assert (await self_of(account.id)).name == "Asha"
    assert await happened("EMAIL_CONFIRMATION_ASKED") == 1


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_who_signs_up_by_program_has_accepted_nothing_and_is_asked(
    api: httpx.AsyncClient, browser: Browser, role: str
) -> None:
    answer = await api.post("/api/auth/signup", json={**ASHA, "role": role})

    assert answer.status_code == 201
    assert await fetch_value("SELECT count(*) FROM consents") == 0
    assert await happened("NOTICE_ACCEPTED") == 0
    browser.client.cookies.set("access", answer.json()["access_token"])
    assert (await browser.get("/me/data")).one("form[action='/me/data/notice']")


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_consent_is_written_where_the_program_says_which_notice_was_accepted(
    api: httpx.AsyncClient, role: str
) -> None:
    accepted = {"version": NOTICE_VERSION, "language": "hi"}

    answer = await api.post("/api/auth/signup", json={**ASHA, "role": role, "accepted_notice": accepted})

    assert answer.status_code == 201
    (consent,) = await consents_of(UUID(answer.json()["user"]["id"]))
    assert (consent.notice_version, consent.language) == (NOTICE_VERSION, "hi")
    assert await fetch_value("SELECT through FROM consents") == "api"


async def test_a_known_address_is_a_conflict_and_nothing_of_it_changes(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")

    answer = await api.post("/api/auth/signup", json={**ASHA, "email": asha.email.upper(), "name": "Mallory"})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/email-taken")
    assert await fetch_value("SELECT count(*) FROM users") == 1
    assert await fetch_value("SELECT name FROM users") == "Asha"


async def test_of_two_at_once_with_one_address_one_gets_it(api: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(api.post("/api/auth/signup", json=ASHA) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await fetch_value("SELECT count(*) FROM persons") == 1


async def test_a_doctor_applies_and_waits_for_approval(api: httpx.AsyncClient) -> None:
    doctor = {**ASHA, "role": "doctor", "specialization": "dentistry"}

    user = (await api.post("/api/auth/signup", json=doctor)).json()["user"]

    assert user["role"] == "doctor"
    assert user["doctor"]["approved"] is False
    assert await fetch_value("SELECT speciality FROM doctors") == "dentistry"


async def test_a_doctor_may_leave_the_speciality_for_later(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/auth/signup", json={**ASHA, "role": "doctor"})
    assert (answer.status_code, answer.json()["user"]["doctor"]["approved"]) == (201, False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "admin"}, "role"),
        ({"role": "reception"}, "role"),
        ({"role": "doctor", "invitation_code": "abc"}, "invitation_code"),
        ({"role": "doctor", "specialization": "alchemy"}, "specialization"),
        ({"email": "asha@"}, "email"),
        ({"mobile": "123"}, "mobile"),
        ({"password": "password1"}, "password"),
        ({"name": ""}, "name"),
        ({"accepted_notice": {"version": "0", "language": "en"}}, "accepted_notice.version"),
        ({"accepted_notice": {"version": NOTICE_VERSION, "language": "xx"}}, "accepted_notice.language"),
        ({"accepted_notice": {"version": NOTICE_VERSION}}, "accepted_notice.language"),
    ],
)
async def test_what_cannot_be_used_is_said_and_nothing_is_written(
    api: httpx.AsyncClient, wrong: dict[str, object], field: str
) -> None:
    answer = await api.post("/api/auth/signup", json={**ASHA, **wrong})

    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert await fetch_value("SELECT count(*) FROM users") == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"name": 5}', b'{"name": "\\ud800"}', b"\xff"])
async def test_a_body_that_cannot_be_read_is_refused_as_problem_json(
    api: httpx.AsyncClient, body: bytes
) -> None:
    answer = await api.post("/api/auth/signup", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_five_sign_ups_an_hour_also_when_the_address_is_known(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    for _ in range(5):
        assert (await api.post("/api/auth/signup", json={**ASHA, "email": asha.email})).status_code == 409

    answer = await api.post("/api/auth/signup", json=ASHA)

    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many")
    assert int(answer.headers["retry-after"]) > 0


async def test_names_that_look_like_code_stay_names(api: httpx.AsyncClient) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }} '; DROP TABLE users; --"
    answer = await api.post("/api/auth/signup", json={**ASHA, "name": name})
    assert answer.json()["user"]["name"] == name
