"""Oneself, and the people one books for."""

import httpx
import pytest

from app import clock
from app.accounts.queries import get_user, persons_of, self_of
from app.accounts.rules import MOST_PERSONS
from tests.accounts.confirmations import happened
from tests.browser import Browser
from tests.factories import a_doctor, a_patient, a_person, bearer

RAVI = {"name": "Ravi", "relation": "child", "birth_year": "2015", "sex": "male", "mobile": ""}


async def test_name_and_mobile_change_for_the_account_and_its_own_person(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    answer = await browser.post("/me", {"name": "Asha Rao", "mobile": "९८७६५ ४३२१०", "language": "en"})

    assert answer.location == "/me"
    page = await browser.follow(answer)
    assert "Saved." in page.text
    account, own = await get_user(asha.id), await self_of(asha.id)
    assert (account.name, account.mobile) == (own.name, own.mobile) == ("Asha Rao", "+919876543210")


async def test_saving_what_is_already_so_writes_nothing_down(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    for _ in range(2):
        await browser.post("/me", {"name": "Asha Rao", "mobile": "", "language": "en"})
    assert await happened("PROFILE_CHANGED") == 1


async def test_what_is_wrong_is_said_at_its_field_and_kept(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    answer = await browser.post("/me", {"name": "", "mobile": "12", "language": "en"})

    assert answer.status_code == 422
    assert answer.error_of("name")
    assert answer.error_of("mobile")
    assert answer.one("#mobile")["value"] == "12"
    assert (await get_user(asha.id)).name == "Asha"


async def test_role_and_address_cannot_be_changed_by_extra_fields(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    extra = {"role": "admin", "email": "other@example.com", "is_verified": "1", "id": "0"}
    await browser.signed_in(asha)
    await browser.post("/me", {"name": "Asha", "mobile": "", "language": "en", **extra})
    await bearer(api, asha)
    await api.patch("/api/me", json={"name": "Asha", **extra})

    account = await get_user(asha.id)
    assert (account.role, account.email) == ("patient", asha.email)


@pytest.mark.parametrize("path", ["/me", "/me/people", "/me/people/5b8f7e64-7f5e-4a51-a3b4-7f1f2d3c4b5a"])
async def test_strangers_are_sent_to_log_in(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).location.startswith("/login?next=")
    assert (await browser.post(path, RAVI)).location == "/login"


async def test_somebody_is_added_and_the_way_leads_back_to_where_it_came_from(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    answer = await browser.post("/me/people", {**RAVI, "next": "/doctors"})

    assert answer.location == "/doctors"
    own, ravi = await persons_of(asha.id)
    assert own.is_self
    assert (ravi.name, ravi.relation, ravi.birth_year, ravi.sex, ravi.mobile) == (
        "Ravi",
        "child",
        2015,
        "male",
        None,
    )
    page = await browser.get("/me/people")
    assert page.text.index("Asha") < page.text.index("Ravi")
    assert await happened("PERSON_ADDED") == 1


async def test_a_person_needs_a_name_and_a_relation_from_the_list(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    for relation in ("", "self", "king"):
        answer = await browser.post(
            "/me/people", {"name": " ", "relation": relation, "birth_year": "3000", "sex": "x", "mobile": "1"}
        )
        assert answer.status_code == 422
        assert answer.error_of("relation")
        assert answer.error_of("name")
    assert len(await persons_of(asha.id)) == 1


async def test_a_year_that_cannot_be_is_said_at_its_field(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    answer = await browser.post("/me/people", {**RAVI, "birth_year": "3000"})
    assert answer.status_code == 422
    assert answer.error_of("birth_year").endswith(f"from {clock.now().year - 130} to {clock.now().year}.")
    assert answer.one("#birth_year")["value"] == "3000"


async def test_everything_that_is_wrong_with_a_person_is_said_at_once_in_the_order_of_the_page(
    browser: Browser,
) -> None:
    await browser.signed_in(await a_patient("Asha"))
    wrong = {"name": "", "relation": "", "birth_year": "84", "mobile": "12"}

    answer = await browser.post("/me/people", wrong)

    said = [link["href"] for link in answer.html.select(".summary a")]
    assert said == ["#name", "#relation", "#birth_year", "#mobile"]


async def test_a_person_is_changed_and_the_account_holder_stays_who_they_are(browser: Browser) -> None:
    asha = await a_patient("Asha")
    ravi = await a_person(asha.id)
    await browser.signed_in(asha)

    page = await browser.get(f"/me/people/{ravi}")
    assert page.one("#name")["value"] == "Ravi"
    answer = await browser.post(f"/me/people/{ravi}", {**RAVI, "name": "Ravi Rao", "relation": "sibling"})
    assert answer.location == "/me/people"
    own = await self_of(asha.id)
    await browser.post(
        f"/me/people/{own.id}", {"name": "Asha Rao", "birth_year": "1984", "relation": "child"}
    )

    own, changed = await persons_of(asha.id)
    assert (own.name, own.birth_year, own.relation) == ("Asha Rao", 1984, "self")
    assert (await get_user(asha.id)).name == "Asha Rao"
    assert (changed.name, changed.relation) == ("Ravi Rao", "sibling")
    assert await happened("PERSON_CHANGED") == 2


async def test_somebody_elses_person_is_not_to_be_found(browser: Browser) -> None:
    ravi = await a_person((await a_patient("Asha")).id)
    vikram = await a_patient("Vikram")
    await browser.signed_in(vikram)

    assert (await browser.get(f"/me/people/{ravi}")).status_code == 404
    assert (await browser.post(f"/me/people/{ravi}", RAVI)).status_code == 404
    assert (await browser.get("/me/people/not-an-id")).status_code == 404


async def test_a_program_reads_and_changes_its_account(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha", mobile="+919876543210")
    await bearer(api, asha)

    user = (await api.get("/api/me")).json()
    assert user == {
        "id": str(asha.id),
        "name": "Asha",
        "email": asha.email,
        "mobile": "+919876543210",
        "role": "patient",
        "email_verified": True,
        "language": "en",
    }

    changed = await api.patch("/api/me", json={"name": "Asha Rao"})
    assert (changed.status_code, changed.json()) == (200, {**user, "name": "Asha Rao"})
    cleared = await api.patch("/api/me", json={"mobile": None})
    assert cleared.json()["mobile"] is None

    refused = await api.patch("/api/me", json={"name": "", "mobile": "1", "language": "xx"})
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == {"name", "mobile", "language"}


async def test_a_doctors_user_says_whether_patients_see_them(api: httpx.AsyncClient) -> None:
    meera = await a_doctor("Dr Meera")
    await bearer(api, meera)
    assert (await api.get("/api/me")).json()["doctor"] == {"id": str(meera.doctor_id), "approved": True}


async def test_a_program_lists_and_adds_people(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    await bearer(api, asha)

    added = await api.post("/api/me/people", json={"name": "Ravi", "relation": "child", "birth_year": 2015})
    assert added.status_code == 201
    page = (await api.get("/api/me/people", params={"page": 2, "page_size": 1})).json()

    assert page == {"items": [added.json()], "page": 2, "page_size": 1, "total": 2}
    for wrong in (
        {},
        {"name": "Ravi"},
        {"name": "", "relation": "x"},
        {"name": "R", "relation": "child", "sex": "x"},
    ):
        assert (await api.post("/api/me/people", json=wrong)).status_code == 422
    assert (await api.get("/api/me/people", params={"page_size": 101})).status_code == 422


async def test_an_account_books_for_thirty_at_most(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    for _ in range(MOST_PERSONS - 2):
        await a_person(asha.id)
    await bearer(api, asha)

    answers = [await api.post("/api/me/people", json={"name": "Ravi", "relation": "child"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("PATCH", "/api/me"),
        ("GET", "/api/me/people"),
        ("POST", "/api/me/people"),
        ("POST", "/api/auth/logout"),
    ],
)
async def test_programs_without_a_token_are_refused(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, path, json={} if method != "GET" else None)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/not-signed-in"


async def test_a_program_logs_out_at_once(api: httpx.AsyncClient) -> None:
    await bearer(api, await a_patient("Asha"))
    assert (await api.post("/api/auth/logout")).status_code == 204
    assert (await api.get("/api/me")).status_code == 401
    assert (await api.post("/api/auth/logout")).status_code == 401
