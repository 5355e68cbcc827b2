"""Exports over a slow database: they end with their client and their time, and leave nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from portvakt.api.body import Disconnected
from portvakt.api.streaming import LINES, ExportAnswer, Streams, TooSlow
from portvakt.errors import DatabaseBusy, Problem
from portvakt.operations.reading.read import Export
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import make_database

pytestmark = pytest.mark.asyncio

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
ENDLESS = {
    "sqlite": COUNT.format(10**12) + "SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(600)",
}
SCOPE = {"type": "http", "method": "GET"}


@asynccontextmanager
async def endless(database: Database) -> AsyncIterator[Export]:
    """An export whose first row takes for ever."""
    async with database.snapshot() as connection:

        async def chunks() -> AsyncIterator[list[dict[str, Any]]]:
            async for rows in connection.stream(ENDLESS[database.name]):
                yield [{"id": row[0]} for row in rows]

        yield Export(chunks(), None)


async def test_an_export_ends_with_its_client_or_its_time(database: Database) -> None:
    """Whatever the database is doing, the place and the connection are free at once."""
    streams = Streams(1, longest=0.2)
    leaves = asyncio.Event()

    async def receive() -> dict[str, str]:
        await leaves.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pytest.fail(f"nothing was read, and yet {message} is sent")

    for gone in (False, True):
        if gone:
            streams.longest = 600
        async with asyncio.timeout(10):
            answer = ExportAnswer(endless(database), LINES, streams)
            sending = asyncio.create_task(answer(SCOPE, receive, send))
            await asyncio.sleep(0.05)
            with pytest.raises(Problem) as refused:
                await ExportAnswer(endless(database), LINES, streams)(SCOPE, receive, send)
            assert dict(refused.value.headers)["Retry-After"] == "5"
            if gone:
                leaves.set()
            with pytest.raises(Disconnected if gone else TooSlow):
                await sending
            with streams.place():
                assert [tuple(row) for row in await database.fetch("SELECT 1")] == [(1,)]
            async with database.snapshot() as connection:
                assert [tuple(row) for row in await connection.fetch("SELECT 1")] == [(1,)]


@pytest.mark.slow
async def test_long_reads_do_not_queue_without_end(database_url: str) -> None:
    """Who waits too long for others' long reads is told that the database is busy."""
    small = make_database(database_url, pool_size=2, wait=0.1)
    await small.open()
    slow = "SELECT pg_sleep(1)"
    if small.name == "sqlite":
        slow = COUNT.format(4_000_000) + "SELECT count(*) FROM n"
    found = await asyncio.gather(*(small.fetch(slow) for _ in range(4)), return_exceptions=True)
    assert [isinstance(one, DatabaseBusy) for one in found] == [False, False, True, True]
    assert len(await small.fetch(slow)) == 1
    await small.close()
