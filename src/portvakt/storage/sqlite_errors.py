"""SQLite's errors become ours here, and nowhere else."""

from __future__ import annotations

import re
import sqlite3
from contextlib import suppress
from typing import NoReturn

from portvakt.errors import DatabaseUnavailable, IntegrityViolation

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def raise_translated(error: sqlite3.Error, driver: sqlite3.Connection) -> NoReturn:
    """Raise our error for `error`, or `error` itself if there is none.

    `driver` is the connection that raised it: it's asked for the name of the constraint.
    """
    if isinstance(error, sqlite3.IntegrityError):
        raise IntegrityViolation(_constraint(str(error), driver)) from error
    if is_unavailable(error):
        raise DatabaseUnavailable(f"SQLite can't go on: {error}") from error
    raise error


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file should be opened anew: it's unavailable, and not just locked."""
    return is_unavailable(error) and (_code(error) or 0) & 0xFF != sqlite3.SQLITE_BUSY


def is_unavailable(error: sqlite3.Error) -> bool:
    """Whether the file can't be reached or used right now."""
    code = _code(error)
    if code is None:
        return "closed database" in str(error)
    # DBMOVED: the file was deleted or moved under an open connection.
    return code & 0xFF in _UNAVAILABLE or code == sqlite3.SQLITE_READONLY_DBMOVED


def _code(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _constraint(message: str, driver: sqlite3.Connection) -> str:
    """The name of the constraint that `message` is about, or "" if SQLite doesn't say."""
    kind, _, what = message.partition(" constraint failed: ")
    if kind == "CHECK":
        return what
    if kind != "UNIQUE":
        return ""
    if index := re.fullmatch(r"index '(.*)'", what):
        return index[1]
    table, columns = _columns(what)
    with suppress(sqlite3.Error):
        return _unique_name(driver, table, columns)
    return ""


def _columns(text: str) -> tuple[str, list[str]]:
    """The table and the columns of a text such as "t.a, t.b"."""
    pairs = [part.rpartition(".") for part in text.split(", ")]
    return pairs[0][0], [column for _, _, column in pairs]


def _unique_name(driver: sqlite3.Connection, table: str, columns: list[str]) -> str:
    # SQLite forgets the names of the constraints of a table, but it keeps the table's text.
    rows = driver.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
    text = str(rows[0][0]) if rows else ""
    for name, listed in re.findall(
        r'(?i)CONSTRAINT\s+"?(\w+)"?\s+(?:UNIQUE|PRIMARY\s+KEY)\s*\(([^)]*)\)', text
    ):
        if re.findall(r"\w+", listed) == columns:
            return str(name)
    return _unique_index_name(driver, table, columns)


def _unique_index_name(driver: sqlite3.Connection, table: str, columns: list[str]) -> str:
    found = driver.execute(
        "SELECT l.name FROM pragma_index_list(?) l WHERE l.\"unique\" AND l.origin = 'c' AND ?"
        " = (SELECT group_concat(i.name, ', ') FROM pragma_index_info(l.name) i)",
        (table, ", ".join(columns)),
    ).fetchall()
    return str(found[0][0]) if found else ""
