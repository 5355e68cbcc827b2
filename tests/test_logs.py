"""The log's lines: what is written, and when it reaches the system."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterator

import msgspec
import pytest
import structlog

from portvakt import logs
from portvakt.settings import Settings


class _Terminal(io.BytesIO):
    """A file that counts how often it is flushed."""

    flushed = 0

    def flush(self) -> None:
        self.flushed += 1


Terminals = Callable[[str], _Terminal]


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminals]:
    """Gives standard error of a log of some level that is written as JSON."""

    def terminal(level: str) -> _Terminal:
        file = _Terminal()
        monkeypatch.setattr("sys.stderr", io.TextIOWrapper(file))
        logs.configure(Settings.model_validate({"log_format": "json", "log_level": level}))
        return file

    yield terminal
    structlog.reset_defaults()
    logging.basicConfig(force=True)


@pytest.fixture
def terminal(terminals: Terminals) -> _Terminal:
    """The same, of the usual level."""
    return terminals("info")


def test_the_lines_of_one_turn_of_the_loop_are_flushed_together(terminal: _Terminal) -> None:
    """Lines of the same turn reach the system in one write, soon after it."""
    log = structlog.get_logger("test")

    async def turns() -> list[int]:
        log.info("one")
        log.info("two")
        during = terminal.flushed
        await asyncio.sleep(0)
        return [during, terminal.flushed]

    assert asyncio.run(turns()) == [0, 1]
    assert [msgspec.json.decode(line)["event"] for line in terminal.getvalue().splitlines()] == [
        "one",
        "two",
    ]


def test_outside_of_a_loop_each_line_is_flushed_at_once(terminal: _Terminal) -> None:
    """A command that ends right after a line has still written it."""
    log = structlog.get_logger("test")

    log.info("one")

    assert terminal.flushed == 1


def test_a_requests_line_is_as_structlog_writes_it(terminal: _Terminal) -> None:
    """What a request's line says, in which order, doesn't tell that it was written directly."""
    said = {"method": "GET", "path": "/", "status": 200, "customer": None}

    logs.log_request(**said)
    structlog.get_logger("test").info("request", **said)

    directly, by_structlog = map(msgspec.json.decode, terminal.getvalue().splitlines())
    assert list(directly) == list(by_structlog)
    assert directly | {"timestamp": ""} == by_structlog | {"timestamp": ""}


@pytest.mark.parametrize(("level", "lines"), [("info", 1), ("warning", 0)])
def test_a_requests_line_is_no_warning(terminals: Terminals, level: str, lines: int) -> None:
    """Where only warnings are logged, requests are not."""
    terminal = terminals(level)

    logs.log_request(status=200)

    assert len(terminal.getvalue().splitlines()) == lines
