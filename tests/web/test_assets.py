"""Static files: the right encoding, honest caching, nothing outside the folder."""

import hashlib
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import brotli
import httpx
import pytest

from app.settings import ROOT
from app.web.assets import takes
from app.web.render import assets
from tests.browser import Browser
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot


@pytest.mark.parametrize(
    ("accepts", "takes_it"),
    [("br, gzip", True), ("gzip", False), ("br;q=0", False), ("br;q=0.5", True), ("", False), ("BR", True)],
)
def test_an_encoding_is_used_only_when_the_browser_takes_it(accepts: str, takes_it: bool) -> None:
    assert takes(accepts, "br") is takes_it


async def test_a_file_comes_compressed_and_may_be_kept_for_a_year(api: httpx.AsyncClient) -> None:
    answer = await api.get(assets().url("app.css"), headers={"Accept-Encoding": "br"})

    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (ROOT / "static/app.css").read_bytes()


async def test_a_file_the_browser_has_is_not_sent_again(api: httpx.AsyncClient) -> None:
    first = await api.get(assets().url("app.js"))

    again = await api.get(assets().url("app.js"), headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""


async def test_an_old_address_of_a_file_is_not_kept_for_a_year(api: httpx.AsyncClient) -> None:
    answer = await api.get("/static/app.css?v=old")

    assert "must-revalidate" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/no.css"]
)
async def test_nothing_outside_the_folder_is_served(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


def test_vendored_files_are_what_their_checksums_say() -> None:
    folder = ROOT / "static/vendor"
    for line in (folder / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_a_class_the_style_sheet_does_not_know_makes_the_check_fail(tmp_path: Path) -> None:
    for name in ("assets", "templates", "static"):
        (tmp_path / name).symlink_to(ROOT / name) if name == "static" else _copy(ROOT / name, tmp_path / name)

    fresh = _check(tmp_path)
    (tmp_path / "templates/new.html").write_text('<p class="never-seen-before">')
    stale = _check(tmp_path)

    assert fresh.returncode == 0, fresh.stdout
    assert stale.returncode == 1
    assert "make css" in stale.stdout + stale.stderr


def _copy(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())


def _check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "assets/build.py"), "--check"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_the_style_sheet_leaves_room_for_the_page() -> None:
    """Slot page HTML + CSS have 14 KB together; half of it at most is style."""
    assert len(brotli.compress((ROOT / "static/app.css").read_bytes())) <= 7 * 1024


@pytest.mark.parametrize("name", [file.name for file in (ROOT / "static").glob("*.js")])
def test_our_scripts_stay_small(name: str) -> None:
    assert len((ROOT / "static" / name).read_bytes()) < 3 * 1024


async def test_only_the_page_of_paying_loads_what_pays(browser: Browser) -> None:
    asha, meera = await a_patient(), await a_doctor()
    await browser.signed_in(asha)
    slot = await a_slot(meera)
    for path, expected in ((f"/doctors/{meera.slug}", []), (await _held(browser, meera, slot), ["pay.js"])):
        scripts = [str(one["src"]) for one in (await browser.get(path)).html.select("script[src]")]
        ours = [
            Path(src.split("?")[0]).name for src in scripts if "/vendor/" not in src and "/static/" in src
        ]
        assert ours == [*expected, "app.js"]


async def _held(browser: Browser, doctor: CastDoctor, slot: UUID) -> str:
    answer = await browser.post("/checkout", {"slot": slot, "service": doctor.service_id})
    return answer.location
