"""Brings a database up to date: the steps of the schema's history, then the content types.

Alembic takes the steps on a connection of SQLAlchemy's, in one transaction that holds a lock:
all are taken or none is, and of two programs that migrate at once the second finds nothing to do.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from portvakt import private_files
from portvakt.errors import (
    Cause,
    DatabaseUnavailable,
    IntegrityViolation,
    PortvaktError,
    TransactionConflict,
)
from portvakt.schema.registry import Registry
from portvakt.schema.scope import UNBOUNDED
from portvakt.storage import postgresql_errors, sqlite_errors
from portvakt.storage.database import (
    Database,
    PostgresqlAddress,
    SqliteAddress,
    display_url,
    open_database,
    parse_url,
)
from portvakt.storage.rows import new_row
from portvakt.storage.schema_version import FOLDER, VERSION_TABLE, missing, pending
from portvakt.storage.store import Store
from portvakt.storage.tables import tables_of

CONTENT_TYPE = "platform.contenttype"

_WAIT_SECONDS = 60.0  # for another program that migrates the same SQLite file
_CONNECT_SECONDS = 10.0
LOCK = 0x706F727476616B74  # PostgreSQL's lock is a number: this one is "portvakt" in ASCII
_TRIES = 5  # one fails only where another program was faster
_MAY_CREATE = """
    SELECT quote_ident(current_user), quote_ident(current_schema()),
        coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"""


async def prepare(url: str, registry: Registry, now: str) -> list[str]:
    """`migrate`, then `sync_content_types`: what the command `portvakt migrate` does.

    Returns the steps that were taken. Raises what these two raise.
    """
    taken = await migrate(url)
    database = await open_database(url, pool_size=1)
    try:
        await sync_content_types(Store(database, registry), now)
    finally:
        await database.close()
    return taken


async def migrate(url: str, last: str | None = None) -> list[str]:
    """Take the steps that the database at `url` lacks; returns their names, oldest first.

    `last`: the step after which to stop; left out: all are taken.

    A SQLite file and its folder are made if missing, for their owner alone; a file that everybody
    could read is taken from the others. Raises `SettingsError` (the URL),
    `DatabaseUnavailable`, `SchemaOutdated` if the database is newer than this program, and what
    SQLAlchemy raises if a step can't be taken; then nothing has changed.
    """
    address = parse_url(url)
    await _try_out(url)
    try:
        if isinstance(address, SqliteAddress):
            return await asyncio.to_thread(_migrate_sqlite, address.path, last)
        return await _migrate_postgresql(address, last)
    except (sa.exc.DBAPIError, *postgresql_errors.DRIVER_ERRORS) as error:
        ours = _translated(error, f"Can't migrate {display_url(url)}")
        if ours is None:
            raise
        raise ours from error


async def sync_content_types(store: Store, now: str) -> None:
    """Insert the registry's content types that the database lacks.

    May be run again, and by several programs at once. Raises `DatabaseUnavailable`.
    """
    for _ in range(_TRIES - 1):
        try:
            return await _insert_content_types(store, now)
        except (IntegrityViolation, TransactionConflict):
            continue  # another program was faster: look again at what is missing
    return await _insert_content_types(store, now)


async def _insert_content_types(store: Store, now: str) -> None:
    resource = store.registry.resources[CONTENT_TYPE]
    names = store.registry.content_types
    existing = store.statements.existing(resource, UNBOUNDED)
    kind = resource.by_name["id"].kind
    values = existing.values({"ids": store.dialect.bind_list(kind, list(names))})
    async with store.database.transaction() as connection:
        found = {str(row[0]) for row in await connection.fetch(existing.text, values)}
        rows = [
            new_row(resource, "", {"id": pk, "name": name, "created_at": now}, now=now, revision=1)
            for pk, name in names.items()
            if pk not in found
        ]
        await store.insert(connection, resource, rows)


async def _try_out(url: str) -> None:
    """Open the database once, so that it exists, is ours to use, and SQLite's is in WAL mode."""
    address = parse_url(url)
    database = await open_database(url, pool_size=1)
    try:
        await database.ping()
        if isinstance(address, SqliteAddress):  # and by now we know that it is a database
            for end in ("", "-wal", "-shm"):
                private_files.take_from_others(address.path.with_name(address.path.name + end))
        if isinstance(address, PostgresqlAddress) and await pending(database):
            await _check_may_create(database)
    finally:
        await database.close()


async def _check_may_create(database: Database) -> None:
    """Raises `DatabaseUnavailable` with the mend if the role can't make a table anywhere."""
    ((role, schema, may),) = await database.fetch(_MAY_CREATE)
    if not may:
        where = f"the schema {schema}" if schema else "any schema of its search_path"
        raise DatabaseUnavailable(
            f"The role {role} may make no tables in {where}. As the owner of the schema:"
            f" GRANT USAGE, CREATE ON SCHEMA {schema or 'public'} TO {role}",
            Cause.no_right,
        )


def _migrate_sqlite(path: Path, last: str | None) -> list[str]:
    def connect() -> sqlite3.Connection:
        # Without the driver's own transactions, which leave schema changes out.
        return sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    sa.event.listen(engine, "begin", lambda opened: opened.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        return _take_steps(connection, last)


async def _migrate_postgresql(address: PostgresqlAddress, last: str | None) -> list[str]:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(address.url, timeout=_CONNECT_SECONDS)

    # asyncpg reads the URL itself: SQLAlchemy knows fewer of its forms.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, poolclass=sa.NullPool
    )
    async with engine.begin() as connection:
        await connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        return await connection.run_sync(_take_steps, last)


def _take_steps(connection: sa.Connection, last: str | None) -> list[str]:
    """Take the missing steps on a connection that has a transaction and the lock."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    lacking = missing(MigrationContext.configure(connection).get_current_revision())
    if last is not None:
        lacking = lacking[: lacking.index(last) + 1]
    if lacking:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
        command.upgrade(config, lacking[-1])
    return lacking


def _translated(error: Exception, where: str) -> PortvaktError | None:
    """Our error, where the database can't be used; None where a step is wrong."""
    told = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(told, sqlite3.Error):
        ours = sqlite_errors.translate(told, where)
    else:  # SQLAlchemy keeps what asyncpg raised as the cause of its own
        ours = postgresql_errors.translate((told and told.__cause__) or told or error, where)
    if isinstance(ours, DatabaseUnavailable) and ours.cause is Cause.no_right:
        return DatabaseUnavailable(f"{ours}. Migrate as the role that owns the tables", ours.cause)
    return ours if isinstance(ours, DatabaseUnavailable | TransactionConflict) else None


async def drop_everything(url: str, registry: Registry) -> None:
    """Drop all of our tables, with what is in them: for the sandbox's `--reset`.

    Raises `SettingsError` (the URL), `DatabaseUnavailable`.
    """
    database = await open_database(url, pool_size=1)
    tables = [table.name for table in reversed(tables_of(registry).metadata.sorted_tables)]
    try:
        async with database.transaction() as connection:
            for table in (*tables, VERSION_TABLE):
                await connection.execute(f"DROP TABLE IF EXISTS {table}")
    finally:
        await database.close()
