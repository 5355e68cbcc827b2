"""What holds for a database, whichever it is."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from contextlib import aclosing

import pytest

from portvakt.errors import (
    DatabaseUnavailable,
    IntegrityViolation,
)
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import make_database, open_database
from tests.storage.databases.things import add, count, longest_gap, sql

pytestmark = pytest.mark.asyncio


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


@pytest.mark.slow
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
    with pytest.raises(Exception, match="missing_column") as raised:
        await filled.fetch("SELECT missing_column FROM thing")
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


async def test_a_stream_may_be_closed_last(filled: Database) -> None:
    """A stream that outlives its snapshot, and the database, can be closed without an error."""
    async with filled.snapshot() as snapshot:
        stream = snapshot.stream("SELECT id FROM thing", chunk=10)
        assert len(await anext(stream)) == 10
    await filled.close()
    await stream.aclose()


@pytest.mark.usefixtures("filled")
async def test_too_many_snapshots(database_url: str) -> None:
    """Who gets no connection in time is told that the database is unavailable."""
    small = make_database(database_url, pool_size=2, streams=1, wait=0.5)
    await small.open()
    async with small.snapshot(), small.snapshot():
        with pytest.raises(DatabaseUnavailable, match="Waited"):
            async with small.snapshot():
                pass
    async with small.snapshot() as snapshot:
        assert await count(snapshot) == 1000
    await small.close()


async def test_unreachable() -> None:
    """A database that isn't there is unavailable, and the message hides the password."""
    for url in ("postgresql://user:secret@127.0.0.1:1/name", "sqlite:////dev/null/a.db"):
        with pytest.raises(DatabaseUnavailable) as unavailable:
            await open_database(url)
        assert "secret" not in str(unavailable.value)


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
