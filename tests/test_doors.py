"""Who may enter where: every route, everybody, every kind of thing; and what no answer may lack."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from app.main import create_app
from app.web.doors import describe
from tests import doors_table as table
from tests.doors_scene import Scene, heard, the_scene
from tests.doors_table import CAST, DOORS, Door
from tests.surroundings import Surroundings

UNSAFE_PAGES = [
    door for door in DOORS if door.is_page and not door.is_safe and door.call not in table.NEED_NO_TOKEN
]


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        yield prepared


# the table


def _routes() -> dict[str, HTTPRouteHandler]:
    """Each method and path of the app, but the framework's own answer to OPTIONS."""
    routes: dict[str, HTTPRouteHandler] = {}
    for route in create_app().routes:
        assert isinstance(route, HTTPRoute), f"{route.path} is no HTTP route; say in the table who may enter"
        for handler in route.route_handlers:
            if handler.handler_name != "options_handler":
                routes |= {f"{method} {route.path}": handler for method in handler.http_methods}
    return routes


def _doors_of(handler: HTTPRouteHandler) -> list[str | None]:
    return [describe(getattr(guard, "func", guard)) for guard in handler.resolve_guards()]


def test_every_route_has_one_door_and_every_door_stands_in_the_table() -> None:
    routes, rows = _routes(), {door.call: door for door in DOORS}
    assert len(rows) == len(DOORS), "a call stands twice in the table"
    wrong = [f"{call} is a route without a row in tests/doors_table.py" for call in routes.keys() - rows]
    wrong += [f"{call} is a row without a route" for call in rows.keys() - routes]
    for call in routes.keys() & rows:
        doors = _doors_of(routes[call])
        if doors != [rows[call].who]:
            wrong.append(f"{call} is guarded by {doors}, and the table says {rows[call].who!r}")
    assert not wrong, "\n".join(sorted(wrong))


# what no answer may lack


def lacking(door: Door, answer: httpx.Response, who: str) -> list[str]:
    """What is missing in the headers of an answer, or should not be there."""
    policy = answer.headers.get("content-security-policy", "")
    said = {
        "a content security policy": policy,
        "nosniff": answer.headers.get("x-content-type-options") == "nosniff",
        "a referrer policy": answer.headers.get("referrer-policy"),
        "a policy against being framed": "frame-ancestors 'none'" in policy or "sandbox" in policy,
        "a policy without 'unsafe-…'": "unsafe-" not in policy or door.call in table.OWN_POLICY,
        "no-store": answer.headers.get("cache-control") == "no-store"
        or door.call.startswith(table.STORED_BY_BROWSERS),
        "a policy without the gateway": not (
            door.is_staff_page and answer.is_success and re.search(r"https?://", policy)
        ),
    }
    return [
        f"{door.call} by {who} ({answer.status_code}) lacks {what}"
        for what, there in said.items()
        if not there
    ]


# everybody before every door


def _cells(door: Door, who: str) -> list[str]:
    """The states of the thing to try; who does not come past the door is told so whatever it is."""
    states = table.THINGS.get(door.about, ("",))
    return list(states if door.answer_to(who, "") in (table.ALLOWED, table.NOT_THERE) else states[-1:])


@pytest.mark.parametrize("who", CAST)
async def test_a_door_lets_in_whom_the_table_says(scene: Scene, who: str) -> None:
    wrong: list[str] = []
    for door in DOORS:
        for state in _cells(door, who):
            expected = door.answer_to(who, state)
            answer = await scene.call(door, who, state)
            name = f"{door.call} by {who}" + (f" about {state}" if state else "")
            if heard(answer) != expected:
                wrong.append(f"{name}: {heard(answer)} ({answer.status_code}), not {expected}")
            wrong += lacking(door, answer, who)
            changed = await scene.shelf.changed()
            if changed and (door.is_safe or expected != table.ALLOWED):
                wrong.append(f"{name}: {', '.join(changed)} changed")
            if changed or not door.is_safe:
                await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)


# requests that another site makes a browser send

FORGERIES: dict[str, dict[str, Any]] = {
    "without a token": {"token": None},
    "with another browser's token": {"token": "another"},
    "with a token nobody signed": {"token": "f" * 128},
    "with a token that is no text": {"token": "é" * 128},
    "from another site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "from a neighbouring site": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "from another origin": {"headers": {"Origin": "https://evil.example"}},
    "from no origin": {"headers": {"Origin": "null"}},
}


def _who_may(door: Door) -> str:
    """Somebody whom a door lets in to everything it is about."""
    roles = [who for who in CAST if who not in ("nobody", "a blocked administrator")]
    return next(
        who for who in roles if all(door.answer_to(who, one) == table.ALLOWED for one in _cells(door, who))
    )


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_form_that_another_site_sends_is_refused(scene: Scene, forgery: str) -> None:
    how = dict(FORGERIES[forgery])
    if how.get("token") == "another":
        scene.client.cookies.clear()
        how["token"] = (await scene.client.get("/login")).cookies["csrf"]
    wrong = []
    for door in UNSAFE_PAGES:
        answer = await scene.call(door, _who_may(door), **how)
        if answer.status_code != 403:
            wrong.append(f"{door.call} {forgery}: {answer.status_code}, not 403")
        wrong += lacking(door, answer, forgery)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


async def test_a_form_of_ours_is_taken_whatever_else_the_browser_says(scene: Scene) -> None:
    """The other side of the test above: the same calls, sent by our own pages."""
    own = {"Sec-Fetch-Site": "same-origin", "Origin": str(scene.client.base_url)}
    for door in UNSAFE_PAGES:
        answer = await scene.call(door, _who_may(door), headers=own)
        assert heard(answer) == table.ALLOWED, f"{door.call}: {answer.status_code}"
        await scene.shelf.put_back()


async def test_what_needs_no_token_is_the_written_list(scene: Scene) -> None:
    routes = _routes()
    named = {call for call, handler in routes.items() if handler.opt.get("exclude_from_csrf")}
    unsafe = {door.call for door in DOORS if not door.is_safe}
    assert {call for call in named & unsafe if " /api/" not in call} == table.NEED_NO_TOKEN


@pytest.mark.parametrize("path", ["{path}", "/{path}", "/%61pi{rest}", "{path}/"])
async def test_a_cookie_alone_opens_nothing_at_the_api(scene: Scene, path: str) -> None:
    wrong = []
    for door in DOORS:
        if not door.is_api or door.who in table.OPEN_DOORS:
            continue
        own = scene.path(door)
        session = scene.tokens[_who_may(door)]
        cookies = {"Cookie": f"access={session}; csrf={scene.csrf}", "Authorization": f"Basic {session}"}
        address = str(scene.client.base_url).rstrip("/") + path.format(
            path=own, rest=own.removeprefix("/api")
        )
        answer = await scene.call(door, "nobody", path=address, headers=cookies)
        if answer.status_code != 401:
            wrong.append(f"{door.method} {address}: {answer.status_code}, not 401")
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


# what nobody's door leads to

ODD_IDS = {
    "nothing but a space": "%20",
    "NUL": "%00",
    "a code with NUL": "ABCD%00EF",
    "line breaks": "a%0d%0aSet-Cookie:%20x=y",
    "very long": "A" * 4000,
    "Devanagari": "%E0%A4%AA%E0%A4%B0%E0%A5%8D%E0%A4%9A%E0%A5%80",
    "Devanagari digits": "%E0%A5%A7%E0%A5%A8%E0%A5%A9",
    "no UTF-8": "%ff%fe",
    "half a surrogate": "%ED%A0%80",
    "up": "%2e%2e",
    "up and away": "..%2f..%2fetc%2fpasswd",
    "SQL": "'%20OR%201=1--",
    "markup": "%3Cscript%3E",
    "a format": "%25s%7B0%7D",
    "nobody's id": "00000000-0000-4000-8000-000000000000",
    "a bent id": "%7B00000000-0000-4000-8000-000000000000%7D",
}
OPEN_TO_ANY_TOKEN = {"GET /verify/{token:str}", "POST /verify/{token:str}"}
"""A letter's link may carry anything: it opens a page with a button, and pressing it says what is wrong."""


@pytest.mark.parametrize("odd", ODD_IDS)
async def test_an_id_that_is_none_is_not_found(scene: Scene, odd: str) -> None:
    wrong = []
    for door in DOORS:
        if not door.parameters:
            continue
        name = door.parameters[0].partition(":")[0]
        who = _who_may(door) if door.always == "" else "nobody"
        answer = await scene.call(door, who, path=scene.path(door, **{name: ODD_IDS[odd]}))
        fits = {200, 303, 404, 422} if door.call in OPEN_TO_ANY_TOKEN else {400, 404, 405, 422}
        if answer.status_code not in fits:
            wrong.append(f"{door.call} with {odd}: {answer.status_code}")
        wrong += lacking(door, answer, who)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


@pytest.mark.parametrize(
    "path", ["/no-such-page", "/api/no-such-call", "/static", "/visits/a/b/c", "/%ff", "/%00"]
)
async def test_a_path_that_leads_nowhere_is_not_found(scene: Scene, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"):
        answer = await scene.client.request(method, path, headers={"Cookie": ""})
        assert answer.status_code in (404, 405), f"{method} {path}: {answer.status_code}"
        assert not lacking(Door(f"{method} {path}", table.ANYONE), answer, "nobody")


async def test_other_methods_are_refused_and_the_answer_says_which_there_are(scene: Scene) -> None:
    known: dict[str, set[str]] = {}
    for door in DOORS:
        known.setdefault(door.path, {"OPTIONS"}).add(door.method)
    wrong = []
    for door in {door.path: door for door in DOORS}.values():
        who = _who_may(door) if door.always == "" else "nobody"
        for method in ("OPTIONS", "HEAD", "PUT", "DELETE", "TRACE"):
            if method in known[door.path] - {"OPTIONS"}:
                continue
            other = Door(f"{method} {door.path}", table.ANYONE)
            answer = await scene.call(other, who)
            fits = answer.status_code == (204 if method == "OPTIONS" else 405)
            allowed = set(answer.headers.get("allow", "").replace(" ", "").split(","))
            if not fits or allowed != known[door.path]:
                wrong.append(f"{other.call}: {answer.status_code}, allowed {sorted(allowed)}")
            wrong += lacking(other, answer, who)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


# what is sent

ODD_TEXTS: dict[str, str] = {
    "NUL": "\x00",
    "nothing": "",
    "very long": "x" * 20_000,
    "control signs": "\x07\x1b[31m\u202e\u2028",
    "Devanagari digits": "१२३",
    "an enormous number": "9" * 400,
    "a negative number": "-1",
    "the end of time": "9999-12-31",
    "the beginning of time": "0001-01-01",
    "not a number": "NaN",
    "half a surrogate": "\ud800",
    "nobody's id": "00000000-0000-4000-8000-000000000000",
}


def _bodies(door: Door, body: Any, odd: str) -> list[Any]:
    """The body with one field after the other replaced."""
    if not isinstance(body, dict):
        return []
    if door.is_page:
        odd = odd.encode("utf-8", "replace").decode()  # forms are bytes; half a surrogate cannot be sent
    return [{**body, name: [odd] if isinstance(body[name], list) else odd} for name in body]


@pytest.mark.parametrize("odd", ODD_TEXTS)
async def test_a_field_with_something_odd_is_refused_or_taken_but_breaks_nothing(
    scene: Scene, odd: str
) -> None:
    wrong = []
    for door in DOORS:
        if door.is_safe or not door.send:
            continue
        who = _who_may(door) if door.always == "" else "nobody"
        for body in _bodies(door, scene.filled(door.send), ODD_TEXTS[odd]):
            answer = await scene.call(door, who, send=body)
            if answer.status_code >= 500:
                wrong.append(f"{door.call} with {odd} in {body}: {answer.status_code}"[:300])
            if await scene.shelf.changed():
                await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)


ODD_QUERIES = ["page", "page_size", "day", "date", "service", "service_id", "slot", "next", "status", "first",
               "last", "from", "to", "doctor_id", "visit", "payment", "city", "specialization"]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_TEXTS)
async def test_a_query_with_something_odd_breaks_nothing(scene: Scene, odd: str) -> None:
    wrong = []
    text = ODD_TEXTS[odd][:2000].encode("utf-8", "surrogatepass")
    for door in DOORS:
        if door.method != "GET":
            continue
        who = _who_may(door) if door.always == "" else "nobody"
        for name in ODD_QUERIES:
            query = f"{name}=" + "".join(f"%{byte:02x}" for byte in text)
            own = scene.path(door)
            answer = await scene.call(door, who, path=f"{own}{'&' if '?' in own else '?'}{query}")
            if answer.status_code >= 500:
                wrong.append(f"{door.call} with {odd} as {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


ODD_BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("application/json", b""),
    "no JSON": ("application/json", b"{"),
    "a list": ("application/json", b"[]"),
    "null": ("application/json", b"null"),
    "deep": ("application/json", b"[" * 30_000),
    "no UTF-8": ("application/json", b'{"name": "\xff\xfe"}'),
    "a form": ("application/x-www-form-urlencoded", b"a=%ff&=&&%zz"),
    "parts without a boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "parts that do not end": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nx",
    ),
    "a file as the token": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="_csrf_token"; filename="a"\r\n\r\nx\r\n--x--\r\n',
    ),
    "plain text": ("text/plain", b'{"name": "x"}'),
    "an unknown kind": ("x/y; charset=nothing", b"\x00"),
    "more than we read": ("application/json", b" " * 70_000),
}


@pytest.mark.parametrize("odd", ODD_BODIES)
async def test_a_body_that_is_none_is_refused(scene: Scene, odd: str) -> None:
    kind, body = ODD_BODIES[odd]
    wrong = []
    for door in DOORS:
        if door.is_safe:
            continue
        who = _who_may(door) if door.always == "" else "nobody"
        session = scene.tokens.get(who, "")
        headers = {"Content-Type": kind, "Cookie": f"csrf={scene.csrf}; access={session}"}
        if door.is_api:
            headers["Authorization"] = f"Bearer {session}"
        scene.client.cookies.clear()
        answer = await scene.client.request(door.method, scene.path(door), content=body, headers=headers)
        if answer.status_code >= 500:
            wrong.append(f"{door.call} with {odd}: {answer.status_code}")
        if door.call in {one.call for one in UNSAFE_PAGES} and answer.status_code not in (400, 403, 413):
            wrong.append(f"{door.call} with {odd} and no token: {answer.status_code}")
        wrong += lacking(door, answer, who)
        if door.is_api and await scene.shelf.changed():
            await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)
