"""A connection to PostgreSQL beside the pool, for what an operator's command does once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from portvakt.errors import DatabaseUnavailable
from portvakt.storage.database import PostgresqlAddress

_CONNECT_SECONDS = 10.0


@asynccontextmanager
async def connected(address: PostgresqlAddress) -> AsyncIterator[asyncpg.Connection]:
    """The driver's own connection, closed at the end. Raises `DatabaseUnavailable`."""
    try:
        driver = await asyncpg.connect(address.url, timeout=_CONNECT_SECONDS)
    except (asyncpg.PostgresError, OSError) as error:
        raise DatabaseUnavailable(f"Can't connect to {address.shown}: {error}") from error
    try:
        yield driver
    finally:
        await driver.close()
