"""Single reads of SQLite, on the event loop or on a thread."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.sqlite_reading import Reader

COUNT = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"
)
LONG, SHORT = 300_000, 2


def test_a_statement_that_was_long_once_is_not_prepared_anew_ever_after(tmp_path: Path) -> None:
    """Stopped and run to its end on a thread, it then goes on as if nothing had been."""
    prepared: list[object] = []

    def note(*what: object) -> int:
        prepared.append(what)
        return sqlite3.SQLITE_OK

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "a.db", check_same_thread=False)
        connection.set_authorizer(note)  # which is asked whenever a text is prepared
        return connection

    reader = Reader(connect, 5)

    async def run() -> list[int]:
        long = await reader.fetch(COUNT, (LONG,))
        first = await reader.fetch(COUNT, (SHORT,))  # on the thread still
        await reader.fetch(COUNT, (SHORT,))
        assert prepared
        prepared.clear()
        last = await reader.fetch(COUNT, (SHORT,))
        return [len(rows) for rows in (long, first, last)]

    try:
        assert asyncio.run(run()) == [LONG, SHORT, SHORT]
        assert prepared == []
    finally:
        reader.close()


def test_a_read_that_meets_a_lock_waits_on_a_thread(tmp_path: Path) -> None:
    """Another program keeps even readers out: the event loop goes on, then the rows come."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE thing AS SELECT 7 AS number")
        reader = Reader(lambda: sqlite3.connect(path, timeout=30, check_same_thread=False), 5)

        async def run() -> list[Row]:
            other.execute("BEGIN EXCLUSIVE")
            reading = asyncio.create_task(reader.fetch("SELECT number FROM thing", ()))
            for _ in range(10):
                await asyncio.sleep(0.001)
            assert not reading.done()
            other.execute("ROLLBACK")
            return await reading

        try:
            assert asyncio.run(run()) == [(7,)]
        finally:
            reader.close()
