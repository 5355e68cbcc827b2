"""PostgreSQL, by asyncpg: a pool of connections that remember nothing from one use to the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg
import msgspec

from portvakt.errors import (
    Cause,
    DatabaseBusy,
    DatabaseUnavailable,
    SettingsError,
)
from portvakt.storage.databases import postgresql_state
from portvakt.storage.databases.interface import Connection, PostgresqlAddress, Row
from portvakt.storage.databases.last_write import LastWrite
from portvakt.storage.databases.postgresql_connection import PostgresqlConnection, commit, end, read
from portvakt.storage.databases.postgresql_errors import DRIVER_ERRORS, raise_translated, translate
from portvakt.storage.databases.postgresql_marks import TRIGRAM_PREFIX

if TYPE_CHECKING:
    from asyncpg.connection import Connection as Driver
    from asyncpg.pool import Pool, PoolConnectionProxy

# No JIT: compiling a statement takes longer than most of ours run.
_SESSION = {"application_name": "portvakt", "timezone": "UTC", "jit": "off"}

# A renewed connection costs milliseconds, so not at the 50,000 queries that asyncpg would take.
_QUERIES_BEFORE_RENEWAL = 10_000_000

_IDLE_SECONDS = 300  # then a connection is closed, so that a burst's go back to the server

# Not REPEATABLE READ: who has waited for a lock must then see what was committed meanwhile.
_BEGIN_TRANSACTION = "BEGIN ISOLATION LEVEL READ COMMITTED"
# BEGIN alone doesn't fix the moment yet, the first statement does: both in one round trip.
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"

_JSONB_VERSION = b"\x01"

# Those that were made to the end.
_TRIGRAMS = """
    SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid
    WHERE indisvalid AND pg_table_is_visible(oid) AND starts_with(relname, $1)"""

_DISTRIBUTED = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')"

Fetch = Callable[[str, Sequence[Any]], Awaitable[Any]]
BeforeBlock = Callable[[Fetch], Awaitable[None]]
"""What is waited for on a connection before its block begins: it is given what fetches rows."""


class PostgresqlDatabase:
    """The `Database` in PostgreSQL."""

    name = "postgresql"

    def __init__(
        self,
        address: PostgresqlAddress,
        *,
        pool_size: int = 16,
        pool_min: int = 1,
        wait: float = 5.0,
        cached_statements: int = 512,
    ) -> None:
        """At most `pool_size` connections; a request waits up to `wait` seconds for one."""
        self._address = address
        self._least = pool_min
        self._most = pool_size
        self._wait = wait
        self._cached_statements = cached_statements
        self._pool: Pool | None = None
        self._in_use = 0  # or waited for
        self._last_write = LastWrite()
        self.trigrams: set[str] = set()
        self.distributed = False

    def __repr__(self) -> str:
        return f"PostgresqlDatabase({self._address.shown!r})"

    async def open(self) -> None:
        """Connect. Raises `DatabaseUnavailable`, or `SettingsError` if the URL is refused."""
        if self._pool is not None:
            return
        try:
            self._pool = await self._connected_pool()
            self.trigrams.update(
                row[0] for row in await self._pool.fetch(_TRIGRAMS, TRIGRAM_PREFIX)
            )
            self.distributed = await self._pool.fetchval(_DISTRIBUTED)
        except asyncpg.ClientConfigurationError:
            shown = self._address.shown
            raise SettingsError(f"The database URL {shown!r} isn't understood") from None
        except DRIVER_ERRORS as error:
            raise_translated(error, f"Can't connect to {self._address.shown}")

    async def close(self) -> None:
        """Wait for what is running, then close; after `wait` seconds, cut off what is left."""
        pool = self._pool
        if pool is None:
            return
        try:
            async with asyncio.timeout(self._wait):
                await pool.close()  # takes no new users from here on
        except DRIVER_ERRORS:
            pool.terminate()
        finally:
            self._pool = None

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one read statement outside any transaction and return all of its rows.

        If the connection had died while it was idle, another one is tried, once.
        """
        try:
            return await self._fetch(sql, values)
        except _ConnectionLost:
            return await self._fetch(sql, values)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Read several times from one moment."""
        async with self._block(_BEGIN_SNAPSHOT) as connection:
            yield connection

    @asynccontextmanager
    async def snapshot_after(self, before: BeforeBlock) -> AsyncIterator[Connection]:
        """Read several times from one moment, which follows `before` on the same connection."""
        async with self._block(_BEGIN_SNAPSHOT, before) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, *, long: bool = False) -> AsyncIterator[Connection]:  # noqa: ARG002
        """Write; `long` makes no difference here."""
        try:
            async with self._block(_BEGIN_TRANSACTION) as connection:
                yield connection
        except BaseException as error:
            self._last_write.failed(error)
            raise
        self._last_write.succeeded()

    async def ping(self) -> None:
        """Return if it answers, takes writes and holds any text; else `DatabaseUnavailable`."""
        (state,) = await self.fetch(postgresql_state.STATE)
        postgresql_state.check(state, self._address.shown)
        self._last_write.check()

    async def _connected_pool(self) -> Pool:
        return await asyncpg.create_pool(
            self._address.url,
            min_size=self._least,
            max_size=self._most,
            max_queries=_QUERIES_BEFORE_RENEWAL,
            init=self._prepare,
            reset=_leave,
            timeout=self._wait,
            statement_cache_size=self._cached_statements,
            # By itself asyncpg keeps none of more than 15 KiB, and each for 5 minutes.
            max_cacheable_statement_size=0,
            max_cached_statement_lifetime=0,
            max_inactive_connection_lifetime=_IDLE_SECONDS,
            server_settings=_SESSION,
        )

    async def _fetch(self, sql: str, values: Sequence[Any]) -> list[Row]:
        driver = await self._acquire()
        try:
            rows = await read(driver, sql, values)
        except BaseException as error:
            await self._give_up(driver, error)
        await self._release(driver)
        return rows

    @asynccontextmanager
    async def _block(
        self, begin: str, before: BeforeBlock | None = None
    ) -> AsyncIterator[PostgresqlConnection]:
        driver = await self._begin(begin, before)
        connection = PostgresqlConnection(driver)
        try:
            yield connection
            await commit(driver)
        except BaseException:
            connection.detach()
            await self._abandon(driver)
            raise
        connection.detach()
        await self._release(driver)

    async def _abandon(self, driver: PoolConnectionProxy) -> None:
        try:
            await self._roll_back(driver)
        finally:
            await self._release(driver, self._wait)

    async def _roll_back(self, driver: PoolConnectionProxy) -> None:
        """Roll back; if that isn't possible end the connection: it's never used dirty."""
        try:
            async with asyncio.timeout(self._wait):
                if driver.is_in_transaction():
                    await driver.execute("ROLLBACK")
        except BaseException as error:
            end(driver)
            if not isinstance(error, DRIVER_ERRORS):
                raise

    async def _begin(self, begin: str, before: BeforeBlock | None) -> PoolConnectionProxy:
        """A connection with a transaction begun; another one is tried if it was dead, once."""
        try:
            return await self._begin_once(begin, before)
        except _ConnectionLost:
            return await self._begin_once(begin, before)

    async def _begin_once(self, begin: str, before: BeforeBlock | None) -> PoolConnectionProxy:
        driver = await self._acquire()
        try:
            if before is not None:
                await before(lambda sql, values: driver.fetch(sql, *values))
            await driver.execute(begin)
        except BaseException as error:
            end(driver)  # whether the transaction had begun isn't known
            await self._give_up(driver, error)
        return driver

    async def _acquire(self) -> PoolConnectionProxy:
        if self._pool is None:
            raise DatabaseUnavailable("The database isn't open")
        self._in_use += 1
        try:
            if self._in_use <= self._most:
                # One is free, so only connecting may take time, which has its own limit.
                return await self._pool.acquire()
            # Not asyncpg's own timeout: on Python 3.11 it starts a task for each acquire.
            async with asyncio.timeout(self._wait):
                return await self._pool.acquire()
        except BaseException as error:
            self._in_use -= 1
            if isinstance(error, TimeoutError):
                raise DatabaseBusy(f"Waited {self._wait:g} s for a connection") from None
            if isinstance(error, DRIVER_ERRORS):
                raise_translated(error, f"Can't connect to {self._address.shown}")
            raise

    async def _release(
        self,
        driver: PoolConnectionProxy,
        timeout: float | None = None,  # noqa: ASYNC109 - asyncpg's own
    ) -> None:
        """Give a connection back. `timeout` is needed only if a statement may still run on it."""
        try:
            if self._pool is not None:
                await self._pool.release(driver, timeout=timeout)
        except DRIVER_ERRORS:
            pass  # the connection is lost, and asyncpg has ended it
        finally:
            self._in_use -= 1

    async def _renew(self) -> None:
        """Let each connection be made anew: what ended one, such as a failover, ends all of them.

        Some may not know it yet, and a second try would take one of these.
        """
        if self._pool is not None:
            await self._pool.expire_connections()

    async def _give_up(self, driver: PoolConnectionProxy, error: BaseException) -> NoReturn:
        """Give back a connection on which `error` happened, and raise what that means."""
        ours = translate(error)
        if isinstance(ours, DatabaseUnavailable) and ours.cause is Cause.unreachable:
            end(driver)  # before it goes back, so that none gets it again
            await self._renew()
            ours = _ConnectionLost(str(ours))
        await self._release(driver, self._wait)
        if ours is None:
            raise error
        raise ours from error

    async def _prepare(self, driver: Driver) -> None:
        """Make a new connection ours: a jsonb value is whatever msgspec makes of it."""
        async with asyncio.timeout(self._wait):
            await driver.set_type_codec(
                "jsonb",
                schema="pg_catalog",
                format="binary",
                encoder=lambda value: _JSONB_VERSION + msgspec.json.encode(value),
                decoder=lambda data: msgspec.json.decode(data[1:]),
            )


async def _leave(driver: Driver) -> None:
    """Reset nothing between two uses: no state is ever left, and resetting costs a third of W1.

    asyncpg has rolled back by itself, should a transaction still be open.
    """


class _ConnectionLost(DatabaseUnavailable):
    """A connection taken from the pool was dead; nothing was done on it."""
