"""A connection to SQLite that nobody closes is told, on every Python."""

from __future__ import annotations

import gc
import sqlite3
import sys
from typing import Any

import pytest


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """What was raised where nobody could catch it: pytest makes an error of each in a test."""
    found: list[type[BaseException]] = []

    def note(what: Any) -> None:
        found.append(what.exc_type)

    monkeypatch.setattr(sys, "unraisablehook", note)
    return found


def test_a_connection_that_nobody_closes_is_told(told: list[type[BaseException]]) -> None:
    """Its end warns, which is an error in tests."""
    sqlite3.connect(":memory:")
    gc.collect()
    assert told == [ResourceWarning]


def test_a_connection_that_is_closed_is_not_told(told: list[type[BaseException]]) -> None:
    """Closing it is enough, however often."""
    connection = sqlite3.connect(":memory:")
    connection.close()
    connection.close()
    del connection
    gc.collect()
    assert told == []
