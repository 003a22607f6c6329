"""One line for each thing worth knowing, on standard error, as key=value; never a person's data."""

import asyncio
import logging
import time
import traceback
from types import TracebackType

import asyncpg

QUIET = ("uvicorn", "uvicorn.error", "piccolo", "asyncio")
"""Loggers whose everyday lines say nothing a person running this needs."""


SPEAKING = (RuntimeError, AssertionError, TypeError, AttributeError, ImportError)
"""Exceptions whose words are a programmer's; those of the others may hold what people typed."""

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class KeyValue(logging.Formatter):
    """`at=… level=… logger=…` and the message; a traceback follows on lines that begin with |."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without line breaks of the message's own, so that no message can pretend to be two."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"at={at} level={record.levelname.lower()} logger={record.name} {message}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the library's name
        """Where it was raised and what kind of thing it is, without values: a query's may be a person's."""
        lines: list[str] = []
        problem = ei[1]
        while problem is not None:
            frames = traceback.format_list(traceback.extract_tb(problem.__traceback__))
            lines = ["Traceback:", *"".join(frames).splitlines(), _named(problem), *lines]
            problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        return "\n".join("| " + line.replace("\r", "\\r") for line in lines)


def _named(problem: BaseException) -> str:
    kind = type(problem)
    if isinstance(problem, asyncpg.PostgresError):
        return f"{kind.__name__} sqlstate={problem.sqlstate} constraint={problem.constraint_name}"
    says = kind.__module__.startswith("app.") or kind in SPEAKING
    return f"{kind.__name__}: {problem}".replace("\n", "\\n") if says else kind.__name__


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Leave out requests that were cut off because we are ending: nothing went wrong with them."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def configure_logging() -> None:
    """Send every logger through one handler; call it once in each process."""
    handler = logging.StreamHandler()
    handler.setFormatter(KeyValue())
    handler.addFilter(_is_worth_a_line)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
