"""What holds for a database, whichever it is; and what holds for one of them only."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from portvakt.errors import (
    DatabaseBusy,
    DatabaseUnavailable,
    IntegrityViolation,
    TransactionConflict,
)
from portvakt.storage.database import Connection, Database, PostgresqlAddress, open_database
from portvakt.storage.postgresql import PostgresqlDatabase
from portvakt.storage.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from tests.support.postgresql_cluster import Cluster

pytestmark = pytest.mark.asyncio

TABLES = """
CREATE TABLE parent (id INTEGER, CONSTRAINT pk_parent PRIMARY KEY (id));
CREATE TABLE thing (
    id INTEGER NOT NULL,
    kind INTEGER,
    name TEXT,
    parent_id INTEGER,
    CONSTRAINT pk_thing PRIMARY KEY (kind, id),
    CONSTRAINT uq_thing_name UNIQUE (name),
    CONSTRAINT ck_thing_id CHECK (id >= 0),
    CONSTRAINT fk_thing_parent FOREIGN KEY (parent_id) REFERENCES parent (id)
);
CREATE UNIQUE INDEX ix_thing_kind_parent ON thing (kind, parent_id);
"""
INSERT = "INSERT INTO thing (kind, id, name) VALUES (1, {}, {})"
COUNT = "SELECT count(*) FROM thing"


def sql(database: Database, text: str) -> str:
    """`text` with the placeholders of this database in place of `{}`."""
    marks = ["?" if database.name == "sqlite" else f"${n}" for n in range(1, 100)]
    return text.format(*marks)


async def add(database: Database, connection: Connection, *ids: int) -> None:
    """Insert a thing for each of `ids`."""
    rows = [(i, f"thing {i}") for i in ids]
    await connection.execute_many(sql(database, INSERT), rows)


async def count(source: Database | Connection) -> Any:
    """How many things there are."""
    return (await source.fetch(COUNT))[0][0]


@pytest_asyncio.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    """A database with the tables, and 1,000 things."""
    async with database.transaction() as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        await add(database, connection, *range(1000))
    yield database


@pytest.mark.parametrize("long", [False, True])
class TestTransaction:
    """What a transaction promises."""

    async def test_commit(self, filled: Database, long: bool) -> None:
        """What was written is there after the block."""
        async with filled.transaction(long=long) as connection:
            await add(filled, connection, 1000)
        assert await count(filled) == 1001

    async def test_rollback(self, filled: Database, long: bool) -> None:
        """Nothing is left of a block that raised."""
        with pytest.raises(ZeroDivisionError):
            async with filled.transaction(long=long) as connection:
                await add(filled, connection, 1000)
                raise ZeroDivisionError
        assert await count(filled) == 1000

    async def test_cancel(self, filled: Database, long: bool) -> None:
        """Nothing is left of a block that was cancelled, and the next one can write."""
        inside = asyncio.Event()

        async def write() -> None:
            async with filled.transaction(long=long) as connection:
                await add(filled, connection, 1000)
                inside.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(write())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with filled.transaction(long=long) as connection:
            await add(filled, connection, 1001)
        assert await count(filled) == 1001

    async def test_cancel_in_a_statement(self, filled: Database, long: bool) -> None:
        """A block cancelled at any moment, twice even, leaves nothing and blocks nobody."""

        async def write() -> None:
            async with filled.transaction(long=long) as connection:
                await add(filled, connection, *range(1000, 5000))
                await asyncio.sleep(60)

        for delay in (0.0, 0.001, 0.003, 0.01, 0.05):
            task = asyncio.create_task(write())
            await asyncio.sleep(delay)
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with filled.transaction(long=long) as connection:
            assert await count(connection) == 1000
            await add(filled, connection, 1000)
        assert await count(filled) == 1001

    async def test_returning(self, filled: Database, long: bool) -> None:
        """A write can return rows, and tells how many it touched."""
        async with filled.transaction(long=long) as connection:
            rows = await connection.fetch(
                sql(filled, "UPDATE thing SET name = {} WHERE id = 7 RETURNING id, name"), ["x"]
            )
            touched = await connection.execute("DELETE FROM thing WHERE id < 10")
            with_touched = await connection.execute(
                "WITH few AS (SELECT 10 AS id) DELETE FROM thing WHERE id IN (SELECT id FROM few)"
            )
        assert [tuple(row) for row in rows] == [(7, "x")]
        assert (touched, with_touched) == (10, 1)

    async def test_stream(self, filled: Database, long: bool) -> None:
        """A transaction can stream too."""
        async with filled.transaction(long=long) as connection:
            stream = connection.stream(sql(filled, "SELECT id FROM thing WHERE id < {}"), [10], 4)
            sizes = [len(rows) async for rows in stream]
        assert sizes == [4, 4, 2]


async def test_used_after_the_end(filled: Database) -> None:
    """A connection kept after the end of its block can't write."""
    async with filled.transaction() as kept:
        pass
    with pytest.raises(RuntimeError):
        await add(filled, kept, 1000)
    assert await count(filled) == 1000


async def test_many_writers(filled: Database) -> None:
    """Writers at the same time, short and long, lose nothing."""

    async def write(number: int) -> None:
        async with filled.transaction(long=number % 3 == 0) as connection:
            await add(filled, connection, number)
            await asyncio.sleep(0)

    await asyncio.gather(*(write(number) for number in range(1000, 1060)))
    assert await count(filled) == 1060


async def test_snapshot_is_stable(filled: Database) -> None:
    """A snapshot doesn't see what is committed after its begin, from its very first read."""
    async with filled.snapshot() as snapshot:
        async with filled.transaction() as connection:
            await add(filled, connection, 1000)
        seen = await count(snapshot)
        async with filled.transaction(long=True) as connection:
            await add(filled, connection, 1001)
        assert (seen, await count(snapshot), await count(filled)) == (1000, 1000, 1002)
    async with filled.snapshot() as snapshot:
        assert await count(snapshot) == 1002


async def test_snapshot_reads_only(filled: Database) -> None:
    """A snapshot refuses to write."""
    with pytest.raises(Exception, match=r"read-?only"):
        async with filled.snapshot() as snapshot:
            await add(filled, snapshot, 1000)
    assert await count(filled) == 1000


async def test_stream_is_stable(filled: Database) -> None:
    """A stream yields full chunks of one moment, however much is written meanwhile."""
    sizes, seen = [], []
    async with filled.snapshot() as snapshot:
        async for rows in snapshot.stream("SELECT id FROM thing ORDER BY id", chunk=300):
            sizes.append(len(rows))
            seen += [row[0] for row in rows]
            async with filled.transaction() as connection:
                await add(filled, connection, 1000 + len(sizes))
    assert sizes == [300, 300, 300, 100]
    assert seen == list(range(1000))


async def test_stream_left_early(filled: Database) -> None:
    """A stream that isn't read to its end keeps no old snapshot alive."""
    async with filled.snapshot() as snapshot:
        kept = snapshot.stream("SELECT id FROM thing", chunk=10)
        await anext(kept)
    async with filled.transaction() as connection:
        await add(filled, connection, 1000)
    for _ in range(20):
        async with filled.snapshot() as snapshot:
            assert await count(snapshot) == 1001
    await kept.aclose()


async def test_stream_needs_constant_memory(filled: Database) -> None:
    """A stream of many rows holds no more of them in memory than of few."""
    text = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
        " SELECT i, 'a text of some length' || i FROM n"
    )

    async def peak(rows: int) -> int:
        gc.collect()
        tracemalloc.start()
        async with (
            filled.snapshot() as snapshot,
            aclosing(snapshot.stream(sql(filled, text), [rows])) as stream,
        ):
            total = sum([len(chunk) async for chunk in stream])
        assert total == rows
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    await peak(1000)
    assert await peak(100_000) < 2 * await peak(1000) + 200_000


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ("1, -1, 'n', NULL", "ck_thing_id"),
        ("1, 5000, 'thing 1', NULL", "uq_thing_name"),
        ("1, 1, 'n', NULL", "pk_thing"),
        ("2, 2, 'n', 1", "ix_thing_kind_parent"),
        ("1, 1000, 'n', 2", "fk_thing_parent"),
        ("1, NULL, 'n', NULL", ""),
    ],
)
async def test_constraint_names(filled: Database, values: str, name: str, long: bool) -> None:
    """The constraint that refused a write is named (but for SQLite's foreign keys)."""
    async with filled.transaction() as connection:
        await connection.execute("INSERT INTO parent (id) VALUES (1)")
        await connection.execute(
            "INSERT INTO thing (kind, id, name, parent_id) VALUES (2, 1, 'm', 1)"
        )
    with pytest.raises(IntegrityViolation) as refused:
        async with filled.transaction(long=long) as connection:
            await connection.execute(
                f"INSERT INTO thing (kind, id, name, parent_id) VALUES ({values})"
            )
    unknown = filled.name == "sqlite" and name.startswith("fk_")
    assert refused.value.constraint == ("" if unknown else name)


async def test_wrong_sql_is_not_translated(filled: Database) -> None:
    """A mistake in the SQL text isn't taken for an unavailable database."""
    with pytest.raises(Exception, match="missing_table") as raised:
        await filled.fetch("SELECT 1 FROM missing_table")
    assert not isinstance(raised.value, DatabaseUnavailable)
    assert await count(filled) == 1000


async def test_closed(filled: Database) -> None:
    """A closed database is unavailable, and can be opened again."""
    await filled.close()
    with pytest.raises(DatabaseUnavailable):
        await filled.ping()
    with pytest.raises(DatabaseUnavailable):
        async with filled.transaction():
            pass
    with pytest.raises(DatabaseUnavailable):
        async with filled.snapshot():
            pass
    await filled.open()
    assert await count(filled) == 1000


@pytest.mark.parametrize("long", [False, True])
async def test_close_waits(filled: Database, long: bool) -> None:
    """A transaction that has begun is finished before the database closes."""
    async with filled.transaction(long=long) as connection:
        closing = asyncio.create_task(filled.close())
        await asyncio.sleep(0.01)
        await add(filled, connection, 1000)
    await closing
    await filled.open()
    assert await count(filled) == 1001


async def longest_gap(work: Any) -> float:
    """The longest time for which the event loop stood still while `work` ran."""
    task, longest, last = asyncio.ensure_future(work), 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await task
    return longest


async def test_long_transaction_leaves_the_loop_free(filled: Database) -> None:
    """Other tasks run while a long transaction runs a slow statement."""
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)"
        " SELECT count(*) FROM n"
    )

    async def write() -> float:
        async with filled.transaction(long=True) as connection:
            begin = time.perf_counter()
            await connection.fetch(slow)
            return time.perf_counter() - begin

    task = asyncio.ensure_future(write())
    gap = await longest_gap(task)
    assert gap < task.result() / 2


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


async def test_a_stream_may_be_closed_last(filled: Database) -> None:
    """A stream that outlives its snapshot, and the database, can be closed without an error."""
    async with filled.snapshot() as snapshot:
        stream = snapshot.stream("SELECT id FROM thing", chunk=10)
        assert len(await anext(stream)) == 10
    await filled.close()
    await stream.aclose()


async def test_too_many_snapshots(filled: Database) -> None:
    """Who gets no connection in time is told that the database is unavailable."""
    small = _small(filled)
    await small.open()
    async with small.snapshot(), small.snapshot():
        with pytest.raises(DatabaseUnavailable, match="Waited"):
            async with small.snapshot():
                pass
    async with small.snapshot() as snapshot:
        assert await count(snapshot) == 1000
    await small.close()


def _small(database: Database) -> Database:
    if isinstance(database, SqliteDatabase):
        return SqliteDatabase(database._path, snapshots=2, wait=0.1)
    assert isinstance(database, PostgresqlDatabase)
    return PostgresqlDatabase(database._address, pool_size=2, wait=0.5)


async def test_unreachable() -> None:
    """A database that isn't there is unavailable, and the message hides the password."""
    for url in ("postgresql://user:secret@127.0.0.1:1/name", "sqlite:////dev/null/a.db"):
        with pytest.raises(DatabaseUnavailable) as unavailable:
            await open_database(url)
        assert "secret" not in str(unavailable.value)


@pytest_asyncio.fixture
async def postgresql(cluster: Cluster) -> AsyncIterator[PostgresqlDatabase]:
    """An open PostgreSQL."""
    address = PostgresqlAddress(cluster.url, cluster.url)
    opened = PostgresqlDatabase(address, pool_size=4, wait=2)
    await opened.open()
    yield opened
    await opened.close()


class TestPostgresql:
    """What holds for PostgreSQL only."""

    async def test_restart(self, postgresql: PostgresqlDatabase, cluster: Cluster) -> None:
        """After a restart of the server every request finds a fresh connection."""
        await asyncio.gather(*(postgresql.fetch("SELECT pg_sleep(0.05)") for _ in range(4)))
        cluster.stop()
        cluster.start()
        # The loop has had no turn to notice: all four connections are dead.
        answers = await asyncio.gather(*(postgresql.fetch("SELECT 1") for _ in range(12)))
        assert [tuple(rows[0]) for rows in answers] == [(1,)] * 12
        cluster.stop()
        cluster.start()
        async with postgresql.transaction() as connection:
            assert await connection.fetch("SELECT 1")
        async with postgresql.snapshot() as connection:
            assert await connection.fetch("SELECT 1")

    async def test_outage(self, postgresql: PostgresqlDatabase, cluster: Cluster) -> None:
        """While the server is down everything is unavailable; then it works by itself."""
        cluster.stop()
        try:
            for _ in range(2):
                with pytest.raises(DatabaseUnavailable):
                    await postgresql.ping()
                with pytest.raises(DatabaseUnavailable):
                    async with postgresql.transaction():
                        pass
        finally:
            cluster.start()
        await postgresql.ping()

    async def test_lost_in_a_transaction(
        self, postgresql: PostgresqlDatabase, cluster: Cluster
    ) -> None:
        """A connection lost in the middle of a transaction ends it; the next one works."""
        for waits in (False, True):
            with pytest.raises(DatabaseUnavailable):
                async with postgresql.transaction() as connection:
                    await connection.fetch("SELECT 1")
                    cluster.sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'portvakt'"
                    )
                    await asyncio.sleep(0.1 if waits else 0)
                    await connection.fetch("SELECT 1")
            async with postgresql.transaction() as connection:
                assert await connection.fetch("SELECT 1")

    async def test_going_down_in_any_moment(
        self, postgresql: PostgresqlDatabase, cluster: Cluster
    ) -> None:
        """Whatever asyncpg makes of a connection that ends, it is told as one."""
        ends: list[BaseException] = []
        over = False

        async def begin() -> None:
            async with postgresql.transaction() as connection:
                await connection.fetch("SELECT pg_sleep(0.001)")

        async def read() -> None:
            async with postgresql.snapshot() as connection:
                async for _ in connection.stream("SELECT generate_series(1, 2000)"):
                    pass

        async def again(work: Callable[[], Awaitable[object]]) -> None:
            while not over:
                try:
                    await work()
                except Exception as error:
                    ends.append(error)
                    await asyncio.sleep(0.005)

        works = (begin, read, postgresql.ping) * 3
        tasks = [asyncio.create_task(again(work)) for work in works]
        for _ in range(10):
            await asyncio.sleep(0.1)
            await asyncio.to_thread(
                cluster.sql,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'portvakt'",
            )
        over = True
        await asyncio.gather(*tasks)
        assert ends
        assert [error for error in ends if not isinstance(error, DatabaseUnavailable)] == []
        await postgresql.ping()

    async def test_jsonb(self, postgresql: PostgresqlDatabase) -> None:
        """A jsonb value travels as a Python value, alone and in an array."""
        value = {"a": [1, None, "é"], "b": {"c": True}}
        rows = await postgresql.fetch("SELECT $1::jsonb, $2::jsonb[]", [value, [value, None, "x"]])
        assert tuple(rows[0]) == (value, [value, None, "x"])

    async def test_session(self, postgresql: PostgresqlDatabase) -> None:
        """A session is in UTC, without just-in-time compilation, and says its name."""
        names = ("timezone", "jit", "application_name")
        rows = [await postgresql.fetch("SELECT current_setting($1)", [name]) for name in names]
        assert [row[0][0] for row in rows] == ["UTC", "off", "portvakt"]

    async def test_changed_table(self, postgresql: PostgresqlDatabase, cluster: Cluster) -> None:
        """A plan that a schema change made stale is made anew, or the transaction runs again."""
        cluster.sql("DROP TABLE IF EXISTS changed; CREATE TABLE changed (a integer)")
        select = "SELECT * FROM changed"
        assert await postgresql.fetch(select) == []
        cluster.sql("ALTER TABLE changed ADD COLUMN b integer")
        assert await postgresql.fetch(select) == []
        cluster.sql("ALTER TABLE changed ADD COLUMN c integer")
        with pytest.raises(TransactionConflict):
            async with postgresql.transaction() as connection:
                await connection.fetch(select)
        async with postgresql.transaction() as connection:
            assert await connection.fetch(select) == []

    async def test_deadlock(self, postgresql: PostgresqlDatabase, cluster: Cluster) -> None:
        """Of two transactions that wait for each other one is told to run again."""
        cluster.sql(
            "DROP TABLE IF EXISTS locked; CREATE TABLE locked (a integer);"
            "INSERT INTO locked VALUES (1), (2)"
        )
        update = "UPDATE locked SET a = a WHERE a = $1"

        async def write(first: int, second: int) -> None:
            async with postgresql.transaction() as connection:
                await connection.execute(update, [first])
                await asyncio.sleep(0.1)
                await connection.execute(update, [second])

        ends = await asyncio.gather(write(1, 2), write(2, 1), return_exceptions=True)
        assert {type(end) for end in ends} == {type(None), TransactionConflict}

    async def test_swallowed_error(self, postgresql: PostgresqlDatabase) -> None:
        """A block that swallows the error of a statement can't pretend to have committed."""
        with pytest.raises(RuntimeError, match="Nothing was committed"):
            async with postgresql.transaction() as connection:
                with pytest.raises(Exception, match="missing_table"):
                    await connection.fetch("SELECT 1 FROM missing_table")

    async def test_cancelled_read(self, postgresql: PostgresqlDatabase) -> None:
        """A cancelled read gives its connection back, clean."""
        for _ in range(10):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await postgresql.fetch("SELECT pg_sleep(5)")
        assert await postgresql.fetch("SELECT 1")
        assert not await postgresql.fetch(
            "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in%'"
        )


@pytest_asyncio.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """An open SQLite database, in a folder that it made, with one table."""
    opened = SqliteDatabase(tmp_path / "new folder" / "portvakt #1?.db")
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

    async def test_file_vanishes(self, sqlite: SqliteDatabase) -> None:
        """Without its file the database is unavailable; it works when the file is back."""
        moved = sqlite._path.with_suffix(".moved")
        sqlite._path.rename(moved)
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await sqlite.ping()
            with pytest.raises(DatabaseUnavailable):
                await sqlite.fetch(COUNT)
        assert not sqlite._path.exists()
        moved.rename(sqlite._path)
        assert await count(sqlite) == 0
        await sqlite.ping()

    async def test_write_to_a_vanished_file(self, sqlite: SqliteDatabase) -> None:
        """A write never goes to a file that was deleted."""
        sqlite._path.unlink()
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                async with sqlite.transaction() as connection:
                    await connection.execute("INSERT INTO thing VALUES (1)")

    async def test_file_replaced(self, sqlite: SqliteDatabase, tmp_path: Path) -> None:
        """A ping notices that another file took the place, also during a transaction."""
        other = tmp_path / "other.db"
        with sqlite3.connect(other) as driver:
            driver.execute("CREATE TABLE thing (id INTEGER)")
            driver.execute("INSERT INTO thing VALUES (1)")
        driver.close()
        async with sqlite.transaction() as connection, sqlite.snapshot() as snapshot:
            for left in sqlite._path.parent.iterdir():
                left.unlink()
            other.rename(sqlite._path)
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
        self, sqlite: SqliteDatabase, kind: str, long: bool
    ) -> None:
        """A lock that another process doesn't let go of makes writes unavailable, not reads."""
        sqlite._lock_wait = 0.05
        with other_program(sqlite, f"BEGIN {kind}"):
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
        self, sqlite: SqliteDatabase, long: bool
    ) -> None:
        """While it waits others run; when the lock is free it goes on, as do those behind it."""

        async def write(number: int) -> None:
            async with sqlite.transaction(long=long) as connection:
                await connection.execute("INSERT INTO thing VALUES (?)", [number])

        with other_program(sqlite, "BEGIN IMMEDIATE"):
            writing = [asyncio.create_task(write(number)) for number in range(3)]
            for _ in range(20):
                await asyncio.sleep(0.001)
                assert await count(sqlite) == 0
            assert not any(task.done() for task in writing)
        await asyncio.gather(*writing)
        assert await count(sqlite) == 3

    async def test_who_waited_for_a_turn_has_waited_for_the_lock(
        self, sqlite: SqliteDatabase
    ) -> None:
        """Behind one that waits in vain the others try once, rather than wait as long again."""
        sqlite._lock_wait = 0.05
        tried = 0
        with other_program(sqlite, "BEGIN IMMEDIATE"):
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
def other_program(sqlite: SqliteDatabase, statement: str) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the file, on which this statement was run."""
    with closing(sqlite3.connect(sqlite._path, isolation_level=None)) as other:
        other.execute(statement)
        yield other


async def test_a_long_read_lets_others_run(filled: Database) -> None:
    """While one statement looks at a great many rows, other tasks are not kept waiting."""
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
    reading = asyncio.create_task(filled.fetch(f"{many} SELECT count(*) FROM n"))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert (await reading)[0][0] == 1_000_000
    assert turns > 5
    assert await count(filled) == 1000
