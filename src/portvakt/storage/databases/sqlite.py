"""SQLite: one file, one writer at a time, several readers.

Statements run right on the event loop, because that is faster than any thread for the short
reads and writes that most requests are. A `long` transaction runs on the one writer thread, and a
read that turns out to be long on a thread for reading (`sqlite_reading`).

Three kinds of connections to the file: one that reads single statements, a few for snapshots
(made when first needed), and one that writes. The write-ahead log lets them read while it writes.

Another program may hold a lock on the file. What runs on the event loop never waits for that inside
of SQLite: a write tries again and again, a read goes to a thread, and waits there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from portvakt import private_files
from portvakt.errors import DatabaseBusy, DatabaseUnavailable, PortvaktError, SettingsError
from portvakt.storage.databases.interface import Connection, Row
from portvakt.storage.databases.last_write import LastWrite
from portvakt.storage.databases.sqlite_connection import (
    SnapshotConnection,
    SqliteConnection,
    ThreadConnection,
    finish,
)
from portvakt.storage.databases.sqlite_errors import is_broken, raise_translated, translate
from portvakt.storage.databases.sqlite_reading import Reader, never_wait

_LOCK_SECONDS = 5.0  # for another program's lock on the file; ours queue for their turn
_LOCK_PAUSES = 0.001, 0.05  # seconds between two tries to get it: at first, and at most
_WRITE_SECONDS = 30.0  # a bulk write may be in front, so longer than for a connection
_READER_CACHE_KIB = 65536  # single reads come back to the same pages
_SMALL_CACHE_KIB = 4096  # a stream passes each page once: more would only cost memory
_LOG_LIMIT_BYTES = 64 * 1024 * 1024  # a slow reader lets the log grow; then it shrinks to this

_SAMPLE = 400  # rows of each index that are looked at to learn how many are alike


@dataclass
class _Files:
    """The open connections to one file. `identity` tells whether it's still the same file."""

    identity: tuple[int, int]
    writer: sqlite3.Connection
    reader: Reader
    idle: list[sqlite3.Connection] = field(default_factory=list)
    written: bool = False  # whether a transaction has the writer, and will close it


class SqliteDatabase:
    """The `Database` in one SQLite file."""

    name = "sqlite"
    trigrams: Set[str] = frozenset()
    distributed = False

    def __init__(
        self,
        path: Path,
        *,
        snapshots: int = 8,
        wait: float = 5.0,
        lock_wait: float = _LOCK_SECONDS,
        synchronous: str = "FULL",
        create: bool = True,
        foreign_keys: bool = True,
    ) -> None:
        """At most `snapshots` at a time; the next waits up to `wait` seconds for one to end.

        `lock_wait`: seconds to wait for a lock that another program has on the file.
        `synchronous` is "FULL" or "NORMAL". Raises `SettingsError` for another word.
        `create`: whether to make the file if it isn't there. `foreign_keys`: whether they hold.
        """
        if synchronous not in ("FULL", "NORMAL"):
            raise SettingsError(f"SQLite's synchronous is FULL or NORMAL, not {synchronous!r}")
        self._path = path.absolute()
        self._wait = wait
        self._lock_wait = lock_wait
        self._create = create
        self._foreign_keys = foreign_keys
        self._last_write = LastWrite()
        self._synchronous = synchronous
        self._files: _Files | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._writing = asyncio.Lock()
        self._free_snapshots = asyncio.Semaphore(snapshots)
        self._snapshots = snapshots

    def __repr__(self) -> str:
        return f"SqliteDatabase({str(self._path)!r})"

    async def open(self) -> None:
        """Open the file, for its owner alone where it is made. Raises `DatabaseUnavailable`."""
        if self._thread is not None:
            return
        if self._create:
            self._make()
        elif not self._path.exists():
            raise DatabaseUnavailable(
                f"There is no file {self._path}. `portvakt migrate` makes a database"
            )
        self._files = self._open_files(self._lock_wait)
        self._snapshot_threads = ThreadPoolExecutor(self._snapshots, "portvakt-sqlite-snapshot")
        self._thread = ThreadPoolExecutor(1, "portvakt-sqlite")

    def _make(self) -> None:
        try:
            private_files.make_folder(self._path.parent)
            private_files.make_file(self._path)  # SQLite's own would be as the umask says
        except OSError as error:
            raise DatabaseUnavailable(f"Can't make {self._path}: {error}") from error

    async def close(self) -> None:
        """Wait for the running transaction, then close every connection that isn't in use."""
        if self._thread is None:
            return
        async with self._writing:
            thread, self._thread = self._thread, None
        self._forget()
        self._snapshot_threads.shutdown(wait=False)
        if thread is not None:
            thread.shutdown()

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one read statement outside any transaction and return all of its rows."""
        files = self._files or self._reopen()
        try:
            return await files.reader.fetch(sql, values)
        except sqlite3.Error as error:
            if self._files is files:
                self._forget_if_broken(error)
            raise_translated(error, files.reader.driver)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Read several times from one moment. Raises `DatabaseUnavailable` if too many do."""
        await _wait_for(self._free_snapshots, self._wait, "a connection to read")
        try:
            files = self._current()
            driver = files.idle.pop() if files.idle else self._connect(_SMALL_CACHE_KIB)
            connection = SnapshotConnection(driver, self._snapshot_threads)
            try:
                await connection.execute("BEGIN")
                # BEGIN alone doesn't fix the moment yet; the first read does.
                await connection.fetch("SELECT 1 FROM sqlite_schema LIMIT 1")
                yield connection
            finally:
                connection.detach()
                self._put_back(files, driver)
        finally:
            self._free_snapshots.release()

    @asynccontextmanager
    async def transaction(self, *, long: bool = False) -> AsyncIterator[Connection]:
        """Write, on the one connection that does; others wait for their turn."""
        began = monotonic()
        await _wait_for(self._writing, _WRITE_SECONDS, "the turn to write")
        try:
            files = self._current()
            files.written = True
            connection = self._writer_connection(files, long)
            try:
                await self._begin(connection, files, began + self._lock_wait)
                yield connection
                await connection.finish("COMMIT")
                self._last_write.succeeded()
            except BaseException as error:
                self._last_write.failed(error)
                await self._roll_back(connection, error)
                raise
            finally:
                connection.detach()
                files.written = False
                if self._files is not files:
                    files.writer.close()
        finally:
            self._writing.release()

    async def ping(self) -> None:
        """Return if the file is there, readable and took the last write.

        Opens it anew if it was replaced.
        """
        self._current()
        await self.fetch("SELECT count(*) FROM sqlite_schema")
        self._last_write.check()

    async def _begin(self, connection: SqliteConnection, files: _Files, until: float) -> None:
        """Begin to write; while another program has the lock, try again, `until` then at least."""
        pause, longest = _LOCK_PAUSES
        while True:
            try:
                await connection.execute("BEGIN IMMEDIATE")
            except DatabaseBusy:
                if monotonic() > until:
                    raise
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)
            if files.identity != _identity(self._path):
                raise DatabaseUnavailable(f"The file {self._path} was replaced")

    def _writer_connection(self, files: _Files, long: bool) -> SqliteConnection:
        if long and self._thread is not None:
            return ThreadConnection(files.writer, self._thread)
        return SqliteConnection(files.writer)

    async def _roll_back(self, connection: SqliteConnection, error: BaseException) -> None:
        self._forget_if_broken(error.__cause__)
        try:
            await connection.finish("ROLLBACK")
        except DatabaseUnavailable:
            self._forget()  # never use a writer again whose state isn't known

    def _put_back(self, files: _Files, driver: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error):
            finish(driver, "ROLLBACK")
        if self._files is files and not driver.in_transaction:
            files.idle.append(driver)
        else:
            driver.close()

    def _current(self) -> _Files:
        """The open connections; opened anew if the file was deleted, moved or replaced.

        SQLite itself would go on writing to the deleted file, and all would be lost.
        """
        if self._files is not None and self._files.identity != _identity(self._path):
            self._forget()
        return self._files or self._reopen()

    def _reopen(self) -> _Files:
        """Open the file again after `_forget`; never makes a new, empty one."""
        if self._thread is None:
            raise DatabaseUnavailable("The database isn't open")
        self._files = self._open_files(0)
        return self._files

    def _forget(self) -> None:
        """Close the connections, so that the next use opens the file anew."""
        files, self._files = self._files, None
        if files is None:
            return
        files.reader.close()
        for driver in files.idle:
            driver.close()
        if not files.written:
            files.writer.close()

    def _forget_if_broken(self, error: BaseException | None) -> None:
        if isinstance(error, sqlite3.Error) and is_broken(error):
            self._forget()

    def _open_files(self, wait: float) -> _Files:
        """Open the file; `wait` so many seconds for a lock, while nothing else needs the loop."""
        with ExitStack() as opened:
            writer = self._connect(_SMALL_CACHE_KIB, wait, writes=True)
            opened.callback(writer.close)
            never_wait(writer)
            _look_at_rows(writer)
            reader = Reader(partial(self._connect, _READER_CACHE_KIB), self._wait)
            opened.callback(reader.close)
            identity = _identity(self._path)
            if identity is None:
                raise DatabaseUnavailable(f"The file {self._path} is missing")
            opened.pop_all()
        return _Files(identity, writer, reader)

    def _connect(
        self, cache_kib: int, wait: float = 0, *, writes: bool = False
    ) -> sqlite3.Connection:
        """A connection for a thread, which may wait for a lock; it `wait`s so long at first."""
        try:
            driver = sqlite3.connect(
                f"{self._path.as_uri()}?mode=rw",
                uri=True,
                timeout=wait,
                isolation_level=None,  # we say BEGIN ourselves
                check_same_thread=False,  # a long transaction uses the writer on its thread
                cached_statements=512,  # of the driver's own 128, a busy server would prepare anew
            )
        except sqlite3.Error as error:
            raise self._cant_open(error) from error
        try:
            self._prepare(driver, cache_kib, writes)
        except sqlite3.Error as error:
            driver.close()
            raise self._cant_open(error) from error
        return driver

    def _cant_open(self, error: sqlite3.Error) -> PortvaktError:
        where = f"Can't open {self._path}"
        return translate(error, where) or DatabaseUnavailable(f"{where}: {error}")

    def _prepare(self, driver: sqlite3.Connection, cache_kib: int, writes: bool) -> None:
        # No mmap: a file that is cut short under a mapping kills the process.
        if writes:
            driver.execute("PRAGMA journal_mode = WAL")
        driver.execute(f"PRAGMA synchronous = {self._synchronous}")
        driver.execute(f"PRAGMA cache_size = -{cache_kib}")
        driver.execute(f"PRAGMA journal_size_limit = {_LOG_LIMIT_BYTES}")
        driver.execute(f"PRAGMA foreign_keys = {'ON' if self._foreign_keys else 'OFF'}")
        driver.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        driver.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # is it a database?
        driver.execute(f"PRAGMA busy_timeout = {round(self._lock_wait * 1000)}")


def _look_at_rows(driver: sqlite3.Connection) -> None:
    """Let SQLite sample each index, in some milliseconds, however many rows there are.

    Else it takes ten rows for what a customer has, and reads all of them to find one by its id.
    Another program may be writing: then what was sampled before has to do.
    """
    with suppress(sqlite3.Error):
        if driver.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
            driver.execute(f"PRAGMA analysis_limit = {_SAMPLE}")
            driver.execute("ANALYZE")


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is at `path`, or None."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


async def _wait_for(lock: asyncio.Lock | asyncio.Semaphore, seconds: float, what: str) -> None:
    """Acquire `lock`; raises `DatabaseBusy` if that takes longer than `seconds`."""
    if not lock.locked():  # mostly so; a timeout would cost a tenth of a small transaction
        await lock.acquire()
        return
    try:
        async with asyncio.timeout(seconds):
            await lock.acquire()
    except TimeoutError:
        raise DatabaseBusy(f"Waited {seconds:g} s for {what}") from None
