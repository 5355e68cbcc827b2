"""A connection to PostgreSQL beside the pool, for what an operator's command does once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from portvakt.errors import SettingsError
from portvakt.storage.databases.interface import PostgresqlAddress
from portvakt.storage.databases.postgresql_errors import DRIVER_ERRORS, raise_translated

_CONNECT_SECONDS = 10.0  # of a command: a server far away answers within them, or not at all


@asynccontextmanager
async def connected(address: PostgresqlAddress) -> AsyncIterator[asyncpg.Connection]:
    """The driver's own connection, closed at the end.

    Raises `DatabaseUnavailable`, also for what happens in the block; `SettingsError` (the URL).
    """
    try:
        driver = await asyncpg.connect(address.url, timeout=_CONNECT_SECONDS)
    except asyncpg.ClientConfigurationError:
        raise SettingsError(f"The database URL {address.shown!r} isn't understood") from None
    except DRIVER_ERRORS as error:
        raise_translated(error, f"Can't connect to {address.shown}")
    try:
        yield driver
    except DRIVER_ERRORS as error:
        raise_translated(error)
    finally:
        await driver.close()
