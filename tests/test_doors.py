"""Who may enter where: every route, everybody, every kind of thing; and what no answer may lack."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from app.main import create_app
from app.web.doors import describe
from tests import doors_table as table
from tests.doors_odd import ODD_BODIES, ODD_IDS, ODD_TEXTS
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
        "a policy about who may load it": answer.headers.get("cross-origin-resource-policy") == "same-origin",
        "a window of its own": answer.headers.get("cross-origin-opener-policy") == "same-origin",
        "a permissions policy": answer.headers.get("permissions-policy"),
        "cookies for us alone": not unfit_cookies(answer, door),
        "no word of sharing": not any(name.startswith("access-control-") for name in answer.headers),
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


def unfit_cookies(answer: httpx.Response, door: Door) -> list[str]:
    """Cookies that scripts could read, that other sites' forms or hosts would get, or that /api sets."""
    unfit = []
    for cookie in answer.headers.get_list("set-cookie"):
        said = {part.strip().lower() for part in cookie.split(";")[1:]}
        is_fit = {"httponly", "samesite=lax", "path=/"} <= said
        is_elsewhere = door.is_api or door.call.startswith(table.STORED_BY_BROWSERS)
        if not is_fit or is_elsewhere or any(part.startswith("domain") for part in said):
            unfit.append(cookie)
    return unfit


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
            if door.method == "GET":
                wrong += await _unlike(answer, scene, door, who, state)
            changed = await scene.shelf.changed()
            if changed and (door.is_safe or expected != table.ALLOWED):
                wrong.append(f"{name}: {', '.join(changed)} changed")
            if changed or not door.is_safe:
                await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)


async def _unlike(answer: httpx.Response, scene: Scene, door: Door, who: str, state: str) -> list[str]:
    """Where HEAD is answered otherwise than GET, or with a body (RFC 9110, 9.3.2)."""
    head = await scene.call(replace(door, call=f"HEAD {door.path}"), who, state)
    same = (head.status_code, head.headers.get("location")) == (
        answer.status_code,
        answer.headers.get("location"),
    )
    return [] if same and not head.content else [f"HEAD {door.path} by {who}: {head.status_code}"]


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
    "from two origins": {"headers": {"Origin": "null, http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}},
    "from our name on another port": {"headers": {"Origin": "http://127.0.0.1:1"}},
    "as plain text": {"send": b'{"_csrf_token": ""}', "headers": {"Content-Type": "text/plain"}},
    "as JSON": {"send": b'{"_csrf_token": ""}', "headers": {"Content-Type": "application/json"}},
    "with nothing said about its kind": {"send": b"_csrf_token=", "headers": {"Content-Type": ""}},
}


async def test_a_form_that_another_site_sends_is_refused(scene: Scene) -> None:
    another = (await scene.client.get("/login", headers={"Cookie": ""})).cookies["csrf"]
    wrong = []
    for forgery, how in FORGERIES.items():
        token = another if how.get("token") == "another" else how.get("token", "")
        for door in UNSAFE_PAGES:
            answer = await scene.call(door, door.insider, **{**how, "token": token})
            if answer.status_code != 403:
                wrong.append(f"{door.call} {forgery}: {answer.status_code}, not 403")
            wrong += lacking(door, answer, forgery)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


async def test_a_form_of_ours_is_taken(scene: Scene) -> None:
    """The other side of the test above: the same calls, as a browser sends them from our own pages."""
    own = {"Sec-Fetch-Site": "same-origin", "Origin": str(scene.client.base_url).rstrip("/")}
    for door in UNSAFE_PAGES:
        answer = await scene.call(door, door.insider, headers=own)
        assert heard(answer) == (door.always or table.ALLOWED), f"{door.call}: {answer.status_code}"
        await scene.shelf.put_back()


def test_what_needs_no_token_is_the_written_list() -> None:
    named = {call for call, handler in _routes().items() if handler.opt.get("exclude_from_csrf")}
    unsafe = {door.call for door in DOORS if not door.is_safe}
    assert {call for call in named & unsafe if " /api/" not in call} == set(table.NEED_NO_TOKEN)
    assert {call for call in unsafe - named if " /api/" in call} == set()


async def test_a_cookie_alone_opens_nothing_at_the_api(scene: Scene) -> None:
    wrong = []
    base = str(scene.client.base_url).rstrip("/")
    for door in DOORS:
        if not door.is_api or door.who in table.OPEN_DOORS:
            continue
        path, session = scene.path(door), scene.tokens[door.insider]
        for address in (path, f"/{path}", path.replace("/api", "/%61pi"), path.replace("/api", "/./api")):
            headers = {"Cookie": f"access={session}; csrf={scene.csrf}", "X-CSRFToken": scene.csrf}
            for proof in ({}, {"Authorization": f"Basic {session}"}, {"Authorization": "Bearer"}):
                answer = await scene.call(door, "nobody", path=base + address, headers=headers | proof)
                if answer.status_code != 401:
                    wrong.append(f"{door.method} {address}: {answer.status_code}, not 401")
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


# what is not there


async def test_an_id_that_is_none_is_not_found(scene: Scene) -> None:
    wrong = []
    for door in DOORS:
        for odd, spelled in ODD_IDS.items() if door.parameters else ():
            name = door.parameters[0].partition(":")[0]
            answer = await scene.call(door, door.insider, path=scene.path(door, **{name: spelled}))
            fits = {200, 303, 404, 422} if door.call in table.TAKES_ANY_TOKEN else {400, 404, 405, 422}
            if answer.status_code not in fits:
                wrong.append(f"{door.call} with {odd}: {answer.status_code}")
            wrong += lacking(door, answer, door.insider)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


async def test_a_path_that_leads_nowhere_is_not_found(scene: Scene) -> None:
    for path in ("/no-such-page", "/api/no-such-call", "/static", "/visits/a/b/c", "/%ff", "/%00", "/api"):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = await scene.client.request(method, path, headers={"Cookie": ""})
            assert answer.status_code in (404, 405), f"{method} {path}: {answer.status_code}"
            assert not lacking(Door(f"{method} {path}", table.ANYONE), answer, "nobody")


async def test_other_methods_are_refused_and_the_answer_says_which_there_are(scene: Scene) -> None:
    known: dict[str, set[str]] = {}
    for door in DOORS:
        known.setdefault(door.path, {"OPTIONS"}).add(door.method)
    wrong = []
    for door in {door.path: door for door in DOORS}.values():
        as_get = {"HEAD"} if "GET" in known[door.path] else set()
        for method in (
            {"OPTIONS", "HEAD", "PUT", "DELETE", "TRACE"} - (known[door.path] - {"OPTIONS"}) - as_get
        ):
            other = Door(f"{method} {door.path}", table.ANYONE)
            answer = await scene.call(other, door.insider)
            allowed = set(answer.headers.get("allow", "").replace(" ", "").split(","))
            fits = allowed <= known[door.path] if method == "OPTIONS" else allowed == known[door.path]
            if answer.status_code != (204 if method == "OPTIONS" else 405) or not fits:
                wrong.append(f"{other.call}: {answer.status_code}, allowed {sorted(allowed)}")
            wrong += lacking(other, answer, door.insider)
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


# what is sent


async def test_a_field_with_something_odd_breaks_nothing(scene: Scene) -> None:
    wrong = []
    for door in DOORS:
        body = scene.filled(door.send)
        for odd, text in ODD_TEXTS.items():
            # forms are bytes, in which half a surrogate cannot be said
            sent = text.encode("utf-8", "replace").decode() if door.is_page else text
            for name, usual in body.items():
                changed = {**body, name: [sent] if isinstance(usual, list) else sent}
                answer = await scene.call(door, door.insider, send=changed)
                if answer.status_code >= 500:
                    wrong.append(f"{door.call} with {odd} as {name}: {answer.status_code}")
                if answer.status_code < 400:
                    await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)


async def test_an_address_with_something_odd_breaks_nothing(scene: Scene) -> None:
    wrong = []
    for door in DOORS:
        path, _, query = scene.path(door).partition("?")
        for name in door.asks.split():
            rest = [pair for pair in query.split("&") if pair and not pair.startswith(f"{name}=")]
            for odd, text in ODD_TEXTS.items():
                spelled = "".join(f"%{byte:02x}" for byte in text[:2000].encode("utf-8", "surrogatepass"))
                address = f"{path}?{'&'.join([*rest, f'{name}={spelled}'])}"
                answer = await scene.call(door, door.insider, path=address)
                if answer.status_code >= 500:
                    wrong.append(f"{door.call} with {odd} as {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert not await scene.shelf.changed()


async def test_a_body_that_is_none_is_refused(scene: Scene) -> None:
    wrong = []
    for door in DOORS:
        for odd, (kind, body) in ODD_BODIES.items() if not door.is_safe else ():
            headers = {"Content-Type": kind}
            answer = await scene.call(door, door.insider, send=body, headers=headers)
            if answer.status_code >= 500:
                wrong.append(f"{door.call} with {odd}: {answer.status_code}")
            if door in UNSAFE_PAGES and answer.status_code not in (400, 403, 413):
                wrong.append(f"{door.call} with {odd} and no token: {answer.status_code}")
            wrong += lacking(door, answer, door.insider)
            if answer.status_code < 400:
                await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)


SWAPPED = {"$time": "$their_time", "$service": "$their_service", "$person": "$their_person"}


async def test_somebody_elses_thing_in_a_field_is_refused(scene: Scene) -> None:
    tried, wrong = 0, []
    for door in DOORS:
        fields = door.send.items() if isinstance(door.send, dict) else ()
        for name, value in fields:
            if not isinstance(value, str) or value not in SWAPPED:
                continue
            tried += 1
            send = scene.filled({**door.send, name: SWAPPED[value]})
            for state in _cells(door, door.insider):
                answer = await scene.call(door, door.insider, state, send=send)
                if answer.is_success or answer.is_server_error:
                    wrong.append(f"{door.call} with another's {name}: {answer.status_code}")
                if changed := await scene.shelf.changed():
                    wrong.append(f"{door.call} with another's {name}: {', '.join(changed)} changed")
                    await scene.shelf.put_back()
    assert not wrong, "\n".join(wrong)
    assert tried > 5


async def test_fields_a_form_does_not_have_change_nothing(scene: Scene) -> None:
    """Each call leaves the same rights behind with and without fields that would grant more."""
    wrong = []
    for door in DOORS:
        if door.is_safe or not door.send:
            continue
        body, left = scene.filled(door.send), []
        for more in (
            {},
            {name: text for name, text in scene.filled(table.STRANGE_FIELDS).items() if name not in body},
        ):
            answer = await scene.call(door, door.insider, send={**body, **more})
            left.append(await scene.shelf.rights() if answer.status_code < 400 else None)
            await scene.shelf.put_back()
        if left[1] is not None and left[0] != left[1]:
            wrong.append(f"{door.call}: {set(left[1]) ^ set(left[0] or [])}")
    assert not wrong, "\n".join(wrong)
