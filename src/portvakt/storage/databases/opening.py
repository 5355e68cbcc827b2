"""Makes the database that an address names: the only place that knows all adapters."""

from __future__ import annotations

from portvakt.storage.databases.interface import Database, SqliteAddress, parse_url


def make_database(
    url: str,
    *,
    pool_size: int = 16,
    streams: int = 8,
    wait: float = 5.0,
    synchronous: str = "FULL",
    create: bool = True,
) -> Database:
    """The database at `url`, not yet open.

    `pool_size`: connections to PostgreSQL at most; `streams`: how many of SQLite's connections
    streams may keep; `wait`: how many seconds a request waits for a connection; `synchronous`:
    SQLite's durability, "FULL" or "NORMAL" (which may lose the last commits in a power cut);
    `create`: whether a SQLite file is made when it isn't there.
    Raises `SettingsError`.
    """
    # Only here: a program that uses one database starts without the other's driver.
    from portvakt.storage.databases.postgresql import PostgresqlDatabase
    from portvakt.storage.databases.sqlite import SqliteDatabase

    address = parse_url(url)
    if isinstance(address, SqliteAddress):
        # As many again for short reads from one moment, which needn't wait for streams then.
        most = 2 * streams
        return SqliteDatabase(
            address.path, snapshots=most, wait=wait, synchronous=synchronous, create=create
        )
    return PostgresqlDatabase(address, pool_size=pool_size, wait=wait)


async def open_database(
    url: str,
    *,
    pool_size: int = 16,
    wait: float = 5.0,
    synchronous: str = "FULL",
    create: bool = True,
) -> Database:
    """As `make_database`, and open it. Raises `SettingsError` or `DatabaseUnavailable`."""
    database = make_database(
        url, pool_size=pool_size, wait=wait, synchronous=synchronous, create=create
    )
    await database.open()
    return database
