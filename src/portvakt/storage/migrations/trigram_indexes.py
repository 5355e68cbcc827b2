"""Makes the indexes of trigrams where the database can have them (decision record 42).

They are no step of the schema's history: what is found doesn't depend on them, a database may lack
the extensions, and they are made while others go on writing. So `portvakt migrate --search-indexes`
makes those that are missing, and drops those that are not declared any more or were not made to the
end. An operator has to ask for them: customers share them, and their time tells a little of others.
"""

from __future__ import annotations

import asyncio

import asyncpg

from portvakt.schema.registry import Registry
from portvakt.storage.databases.interface import PostgresqlAddress, parse_url
from portvakt.storage.databases.postgresql_marks import TRIGRAM_PREFIX
from portvakt.storage.databases.single_connection import connected
from portvakt.storage.sql.tables import table_name
from portvakt.storage.statements.trigrams import create_index, index_name, indexed

EXTENSIONS = ("pg_trgm", "btree_gin")

_LOCK = 0x706F727476616B75  # the one after that of the steps
_POLL_SECONDS = 0.2  # asked, not waited for: a waiting statement would hold the index back

_FOUND = """
    SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = oid
    WHERE pg_table_is_visible(oid) AND starts_with(relname, $1)"""


async def make_indexes(url: str, registry: Registry) -> list[str]:
    """Make the missing indexes of the database at `url`; what was done, or why nothing, in words.

    It may be run again at any time. Raises `DatabaseUnavailable`, `SettingsError` (the URL).
    """
    address = parse_url(url)
    if not isinstance(address, PostgresqlAddress):
        return ["no index for searching in texts: Portvakt makes them on PostgreSQL alone"]
    async with connected(address) as driver:  # whose end is that of the lock too
        await _take_turn(driver)
        return await _make(driver, registry)


async def _take_turn(driver: asyncpg.Connection) -> None:
    """Wait for another program that does the same, without a statement that it would wait for."""
    asked = "SELECT pg_try_advisory_lock($1)"
    while not await driver.fetchval(asked, _LOCK):  # noqa: ASYNC110 - it is in another process
        await asyncio.sleep(_POLL_SECONDS)


async def _make(driver: asyncpg.Connection, registry: Registry) -> list[str]:
    wanted = {index_name(resource): resource for resource in indexed(registry)}
    found = {
        row["relname"]: row["indisvalid"] for row in await driver.fetch(_FOUND, TRIGRAM_PREFIX)
    }
    missing = [name for name in wanted if not found.get(name)]
    if missing and (reason := await _lacks(driver)):
        return [f"no index for searching in texts: {reason}"]
    try:
        for name in found.keys() - (wanted.keys() - missing):
            await driver.execute(f"DROP INDEX CONCURRENTLY {name}")
        for name in missing:
            await driver.execute(create_index(wanted[name]))
            await driver.execute(f"ANALYZE {table_name(wanted[name])}")  # how frequent parts are
    except asyncpg.InsufficientPrivilegeError as error:
        return [f"no index for searching in texts: {error}"]
    return [f"index {name}" for name in missing]


async def _lacks(driver: asyncpg.Connection) -> str:
    """Make the extensions that are not there; if that can't be, why, and what to do."""
    for (name,) in await driver.fetch(
        "SELECT * FROM unnest($1::text[]) AS wanted"
        " WHERE wanted NOT IN (SELECT extname FROM pg_extension)",
        EXTENSIONS,
    ):
        try:
            await driver.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
        except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError):
            return f"PostgreSQL has no extension {name} (see the server's contrib package)"
        except asyncpg.InsufficientPrivilegeError:
            return f"this role may not create the extension {name}; a superuser can"
    return ""
