"""One line for each thing worth knowing, on standard error, as key=value; never a person's data."""

import asyncio
import logging
import time

QUIET = ("uvicorn", "uvicorn.error", "piccolo", "asyncio")
"""Loggers whose everyday lines say nothing a person running this needs."""


class KeyValue(logging.Formatter):
    """`at=… level=… logger=…` and the message; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without line breaks of the message's own, so that no message can pretend to be two."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"at={at} level={record.levelname.lower()} logger={record.name} {message}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


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
