"""What a database can do, whichever it is; and how its address is read.

A `Database` runs SQL text in the words of its own driver: placeholders are `?` on SQLite and
`$1`, `$2` on PostgreSQL. There are three ways in:

- `fetch`: one read statement, the fast path;
- `snapshot`: several reads that see the same moment, and streams;
- `transaction`: writes, committed together or not at all.

Errors of the drivers are translated by the adapters, each at one place:

- `DatabaseUnavailable`: the database can't serve right now; it names the `Cause` (`DatabaseBusy`:
  only because others use it);
- `IntegrityViolation`: a constraint refused a write;
- `TransactionConflict`: run the whole transaction again;
- anything else (a mistake in the SQL text, say) comes through as the driver raised it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, urlsplit

from portvakt.errors import SettingsError

Row = Sequence[Any]
"""One row: read its columns by position only (a tuple, or an `asyncpg.Record`)."""

FORMS = (
    "sqlite:///relative.db, sqlite:////absolute.db, "
    "postgresql://user[:password]@host:port/name[?sslmode=...] "
    "or postgresql://user@/name?host=/folder-of-the-socket"
)

# What may follow the "?". asyncpg would take any other name for a setting of the session.
_POSTGRESQL_OPTIONS = frozenset(
    {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"}
)
_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


class Connection(Protocol):
    """What can be done inside a `snapshot` or a `transaction`, until its block ends.

    One statement at a time: a connection isn't for several tasks at once.
    """

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return all of its rows (also those of a RETURNING)."""
        ...

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return how many rows it touched (0 for a schema change)."""
        ...

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement once for each of `rows`."""
        ...

    def stream(
        self, sql: str, values: Sequence[Any] = (), chunk: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        """Yield the rows of one statement in lists of at most `chunk` (None: what suits best).

        No more than a chunk is in memory, and other tasks run between two chunks.
        """
        ...


class Database(Protocol):
    """A database, open between `open` and `close`; used from one event loop."""

    @property
    def name(self) -> str:
        """Which one: "sqlite" or "postgresql"."""
        ...

    @property
    def trigrams(self) -> Set[str]:
        """The names of its indexes of trigrams (`trigrams`); none before it was opened."""
        ...

    @property
    def distributed(self) -> bool:
        """Whether it is the coordinator of several nodes (`distribution`); once open."""
        ...

    async def open(self) -> None:
        """Connect. Raises `DatabaseUnavailable`; then it may be called again."""
        ...

    async def close(self) -> None:
        """Let go of every connection. Afterwards every use raises `DatabaseUnavailable`."""
        ...

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one read statement outside any transaction and return all of its rows.

        It may be run a second time if its connection turns out to be dead: never write here.
        """
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Read several times from one moment: later commits of others aren't seen. No writes."""
        ...

    def transaction(self, *, long: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Write: committed when the block ends, rolled back if it raises or is cancelled.

        `long` is for work of more than some milliseconds: SQLite then runs it on a thread, so
        that the event loop stays free. PostgreSQL makes no difference.

        The end of the block raises what COMMIT raised. If the connection is lost in the very
        moment of COMMIT, `DatabaseUnavailable` can't tell whether PostgreSQL had done it.
        """
        ...

    async def ping(self) -> None:
        """Return if the database answers and, as far as can be told, takes writes.

        Else raises `DatabaseUnavailable` with the cause.
        """
        ...


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A `sqlite:` URL, read: the file."""

    path: Path
    serves_processes: ClassVar[bool] = False  # more than one of ours


@dataclass(frozen=True, slots=True)
class PostgresqlAddress:
    """A `postgresql:` URL, checked. `url` may hold a password, so no repr shows it."""

    url: str = field(repr=False)
    shown: str
    serves_processes: ClassVar[bool] = True


def display_url(url: str) -> str:
    """`url` without what is secret: fit for logs and messages, even if it isn't readable."""
    if url.startswith("sqlite:"):
        return url
    # Up to the last "@": a password with an "@" or "/" of its own is hidden as a whole.
    match = re.fullmatch(r"([A-Za-z0-9+.-]+://)(?:([^:/?@]*)(:.*)?@)?(.*)", url, re.DOTALL)
    if match is None:
        return "***"
    scheme, user, password, rest = match.groups()
    secret = ":***" if password else ""
    who = "" if user is None else f"{user}{secret}@"
    return scheme + who + re.sub(r"(?i)(password=)[^&]*", r"\1***", rest)


def parse_url(url: str) -> SqliteAddress | PostgresqlAddress:
    """Read a database's address. Raises `SettingsError`, which names the forms that exist."""
    if url.startswith("sqlite:"):
        return _parse_sqlite(url)
    if url.startswith("postgresql://"):
        return _parse_postgresql(url)
    raise _unreadable(url, "it is of no known kind")


def _parse_sqlite(url: str) -> SqliteAddress:
    match = re.fullmatch(r"sqlite:///([^?#\0]+)", url)
    if ":memory:" in url or url in ("sqlite://", "sqlite:///"):
        raise _unreadable(url, "a database in memory isn't supported; name a file")
    if match is None:
        raise _unreadable(url, "three slashes and the path of a file must follow `sqlite:`")
    return SqliteAddress(Path(match[1]))


def _parse_postgresql(url: str) -> PostgresqlAddress:
    try:
        parts = urlsplit(url)
        pairs = parts.query and parse_qsl(parts.query, strict_parsing=True)
        options = dict(pairs or ())
        host = parts.hostname or options.get("host")
        int(parts.port or options.get("port") or 5432)
    except ValueError:
        # "from None": the cause's text could hold a piece of a password.
        raise _unreadable(url, "the host, the port or what follows the `?` is wrong") from None
    if fault := _postgresql_fault(host, parts.path, options):
        raise _unreadable(url, fault)
    return PostgresqlAddress(url, display_url(url))


def _postgresql_fault(host: str | None, path: str, options: dict[str, str]) -> str | None:
    if not host:
        return "the host is missing"
    if not path.strip("/"):
        return "the name of the database is missing"
    if unknown := sorted(options.keys() - _POSTGRESQL_OPTIONS):
        return f"unknown after the `?`: {', '.join(unknown)}"
    if options.get("sslmode", "prefer") not in _SSL_MODES:
        return f"sslmode is one of {', '.join(sorted(_SSL_MODES))}"
    return None


def _unreadable(url: str, why: str) -> SettingsError:
    return SettingsError(f"The database URL {display_url(url)!r} can't be used: {why}. Use {FORMS}")
