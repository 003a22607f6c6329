"""`python -m app` runs everything on one machine; with a command it does one part of that."""

import argparse
import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from app.db.embedded import DatabaseDidNotStart, EmbeddedPostgres
from app.db.reach import DatabaseNotReached, reach
from app.demo.size import Size, add_options, chosen_size
from app.jobs.alone import AlreadyRuns, alone_in
from app.jobs.companion import Companion, CompanionFailed
from app.notifications.mailbox import LocalMailbox
from app.payments.twin import Twin
from app.settings import BadSetting, Settings, read_settings, require_services, settings
from app.web.listening import CannotListen, listen, own_address
from app.web.logs import configure_logging
from app.web.serving import serve

if TYPE_CHECKING:
    from litestar import Litestar

Answer = TypeVar("Answer")

FACTORY = "app.__main__:web_app"
WELCOME = """
Parchi is ready: {address}

  Log in as      asha@example.com, vikram@example.com     patients
                 meera@example.com, arjun@example.com     doctors
                 sunita@example.com                       reception
                 admin@example.com                        admin
                 (password of all: demo-pass-2026)
"""


class CannotStart(Exception):
    """What was asked for cannot be done with this database; the text says why."""


NO_START = (
    AlreadyRuns,
    BadSetting,
    CannotListen,
    CannotStart,
    CompanionFailed,
    DatabaseDidNotStart,
    DatabaseNotReached,
)


def main() -> None:
    """Run one command; the exit code is 0 when it did its work, 1 with a sentence, 128 and more cut off."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    parser.add_argument("command", nargs="?", choices=sorted(COMMANDS), help="without one: everything")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    add_options(parser)
    chosen = parser.parse_args()
    size = chosen_size(chosen)
    if size is not None and chosen.command != "demo":
        parser.error("the large demo is made by `python -m app demo`")
    command = partial(large_demo, size=size) if size else COMMANDS.get(chosen.command, everything)
    configure_logging()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _end_politely)
    if chosen.with_parent:
        end_of_input = partial(os.read, sys.stdin.fileno(), 1)  # a buffered read would hold up our own end
        threading.Thread(target=_end_with_parent, args=(end_of_input,), daemon=True).start()
    try:
        with ExitStack() as running:
            try:
                command(running)
            finally:
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_IGN)
    except NO_START as problem:
        sys.exit(f"Parchi does not start. {problem}")


def everything(running: ExitStack) -> None:
    """Database, migrations, demo clinic, sandbox, mailbox, web and worker, as far as nothing else is set."""
    asked = read_settings()
    listening = running.enter_context(listen(asked.host, asked.port))
    running.enter_context(alone_in(asked.data_dir))
    loading = threading.Thread(target=_load_libraries, daemon=True)
    loading.start()
    database = _database(asked, running)
    if not asked.smtp_url:
        mailbox = LocalMailbox(asked.data_dir / "mailbox")
        running.callback(mailbox.stop)
        mailbox.start()
        os.environ["SMTP_URL"] = mailbox.smtp_url
    if not asked.razorpay_key_id:
        twin = Twin(
            asked.data_dir,
            webhook_url=f"{own_address(listening)}/api/payment/webhook",
            clock_dsn=os.environ["DATABASE_URL"],
        )
        running.callback(twin.stop)
        os.environ.update(twin.start())
    if asked.web_workers == 1:
        os.environ["PARCHI_WORKER_IN_WEB"] = "1"
    loading.join()  # two threads must not import the same modules
    _run(partial(_prepare, demo=asked.demo))
    if asked.web_workers > 1:
        worker = Companion("worker", "app", "worker", "--with-parent", environment=os.environ)
        running.callback(worker.stop)
        worker.start()
    serve(FACTORY, listening, ready=partial(print, _welcome(database), flush=True))


def web(running: ExitStack) -> None:
    """Serve pages and API; everything else is somebody else's process."""
    asked = read_settings()
    require_services(asked)
    listening = running.enter_context(listen(asked.host, asked.port))
    _database(asked, running)
    ready = f"Parchi serves {settings().base_url}"
    serve(FACTORY, listening, ready=partial(print, ready, flush=True))


def worker(running: ExitStack) -> None:
    """Run jobs and schedules until asked to end."""
    asked = read_settings()
    require_services(asked)
    _database(asked, running)
    _run(_work)


def migrate(running: ExitStack) -> None:
    """Bring the schema up to date."""
    _database(read_settings(), running)
    _run(partial(_prepare, demo=False))


def demo(running: ExitStack) -> None:
    """Load the demo clinic, or refill its slots."""
    _database(_not_in_production(), running)
    _run(partial(_prepare, demo=True))


def large_demo(running: ExitStack, size: Size) -> None:
    """Make doctors, times and visits by the hundred, beside a running server or without one."""
    _database(_not_in_production(), running)
    _run(partial(_prepare, demo=False))
    _run(partial(_make_large, size))


def _not_in_production() -> Settings:
    asked = read_settings()
    if asked.is_production:
        raise BadSetting("The demo is refused when APP_ENV=production: its people have a public password.")
    return asked


def check(running: ExitStack) -> None:
    """Say whether settings, database and schema are fit to serve."""
    asked = read_settings()
    require_services(asked)
    _database(asked, running)
    from app.db.migrate import pending

    missing = _run(pending)
    if missing:
        raise CannotStart(f"{len(missing)} migrations are missing; run `python -m app migrate`.")
    print("Settings, database and schema are in order.")


def erase_again(running: ExitStack) -> None:
    """After a restored backup: erase anew whom a list on standard input says was erased since."""
    _database(read_settings(), running)
    print(f"{_run(_erase_again)} accounts are erased anew.")


COMMANDS: dict[str, Callable[[ExitStack], None]] = {
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "demo": demo,
    "check": check,
    "erase-again": erase_again,
}


def web_app() -> "Litestar":
    """The application of one web process, which ends when the process that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        configure_logging()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all of us; the parent decides
        threading.Thread(target=_end_with_parent, args=(parent.join,), daemon=True).start()
    from app.main import create_app

    return create_app()


# Parts of a start -----------------------------------------------------------------------------------


def _database(asked: Settings, running: ExitStack) -> EmbeddedPostgres | None:
    """Reach the database that is set; or start or join our own, and give that back.

    Nothing may read `settings()` before this: it is read once.
    """
    if asked.database_url:
        asyncio.run(reach({asked.database_url, asked.owner_database_url}))
        return None
    embedded = EmbeddedPostgres(asked.data_dir)
    running.callback(embedded.stop)
    addresses = embedded.start()
    os.environ.update(DATABASE_URL=addresses.app, OWNER_DATABASE_URL=addresses.owner, PARCHI_EMBEDDED="1")
    return embedded


def _load_libraries() -> None:
    """Read the largest libraries while the database and the sandbox start; none of them is ours."""
    for name in ("litestar", "pgqueuer", "piccolo.apps.migrations.commands.forwards", "wtforms", "razorpay"):
        import_module(name)


def _run(work: Callable[[], Coroutine[object, object, Answer]]) -> Answer:
    """Do one piece of work with the database. Raises CannotStart when its schema cannot be made."""
    from app.db.migrate import MigrationFailed

    try:
        return asyncio.run(work())
    except MigrationFailed as problem:
        raise CannotStart(f"The schema could not be brought up to date: {problem}") from problem


async def _prepare(*, demo: bool) -> None:
    """Bring schema and listings up to date before anybody looks, and load the demo clinic."""
    from app.db.engine import close_pool, open_pool
    from app.db.migrate import migrate
    from app.directory.services.listing import relist_stale

    await migrate()
    await open_pool()
    try:
        await relist_stale()
        if demo:
            from app.demo.clinic import load

            await load()
    finally:
        await close_pool()


async def _make_large(size: Size) -> None:
    import app.main  # noqa: F401 - registers who listens
    from app.db.engine import close_pool, open_pool
    from app.demo.large import AlreadyMade, TooMuch, make

    await open_pool()
    try:
        await make(size, say=partial(print, flush=True))
    except AlreadyMade:
        raise CannotStart(f"Seed {size.seed} was made already; choose another with --seed.") from None
    except TooMuch:
        raise CannotStart("The doctors have no times for so many visits; ask for fewer.") from None
    finally:
        await close_pool()


async def _erase_again() -> int:
    import app.main  # noqa: F401 - registers every room
    from app.db.engine import close_pool, open_pool
    from app.desks.privacy.restoring import NotAList, erase_again

    await open_pool()
    try:
        return await erase_again(sys.stdin)
    except NotAList as problem:
        raise CannotStart(str(problem)) from None
    finally:
        await close_pool()


async def _work() -> None:
    import app.main  # noqa: F401 - registers every room's tasks, schedules and listeners
    from app.db.engine import close_pool, open_pool
    from app.jobs.worker import run_worker

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await open_pool()
    try:
        await run_worker(stop)
    finally:
        await close_pool()


def _welcome(database: EmbeddedPostgres | None) -> str:
    now = settings()
    lines = [WELCOME.format(address=now.base_url) if now.demo else f"\nParchi is ready: {now.base_url}\n"]
    if now.smtp_url.startswith("smtp://127.0.0.1:") and not now.is_production:
        lines.append(f"  Mails          {now.base_url}/dev/mail")
    if now.uses_sandbox:
        lines.append(f"  Payments       play money, sandbox at {now.sandbox_origin}")
    lines.append(f"  Data           {now.data_dir}")
    if database is not None and database.is_elsewhere:
        lines.append(f"  Database       {database.cluster}, as its own user cannot enter the data directory")
    return "\n".join([*lines, "", "  Ctrl-C ends everything.", ""])


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _end_politely(_number: int, _frame: object) -> None:
    """A closed terminal is a wish to end, like any other."""
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_parent(wait: Callable[[], object]) -> None:
    wait()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
