"""Connections to SQLite: what runs on the event loop, and what on a thread."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.sqlite_errors import raise_translated
from portvakt.storage.databases.sqlite_reading import LONGEST
from portvakt.storage.databases.sqlite_unreadable import anyway, fetch, is_undecodable, skip

CHUNK = 100
"""Rows between two turns of the event loop while streaming: measured, see performance.md."""

Chunk = tuple[list[Row], float]
"""Rows of a stream, and the seconds of the processor that they took."""

_Result = TypeVar("_Result")


class SqliteConnection:
    """A `Connection` whose statements run on the event loop."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver: sqlite3.Connection | None = driver
        self._cursors: set[sqlite3.Cursor] = set()

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return all of its rows."""
        return await self._run(fetch, sql, values)

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return how many rows it touched."""
        return await self._run(_execute, sql, values)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement once for each of `rows`."""
        await self._run(_execute_many, sql, rows)

    async def stream(
        self, sql: str, values: Sequence[Any] = (), chunk: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        """Yield the rows in lists of at most `chunk`, letting other tasks run in between."""
        size = chunk or CHUNK
        cursor = await self._run(sqlite3.Connection.execute, sql, values)
        self._cursors.add(cursor)
        took = LONGEST * 2  # the first rows may need all others to be looked at
        read = 0
        try:
            while True:
                try:
                    rows, took = await self._next(cursor, size, took)
                except sqlite3.OperationalError as error:
                    if not is_undecodable(error):
                        raise
                    break
                if not rows:
                    return
                yield rows
                read += len(rows)
                await asyncio.sleep(0)
        finally:
            self._cursors.discard(cursor)
            _close(cursor)
        async for rows in self._stream_anyway(sql, values, read, size):
            yield rows

    async def _stream_anyway(
        self, sql: str, values: Sequence[Any], read: int, size: int
    ) -> AsyncGenerator[list[Row], None]:
        """The rows past the first ones, whatever their texts are."""
        cursor = await self._run(skip, sql, values, read)
        self._cursors.add(cursor)
        try:
            while rows := await self._run(_fetch_anyway, cursor, size):
                yield rows
                await asyncio.sleep(0)
        finally:
            self._cursors.discard(cursor)
            _close(cursor)

    async def _next(self, cursor: sqlite3.Cursor, size: int, before: float) -> Chunk:  # noqa: ARG002
        """The next rows of a stream; those `before` took so many seconds."""
        return await self._run(_fetch_many, cursor, size)

    async def finish(self, statement: str) -> None:
        """Run COMMIT or ROLLBACK if a transaction is open."""
        await self._run(finish, statement)

    def detach(self) -> None:
        """End the use of this connection: what still holds it can do nothing any more.

        A cursor left open would keep the old snapshot alive on the driver's connection.
        """
        for cursor in self._cursors:
            _close(cursor)
        self._driver = None

    async def _run(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return self._inline(work, *arguments)

    def _inline(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return _translated(self._live(), work, *arguments)

    def _live(self) -> sqlite3.Connection:
        if self._driver is None:
            raise RuntimeError("The connection was used after the end of its block")
        return self._driver


class ThreadConnection(SqliteConnection):
    """A `Connection` whose statements run on a thread, one after the other."""

    def __init__(self, driver: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        super().__init__(driver)
        self._thread = thread

    async def _run(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        future = self._thread.submit(_translated, self._live(), work, *arguments)
        return await _settled(future, self._break_off)

    def _break_off(self) -> None:
        """Called when nobody waits for a statement any more. One that writes runs to its end."""


class SnapshotConnection(ThreadConnection):
    """A `Connection` that reads: on a thread, but streams on the event loop while that is short.

    A thread would have to ask for the interpreter's lock at each row.
    """

    def _break_off(self) -> None:
        """Let SQLite stop what it reads for nobody."""
        self._live().interrupt()

    async def _next(self, cursor: sqlite3.Cursor, size: int, before: float) -> Chunk:
        if before > LONGEST:
            return await self._run(_fetch_many, cursor, size)
        return self._inline(_fetch_many, cursor, size)


def _fetch_many(_: sqlite3.Connection, cursor: sqlite3.Cursor, size: int) -> Chunk:
    began = time.thread_time()
    rows = cursor.fetchmany(size)
    return rows, time.thread_time() - began


def _fetch_anyway(driver: sqlite3.Connection, cursor: sqlite3.Cursor, size: int) -> list[Row]:
    return anyway(driver, lambda: cursor.fetchmany(size))


def _execute(driver: sqlite3.Connection, sql: str, values: Sequence[Any]) -> int:
    before = driver.total_changes
    count = driver.execute(sql, values).rowcount
    if count >= 0 or driver.total_changes == before:
        return max(count, 0)
    # The driver doesn't count what begins with WITH.
    return int(driver.execute("SELECT changes()").fetchone()[0])


def _execute_many(driver: sqlite3.Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    driver.executemany(sql, rows)


def finish(driver: sqlite3.Connection, statement: str) -> None:
    """Run COMMIT or ROLLBACK if a transaction is open."""
    if driver.in_transaction:  # some errors, such as a full disk, have rolled back already
        driver.execute(statement)


def _close(cursor: sqlite3.Cursor) -> None:
    # A stream that was left open may be closed last of all, when asyncio shuts down.
    with suppress(sqlite3.ProgrammingError):  # the connection has been closed before
        cursor.close()


def _translated(
    driver: sqlite3.Connection, work: Callable[..., _Result], *arguments: Any
) -> _Result:
    try:
        return work(driver, *arguments)
    except sqlite3.Error as error:
        raise_translated(error, driver)


async def _settled(future: Future[_Result], break_off: Callable[[], None]) -> _Result:
    """The result of `future`; when cancelled, `break_off` and wait for its end nevertheless.

    Nothing else may use the connection of a statement that runs on the thread.
    """
    waiting = asyncio.wrap_future(future)
    cancelled: asyncio.CancelledError | None = None
    while not waiting.done():
        try:
            await asyncio.wait((waiting,))
        except asyncio.CancelledError as error:
            cancelled = error
            break_off()
    if cancelled is None:
        return waiting.result()
    waiting.exception()  # looked at, so that asyncio doesn't complain of it
    raise cancelled
