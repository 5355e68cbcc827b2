"""A connection to PostgreSQL inside one transaction, and what is done on one by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, cast

import asyncpg

from portvakt.cooperative import look_at
from portvakt.storage.databases import postgresql_unreadable
from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.postgresql_errors import DRIVER_ERRORS, raise_translated
from portvakt.storage.databases.postgresql_marks import PLANNED_ANEW

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy
    from asyncpg.prepared_stmt import PreparedStatement

CHUNK = 200
"""Rows of one answer of the server while streaming: measured, see performance.md."""


class PostgresqlConnection:
    """A `Connection` inside one transaction."""

    def __init__(self, driver: PoolConnectionProxy) -> None:
        self._attached: PoolConnectionProxy | None = driver

    @property
    def _driver(self) -> PoolConnectionProxy:
        if self._attached is None:
            raise RuntimeError("The connection was used after the end of its block")
        return self._attached

    def detach(self) -> None:
        """End the use of this connection: what still holds it can do nothing any more."""
        self._attached = None

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and return all of its rows."""
        try:
            return await read(self._driver, sql, values)
        except DRIVER_ERRORS as error:
            raise_translated(error)

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement and return how many rows it touched."""
        try:
            return _count(await self._driver.execute(sql, *values))
        except DRIVER_ERRORS as error:
            raise_translated(error)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement once for each of `rows`, in one round trip."""
        driver = self._driver
        sending = asyncio.ensure_future(driver.executemany(sql, rows))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            # asyncpg 0.32 loses a cancellation while it sends, and then waits for ever for an
            # answer that can't come: only the end of the connection ends that.
            end(driver)
            sending.cancel()
            sending.add_done_callback(look_at)
            raise
        except DRIVER_ERRORS as error:
            raise_translated(error)

    async def stream(
        self, sql: str, values: Sequence[Any] = (), chunk: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        """Yield the rows in lists of at most `chunk`, read from a cursor of the server."""
        size = chunk or CHUNK
        try:
            asked = await _unnamed(self._driver, sql) if sql.startswith(PLANNED_ANEW) else None
            cursor = await (asked.cursor(*values) if asked else self._driver.cursor(sql, *values))
        except DRIVER_ERRORS as error:
            raise_translated(error)
        read = 0
        while (rows := await self._next(cursor, size)) is not None:
            if rows:
                yield rows
            if len(rows) < size:
                return
            read += len(rows)
        rest = postgresql_unreadable.stream(self._driver, sql, values, read, size)
        async with aclosing(rest):
            async for rows in rest:
                yield rows

    async def _next(self, cursor: Any, size: int) -> list[Row] | None:
        """The next rows; None where one of them can't be read."""
        try:
            return cast("list[Row]", await cursor.fetch(size))
        except DRIVER_ERRORS as error:
            raise_translated(error)
        except (OverflowError, ValueError):
            return None


async def read(driver: PoolConnectionProxy, sql: str, values: Sequence[Any]) -> list[Row]:
    """All rows of one statement. Raises what the driver raises."""
    try:
        if sql.startswith(PLANNED_ANEW):
            return cast("list[Row]", await (await _unnamed(driver, sql)).fetch(*values))
        return cast("list[Row]", await driver.fetch(sql, *values))
    except (OverflowError, ValueError) as error:
        if not postgresql_unreadable.is_undecodable(error):
            raise
    return await postgresql_unreadable.fetch(driver, sql, values)


async def _unnamed(driver: PoolConnectionProxy, sql: str) -> PreparedStatement:
    """A statement that isn't kept: its plan is made for the values that it is run with."""
    return await driver.prepare(sql, name="")


async def commit(driver: PoolConnectionProxy) -> None:
    """Commit. Raises our errors, and `RuntimeError` if the transaction had failed before."""
    try:
        done = await driver.execute("COMMIT")
    except DRIVER_ERRORS as error:
        raise_translated(error)
    if done != "COMMIT":
        raise RuntimeError("Nothing was committed: an earlier error of the block was swallowed")


def _count(status: str) -> int:
    """The number at the end of a text such as "INSERT 0 3"; 0 if there is none."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


def end(driver: PoolConnectionProxy) -> None:
    """End the connection at once: nothing is sent any more."""
    with suppress(asyncpg.InterfaceError):  # it has ended already
        driver.terminate()
