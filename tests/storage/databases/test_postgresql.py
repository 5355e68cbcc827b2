"""What holds for a database of PostgreSQL's alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from portvakt.errors import (
    DatabaseUnavailable,
    TransactionConflict,
)
from portvakt.storage.databases.interface import PostgresqlAddress
from portvakt.storage.databases.postgresql import PostgresqlDatabase
from tests.support import postgres

if TYPE_CHECKING:
    from tests.support.postgresql_cluster import Cluster

pytestmark = pytest.mark.asyncio


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

    async def test_one_lost_connection_tells_of_all(
        self, postgresql: PostgresqlDatabase, cluster: Cluster
    ) -> None:
        """What ended one, such as a failover, ends all, though some don't know it yet."""

        async def sessions() -> set[int]:
            asked = "SELECT pg_backend_pid(), pg_sleep(0.1)"
            found = await asyncio.gather(*(postgresql.fetch(asked) for _ in range(4)))
            return {rows[0][0] for rows in found}

        before = await sessions()
        assert len(before) == 4
        postgres.query(cluster.url, f"SELECT pg_terminate_backend({min(before)})")
        assert before & await sessions()  # these were asked at once, before it was known
        assert before.isdisjoint(await sessions())

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
