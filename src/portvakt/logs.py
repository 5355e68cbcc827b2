"""Structured logs, ours and those of the libraries, to standard error.

An exception is logged by its type and the places it passed, never by its text: a database's
message may quote the row that it is about, and with it a person's data.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
import traceback
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import structlog

from portvakt.errors import DatabaseUnavailable, PortvaktError
from portvakt.schema.values import render_time
from portvakt.settings import Settings


def _stamped(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A processor that adds the time: a line is written for each request, so it must be quick."""
    event["timestamp"] = render_time(datetime.now(UTC))
    return event


class _Lines:
    """Where requests' lines go without structlog, which takes longer than the rest of a line."""

    write: Callable[[bytes], object] | None = None  # None: by structlog
    wanted = True


def log_request(**said: Any) -> None:
    """Write the line of a request that has ended: what is said, and when.

    It is the line that structlog would write.
    """
    if not _Lines.wanted:
        return
    if _Lines.write is None:
        _requests.info("request", **said)
        return
    said |= {"event": "request", "level": "info", "timestamp": render_time(datetime.now(UTC))}
    _Lines.write(_encode(said) + b"\n")


_requests = structlog.get_logger("portvakt.request")
_SHARED: list[Any] = [structlog.stdlib.add_log_level, _stamped]


_DATABASE_CODES = ("sqlstate", "sqlite_errorname")


def trace(error: BaseException) -> dict[str, Any]:
    """What failed and where, without the exception's text; a database's code says why."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    codes = {name: code for name in _DATABASE_CODES if (code := getattr(error, name, None))}
    return {"error": type(error).__qualname__, **codes, "where": where}


def cause(error: DatabaseUnavailable) -> dict[str, str]:
    """Why a database can't serve, and its own words for that, which quote no row."""
    return {"cause": error.cause.name, "reason": str(error)}


def failure(error: BaseException) -> dict[str, Any]:
    """What is logged of work beside the requests that failed, and will be tried again."""
    if isinstance(error, DatabaseUnavailable):
        return cause(error)
    return {"reason": str(error)} if isinstance(error, PortvaktError) else trace(error)


def _without_text(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A processor that replaces exceptions by their `trace`."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    return {**event, **trace(error)} if isinstance(error, BaseException) else event


def configure(settings: Settings) -> None:
    """Log as the settings say. May be called again."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    factory: Any = structlog.PrintLoggerFactory(sys.stderr)
    ours: Any = structlog.dev.ConsoleRenderer()
    others = ours
    _Lines.write, _Lines.wanted = None, level <= logging.INFO
    if settings.log_format == "json":
        gathered = _Gathered(sys.stderr.buffer)
        factory = structlog.BytesLoggerFactory(gathered)  # type: ignore[arg-type]
        _Lines.write = gathered.add
        ours, others = _json, _json_text
    structlog.configure(
        processors=[*_SHARED, _without_text, ours],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_text,
                others,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
    # Exceptions reach the log through the request's own line, without their text.
    logging.getLogger("uvicorn.error").setLevel(max(level, logging.WARNING))


_encode = msgspec.json.Encoder(enc_hook=str).encode


def _json(_: Any, __: str, event: MutableMapping[str, Any]) -> bytes:
    """The last processor: one line of JSON."""
    return _encode(event)


def _json_text(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """The last processor for the standard library's handlers, which want text: one line of JSON."""
    return _encode(event).decode()


class _Gathered:
    """A file that is flushed once a turn of the event loop, outside of one at once.

    Under load many requests end in one turn; a write to the system for each costs as much as all
    the rest of its log line.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines: deque[bytes] = deque()
        self.write = self._lines.append
        self._due: asyncio.AbstractEventLoop | None = None
        atexit.register(self._flush)

    def add(self, line: bytes) -> None:
        """Write a line, to be flushed soon."""
        self._lines.append(line)
        self.flush()

    def flush(self) -> None:
        """Flush soon."""
        if self._due is not None and self._due.is_running():
            return
        try:
            self._due = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
        else:
            self._due.call_soon(self._flush)

    def _flush(self) -> None:
        self._due = None
        lines = []
        while self._lines:  # one by one: another thread may be adding some
            lines.append(self._lines.popleft())
        if lines:
            self._file.write(b"".join(lines))
            self._file.flush()
