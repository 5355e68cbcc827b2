"""SQLite's errors become ours here, and nowhere else: one table, by its codes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from portvakt.errors import Cause, IntegrityViolation, PortvaktError
from portvakt.storage.databases.error_meanings import Else, Meaning, as_ours

CODES: Mapping[int, Meaning] = {
    sqlite3.SQLITE_ERROR: Else.mistake,
    sqlite3.SQLITE_INTERNAL: Else.mistake,
    sqlite3.SQLITE_PERM: Cause.no_right,
    sqlite3.SQLITE_ABORT: Cause.cancelled,
    sqlite3.SQLITE_BUSY: Cause.busy,
    sqlite3.SQLITE_BUSY_SNAPSHOT: Else.conflict,  # others wrote since this transaction's first read
    sqlite3.SQLITE_LOCKED: Cause.busy,
    sqlite3.SQLITE_NOMEM: Cause.busy,
    sqlite3.SQLITE_READONLY: Cause.read_only,
    sqlite3.SQLITE_READONLY_DBMOVED: Cause.unreachable,  # the open file was deleted or moved
    sqlite3.SQLITE_INTERRUPT: Cause.cancelled,
    sqlite3.SQLITE_IOERR: Cause.unreachable,
    sqlite3.SQLITE_IOERR_SHMSIZE: Cause.full,  # no room for the index of the write-ahead log
    sqlite3.SQLITE_CORRUPT: Cause.damaged,
    sqlite3.SQLITE_NOTFOUND: Else.mistake,
    sqlite3.SQLITE_FULL: Cause.full,
    sqlite3.SQLITE_CANTOPEN: Cause.unreachable,
    sqlite3.SQLITE_PROTOCOL: Cause.busy,  # others open and recover the file all the time
    sqlite3.SQLITE_EMPTY: Else.mistake,
    sqlite3.SQLITE_SCHEMA: Else.conflict,  # the schema changed again and again meanwhile
    sqlite3.SQLITE_TOOBIG: Else.mistake,
    sqlite3.SQLITE_CONSTRAINT: Else.integrity,
    sqlite3.SQLITE_MISMATCH: Else.integrity,
    sqlite3.SQLITE_MISUSE: Else.mistake,
    sqlite3.SQLITE_NOLFS: Cause.full,  # a file system that takes no larger files
    sqlite3.SQLITE_AUTH: Cause.no_right,
    sqlite3.SQLITE_FORMAT: Else.mistake,
    sqlite3.SQLITE_RANGE: Else.mistake,
    sqlite3.SQLITE_NOTADB: Cause.damaged,
    sqlite3.SQLITE_NOTICE: Else.mistake,
    sqlite3.SQLITE_WARNING: Else.mistake,
}
"""What each code means; an extended one that isn't named means what its primary code does."""


def raise_translated(error: sqlite3.Error, driver: sqlite3.Connection) -> NoReturn:
    """Raise our error for `error`, or `error` itself if there is none.

    `driver` is the connection that raised it: it's asked for the name of the constraint.
    """
    if meaning_of(error) is Else.integrity:
        raise IntegrityViolation(_constraint(str(error), driver)) from error
    ours = translate(error)
    if ours is None:
        raise error
    raise ours from error


def translate(error: sqlite3.Error, where: str = "SQLite can't go on") -> PortvaktError | None:
    """Our error for `error`; None: it's no error of ours, or of a constraint."""
    name = getattr(error, "sqlite_errorname", None)
    return as_ours(meaning_of(error), where, f"{error} ({name})" if name else str(error))


def meaning_of(error: sqlite3.Error) -> Meaning | None:
    """What an error means; None: its code isn't in the table."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # the driver's own error
        return Cause.unreachable if "closed database" in str(error) else Else.mistake
    return CODES.get(code, CODES.get(code & 0xFF))


def is_broken(error: sqlite3.Error) -> bool:
    """Whether the file should be opened anew: one that is full or locked is still the same."""
    return meaning_of(error) in (Cause.unreachable, Cause.damaged)


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
