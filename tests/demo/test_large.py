"""The large demo: as much as was asked for, money and counts that add up, and nobody from the small one."""

import asyncio
import re
import sys

import httpx
import pytest

from app.db.engine import fetch, fetch_value
from app.demo import clinic as demo
from app.demo import people
from app.demo.large import AlreadyMade, TooMuch, make
from app.demo.size import Size
from tests.browser import Browser
from tests.factories import PASSWORD, clinic_day

SMALL = Size(doctors=7, days=14, visits=150, seed=3)


async def _made(size: Size = SMALL) -> list[str]:
    said: list[str] = []
    await make(size, say=said.append)
    return said


async def _count(condition: str) -> int:
    number: int = await fetch_value(f"SELECT count(*) FROM {condition}")
    return number


async def test_there_is_as_much_as_was_asked_for() -> None:
    said = await _made()

    assert said[:3] == ["7 doctors, 37 patients", "times for 14 days", "150 visits"]
    assert await _count("doctors WHERE approved_at IS NOT NULL") == 7
    assert await _count("appointments") == 150
    assert await _count("appointments WHERE status = 'completed'") > 20
    assert await _count("appointments WHERE status = 'confirmed' AND starts_at > now()") > 20
    assert await fetch_value("SELECT max(on_date) - min(on_date) FROM slots") > 20
    assert await _count("slots WHERE on_date > current_date + 15") == 0


async def test_it_ends_by_saying_who_can_log_in(browser: Browser) -> None:
    *_said, last = await _made()

    found = re.fullmatch(rf"Log in as (\S+) or (\S+), password {PASSWORD}", last)
    assert found is not None
    for email, role in zip(found.groups(), ("doctor", "patient"), strict=True):
        entered = await browser.post("/login", {"identifier": email, "password": PASSWORD})
        assert entered.status_code == 303
        assert await fetch_value("SELECT role FROM users WHERE email = $1", email) == role


async def test_money_tokens_and_opinions_add_up() -> None:
    await _made()

    assert await _count("payments WHERE final_at IS NULL OR captured_paise <> amount_paise") == 0
    assert (
        await _count("appointments a WHERE NOT EXISTS (SELECT FROM payments WHERE appointment_id = a.id)")
        == 0
    )
    cancelled = await _count("appointments WHERE status = 'cancelled'")
    assert cancelled == await _count("refunds WHERE status = 'processed'") > 0
    gaps = await fetch(
        "SELECT practice_id, token_on FROM appointments GROUP BY 1, 2 HAVING count(*) <> max(token_number)"
    )
    assert gaps == []
    wrong = await fetch(
        """
        SELECT d.slug FROM doctors d
        WHERE (d.reviews_count, d.stars_total) IS DISTINCT FROM
              (SELECT (count(*)::int, coalesce(sum(stars), 0)::int) FROM reviews r WHERE r.doctor_id = d.id)
           OR d.followers_count <> (SELECT count(*) FROM follows f WHERE f.doctor_id = d.id)
        """
    )
    assert wrong == []
    assert await _count("reviews") > 0
    assert (
        await _count("reviews r JOIN appointments a ON a.id = r.appointment_id WHERE a.status <> 'completed'")
        == 0
    )


async def test_a_seed_makes_the_same_people_each_time_and_only_once() -> None:
    await _made()
    with pytest.raises(AlreadyMade):
        await _made()
    assert await _count("doctors") == 7

    await _made(Size(doctors=7, days=14, visits=0, seed=4))

    assert await _count("doctors") == 14
    first, other = [
        [
            row["name"]
            for row in await fetch("SELECT name FROM doctors WHERE slug LIKE $1 ORDER BY slug", like)
        ]
        for like in ("%-s3", "%-s4")
    ]
    assert first != other


async def test_more_visits_than_times_are_refused_and_nothing_stays() -> None:
    with pytest.raises(TooMuch):
        await _made(Size(doctors=1, days=1, visits=5_000))
    assert await _count("users") == 0


async def test_nobody_is_called_like_the_people_of_the_small_demo() -> None:
    everybody = {*people.WOMEN, *people.MEN}
    assert not everybody & {"Meera", "Arjun", "Asha", "Vikram", "Sunita"}

    await demo.load()
    await _made()
    named = await fetch("SELECT name FROM doctors WHERE name ~ 'Meera|Arjun' ORDER BY name")
    assert [row["name"] for row in named] == ["Dr Arjun Rao", "Dr Meera Kulkarni"]


async def test_its_doctors_are_found_and_have_free_times_and_its_people_can_log_in(
    api: httpx.AsyncClient,
) -> None:
    await _made()

    found = (await api.get("/api/doctors", params={"page_size": 50, "sort": "soonest"})).json()
    assert found["total"] == 7
    assert all(doctor["next_free_at"] for doctor in found["items"])
    doctor = found["items"][0]
    slots = await api.get("/api/availability", params={"doctor_id": doctor["id"], "date": str(clinic_day(7))})
    assert slots.status_code == 200
    email = await fetch_value(
        "SELECT u.email FROM users u JOIN appointments a ON a.booked_by_id = u.id "
        "WHERE a.status = 'completed' ORDER BY u.email LIMIT 1"
    )
    login = await api.post("/api/auth/login", json={"identifier": email, "password": PASSWORD})
    assert login.status_code == 200
    api.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    visits = (await api.get("/api/appointments")).json()["items"]
    done = next(visit for visit in visits if visit["status"] == "completed")
    told = (await api.get(f"/api/appointments/{done['id']}")).json()["history"]
    assert [entry["to"] for entry in told] == ["held", "confirmed", "completed"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--visits", "-1"], "from 0 to 2000000"),
        (["--doctors", "many"], "invalid"),
        (["--doctors", "1", "--days", "1", "--visits", "4000"], "ask for fewer"),
    ],
)
async def test_the_command_refuses_what_makes_no_sense(options: list[str], said: str) -> None:
    code, complaint = await _run("demo", *options)
    assert code != 0
    assert said in complaint


async def test_the_command_makes_them_beside_a_running_server_and_other_commands_know_no_size() -> None:
    size = ("--doctors", "2", "--days", "3", "--visits", "4")

    assert (await _run("demo", *size))[0] == 0
    assert await _count("appointments") == 4

    code, complaint = await _run("demo", *size)
    assert code == 1
    assert "another with --seed" in complaint
    assert (await _run("web", *size))[0] == 2


async def _run(*words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _said, complaint = await asyncio.wait_for(process.communicate(), timeout=60)
    return process.returncode, complaint.decode()
