"""Reads rows of SQLite that hold text which is no UTF-8 (see `unreadable`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.unreadable import Unreadable, with_broken


def is_undecodable(error: sqlite3.Error) -> bool:
    """Whether a statement failed because a text isn't UTF-8: the driver says so in words alone."""
    return str(error).startswith("Could not decode to UTF-8")


def fetch(driver: sqlite3.Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    """All rows of a statement, whatever their texts are."""
    try:
        return driver.execute(sql, values).fetchall()
    except sqlite3.OperationalError as error:
        if not is_undecodable(error):
            raise
    return anyway(driver, lambda: driver.execute(sql, values).fetchall())


def anyway(driver: sqlite3.Connection, read: Callable[[], list[Row]]) -> list[Row]:
    """The rows that `read` gives, whatever their texts are."""
    with _lenient(driver):
        return with_broken(read())


def skip(driver: sqlite3.Connection, sql: str, values: Sequence[Any], rows: int) -> sqlite3.Cursor:
    """The cursor of a statement, past its first rows."""
    cursor = driver.execute(sql, values)
    with _lenient(driver):
        for _ in range(rows):
            cursor.fetchone()
    return cursor


@contextmanager
def _lenient(driver: sqlite3.Connection) -> Iterator[None]:
    driver.text_factory = _text
    try:
        yield
    finally:
        driver.text_factory = str


def _text(stored: bytes) -> str | Unreadable:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Unreadable(stored.decode(errors="replace"))
