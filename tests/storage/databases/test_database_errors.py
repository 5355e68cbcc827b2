"""Whatever a driver may raise has a meaning: a cause, or that it tells nothing of the database."""

from __future__ import annotations

import inspect
import sqlite3
from typing import Any

import asyncpg
import pytest

from portvakt.errors import Cause, DatabaseBusy, DatabaseUnavailable
from portvakt.storage.databases import postgresql_errors, sqlite_errors
from portvakt.storage.databases.error_meanings import Else

ASYNCPG = sorted(
    {
        kind
        for kind in vars(asyncpg.exceptions).values()
        if inspect.isclass(kind) and issubclass(kind, BaseException)
    },
    key=lambda kind: kind.__name__,
)
PRIMARY = range(1, 29)  # SQLite's result codes that tell of an error
EXTENDED = {
    name: code
    for name, code in vars(sqlite3).items()
    if name.startswith("SQLITE_") and isinstance(code, int) and code > 0xFF and code & 0xFF
    if not name.startswith("SQLITE_DBCONFIG")  # a setting's number, which newer Pythons know
}


@pytest.mark.parametrize("kind", ASYNCPG, ids=lambda kind: kind.__name__)
def test_each_class_of_asyncpg_has_a_meaning(kind: type[BaseException]) -> None:
    """By its SQLSTATE or by itself; a new one of a new version fails here."""
    assert postgresql_errors.meaning_of(kind("words")) is not None


@pytest.mark.parametrize("kind", [ConnectionResetError, TimeoutError, FileNotFoundError, EOFError])
def test_what_the_system_says_of_a_connection_is_unreachable(kind: type[Exception]) -> None:
    """Asyncpg passes the errors of sockets on."""
    assert postgresql_errors.meaning_of(kind("words")) is Cause.unreachable


def test_each_code_of_sqlite_has_a_meaning() -> None:
    """Extended ones too, by their primary code at least."""
    assert len(EXTENDED) > 40
    for code in (*PRIMARY, *EXTENDED.values()):
        assert sqlite_errors.meaning_of(sqlite(code)) is not None, code


def sqlite(code: int, name: str = "SQLITE_X") -> sqlite3.Error:
    """An error as the driver makes it."""
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("ConnectionDoesNotExistError", Cause.unreachable),
        ("AdminShutdownError", Cause.unreachable),
        ("InternalClientError", Cause.unreachable),
        ("ProtocolError", Cause.unreachable),
        ("TargetServerAttributeNotMatched", Cause.unreachable),
        ("UnknownPostgresError", Cause.unreachable),
        ("InvalidPasswordError", Cause.unreachable),
        ("TooManyConnectionsError", Cause.busy),
        ("LockNotAvailableError", Cause.busy),
        ("QueryCanceledError", Cause.cancelled),
        ("DiskFullError", Cause.full),
        ("ReadOnlySQLTransactionError", Cause.read_only),
        ("InsufficientPrivilegeError", Cause.no_right),
        ("UntranslatableCharacterError", Cause.wrong_encoding),
        ("DataCorruptedError", Cause.damaged),
        ("UniqueViolationError", Else.integrity),
        ("SerializationError", Else.conflict),
        ("InvalidCachedStatementError", Else.conflict),
        ("OutdatedSchemaCacheError", Else.conflict),
        ("UndefinedTableError", Cause.no_right),
        ("DataError", Else.mistake),
    ],
)
def test_what_postgresql_says_is_told_as_it_is(name: str, cause: Any) -> None:
    """One of each cause at least."""
    assert postgresql_errors.meaning_of(getattr(asyncpg, name)("words")) is cause


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (sqlite3.SQLITE_FULL, Cause.full),
        (sqlite3.SQLITE_BUSY_RECOVERY, Cause.busy),
        (sqlite3.SQLITE_READONLY_DIRECTORY, Cause.read_only),
        (sqlite3.SQLITE_READONLY_DBMOVED, Cause.unreachable),
        (sqlite3.SQLITE_CORRUPT_INDEX, Cause.damaged),
        (sqlite3.SQLITE_IOERR_WRITE, Cause.unreachable),
        (sqlite3.SQLITE_PERM, Cause.no_right),
        (sqlite3.SQLITE_INTERRUPT, Cause.cancelled),
        (sqlite3.SQLITE_CONSTRAINT_TRIGGER, Else.integrity),
        (sqlite3.SQLITE_ERROR, Else.mistake),
    ],
)
def test_what_sqlite_says_is_told_as_it_is(code: int, cause: Any) -> None:
    """One of each cause at least; the encoding is always one that holds every character."""
    assert sqlite_errors.meaning_of(sqlite(code)) is cause


def test_a_busy_database_is_a_kind_of_its_own() -> None:
    """Whoever asks for it by class finds it, whichever database it is."""
    found = [
        postgresql_errors.translate(asyncpg.TooManyConnectionsError("words")),
        sqlite_errors.translate(sqlite(sqlite3.SQLITE_BUSY)),
    ]
    assert [type(error) for error in found] == [DatabaseBusy] * 2


def test_the_databases_own_words_are_kept_without_what_may_quote_a_row() -> None:
    """Message and SQLSTATE are for the log; DETAIL and HINT aren't."""
    error = asyncpg.DiskFullError("could not extend file")
    error.detail, error.hint = "Failing row contains (19850202-1234).", "Ada"
    told = postgresql_errors.translate(error)
    assert isinstance(told, DatabaseUnavailable)
    assert str(told) == "PostgreSQL can't go on: could not extend file (53100)"
    assert str(sqlite_errors.translate(sqlite(sqlite3.SQLITE_FULL, "SQLITE_FULL"))) == (
        "SQLite can't go on: words (SQLITE_FULL)"
    )
