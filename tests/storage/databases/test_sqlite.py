"""What holds for a database of SQLite's alone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from portvakt.errors import (
    DatabaseBusy,
    DatabaseUnavailable,
)
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.sqlite import SqliteDatabase
from tests.storage.databases.things import COUNT, count

pytestmark = pytest.mark.asyncio


async def test_sqlite_stream_leaves_the_loop_free(filled: Database) -> None:
    """A long stream and single reads take turns."""
    turns = 0

    async def stream() -> None:
        nonlocal turns
        async with filled.snapshot() as snapshot:
            async for _ in snapshot.stream("SELECT id FROM thing", chunk=10):
                turns += 1

    task = asyncio.create_task(stream())
    between = 0
    while not task.done():
        between += 0 < turns < 100
        await asyncio.sleep(0)
    assert between > 10


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is: its folder isn't there yet."""
    return tmp_path / "new folder" / "portvakt #1?.db"


@pytest_asyncio.fixture
async def sqlite(file: Path) -> AsyncIterator[SqliteDatabase]:
    """An open SQLite database, in a folder that it made, with one table."""
    opened = SqliteDatabase(file)
    await opened.open()
    async with opened.transaction() as connection:
        await connection.execute("CREATE TABLE thing (id INTEGER)")
    yield opened
    await opened.close()


class TestSqlite:
    """What holds for SQLite only."""

    async def test_settings(self, sqlite: SqliteDatabase) -> None:
        """The file is in WAL mode and connections are durable and check foreign keys.

        Nothing waits for a lock inside of SQLite, where it would keep the event loop.
        """
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        async with sqlite.transaction() as connection:
            rows = [await connection.fetch(f"PRAGMA {name}") for name in pragmas]
        assert [row[0][0] for row in rows] == ["wal", 2, 1, 0]

    async def test_file_vanishes(self, sqlite: SqliteDatabase, file: Path) -> None:
        """Without its file the database is unavailable; it works when the file is back."""
        moved = file.with_suffix(".moved")
        file.rename(moved)
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await sqlite.ping()
            with pytest.raises(DatabaseUnavailable):
                await sqlite.fetch(COUNT)
        assert not file.exists()
        moved.rename(file)
        assert await count(sqlite) == 0
        await sqlite.ping()

    async def test_write_to_a_vanished_file(self, sqlite: SqliteDatabase, file: Path) -> None:
        """A write never goes to a file that was deleted."""
        file.unlink()
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                async with sqlite.transaction() as connection:
                    await connection.execute("INSERT INTO thing VALUES (1)")

    async def test_file_replaced(self, sqlite: SqliteDatabase, file: Path, tmp_path: Path) -> None:
        """A ping notices that another file took the place, also during a transaction."""
        other = tmp_path / "other.db"
        with sqlite3.connect(other) as driver:
            driver.execute("CREATE TABLE thing (id INTEGER)")
            driver.execute("INSERT INTO thing VALUES (1)")
        driver.close()
        async with sqlite.transaction() as connection, sqlite.snapshot() as snapshot:
            for left in file.parent.iterdir():
                left.unlink()
            other.rename(file)
            await sqlite.ping()
            assert await count(sqlite) == 1
            assert await count(connection) == await count(snapshot) == 0
        async with sqlite.transaction() as connection:
            await connection.execute("INSERT INTO thing VALUES (2)")
        assert await count(sqlite) == 2

    async def test_not_a_database(self, tmp_path: Path) -> None:
        """A file that is no database is unavailable."""
        (tmp_path / "a.db").write_text("no database at all, but long enough to be looked at" * 9)
        with pytest.raises(DatabaseUnavailable):
            await open_database(f"sqlite:///{tmp_path}/a.db")

    @pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
    @pytest.mark.parametrize("long", [False, True])
    async def test_locked_by_another_process(
        self, sqlite: SqliteDatabase, file: Path, kind: str, long: bool
    ) -> None:
        """A lock that another process doesn't let go of makes writes unavailable, not reads."""
        sqlite._lock_wait = 0.05
        with other_program(file, f"BEGIN {kind}"):
            with pytest.raises(DatabaseBusy, match="locked"):
                async with sqlite.transaction(long=long):
                    pass
            assert await count(sqlite) == 0
            async with sqlite.snapshot() as snapshot:
                assert await count(snapshot) == 0
            await sqlite.ping()
        async with sqlite.transaction(long=long):
            pass

    @pytest.mark.parametrize("long", [False, True])
    async def test_a_write_waits_for_another_program_beside_the_loop(
        self, sqlite: SqliteDatabase, file: Path, long: bool
    ) -> None:
        """While it waits others run; when the lock is free it goes on, as do those behind it."""

        async def write(number: int) -> None:
            async with sqlite.transaction(long=long) as connection:
                await connection.execute("INSERT INTO thing VALUES (?)", [number])

        with other_program(file, "BEGIN IMMEDIATE"):
            writing = [asyncio.create_task(write(number)) for number in range(3)]
            for _ in range(20):
                await asyncio.sleep(0.001)
                assert await count(sqlite) == 0
            assert not any(task.done() for task in writing)
        await asyncio.gather(*writing)
        assert await count(sqlite) == 3

    async def test_who_waited_for_a_turn_has_waited_for_the_lock(
        self, sqlite: SqliteDatabase, file: Path
    ) -> None:
        """Behind one that waits in vain the others try once, rather than wait as long again."""
        sqlite._lock_wait = 0.05
        tried = 0
        with other_program(file, "BEGIN IMMEDIATE"):
            assert sqlite._files is not None

            def note(statement: str) -> None:
                nonlocal tried
                tried += statement == "BEGIN IMMEDIATE"

            async def write() -> None:
                async with sqlite.transaction():
                    pass

            first = asyncio.create_task(write())
            others = [asyncio.create_task(write()) for _ in range(5)]
            with pytest.raises(DatabaseBusy):
                await first
            sqlite._files.writer.set_trace_callback(note)
            ends = await asyncio.gather(*others, return_exceptions=True)
            sqlite._files.writer.set_trace_callback(None)
        assert [type(end) for end in ends] == [DatabaseBusy] * 5
        assert tried <= 6

    async def test_open_stream_does_not_block_writers(self, sqlite: SqliteDatabase) -> None:
        """A reader that stands still in its stream lets writers commit."""
        async with sqlite.transaction() as connection:
            await connection.execute_many("INSERT INTO thing VALUES (?)", [(1,)] * 1000)
        async with sqlite.snapshot() as snapshot:
            stream = snapshot.stream("SELECT id FROM thing")
            assert len(await anext(stream)) == 100
            async with sqlite.transaction(long=True) as connection:
                await connection.execute("DELETE FROM thing")
            assert await count(sqlite) == 0
            assert sum([len(rows) async for rows in stream]) == 900


@contextmanager
def other_program(file: Path, statement: str) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the file, on which this statement was run."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(statement)
        yield other
