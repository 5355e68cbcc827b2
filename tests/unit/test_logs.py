"""The log's lines: what is written, and when it reaches the system."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

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


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Terminal]:
    """Standard error of a log that is written as JSON."""
    file = _Terminal()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(file))
    logs.configure(Settings(log_format="json"))
    yield file
    structlog.reset_defaults()
    logging.basicConfig(force=True)


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
