"""Brings a database up to date: the steps of the schema's history, then the content types.

The missing steps are taken in one transaction that holds a lock: all are taken or none is, and of
two programs that migrate at once the second finds nothing to do.
"""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from portvakt import private_files
from portvakt.errors import (
    Cause,
    DatabaseUnavailable,
    IntegrityViolation,
    SchemaOutdated,
    TransactionConflict,
)
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.registry import Registry
from portvakt.storage.databases.interface import Connection, Database, PostgresqlAddress, parse_url
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.sqlite import SqliteDatabase
from portvakt.storage.migrations.forms import Step
from portvakt.storage.migrations.schema_version import STEPS, TABLE, pending
from portvakt.storage.sql.rows import new_row
from portvakt.storage.sql.tables import tables_of
from portvakt.storage.store import Store

CONTENT_TYPE = "platform.contenttype"

_WAIT_SECONDS = 60.0  # for another program that migrates the same SQLite file
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


async def migrate(url: str, steps: Path = STEPS) -> list[str]:
    """Take the steps that the database at `url` lacks; returns their names, oldest first.

    A SQLite file and its folder are made if missing, for their owner alone; a file that everybody
    could read is taken from the others. Raises `SettingsError` (the URL), `DatabaseUnavailable`,
    `SchemaOutdated` if no step leads from there to this program or its rows break one, and what
    the driver raises if a step is wrong; then nothing has changed.
    """
    database = await _open(url)
    try:
        await database.ping()
        if not await pending(database, steps):
            return []
        if database.name == "postgresql":
            await _check_may_create(database)
        return await _take_missing(database, steps)
    finally:
        await database.close()


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
    existing = store.statements.rows.existing(resource, UNBOUNDED)
    kind = resource.by_name["id"].kind
    values = existing.values({"ids": store.dialect.bind_list(kind, list(names))})
    async with store.database.transaction() as connection:
        found = {str(row[0]) for row in await connection.fetch(existing.text, values)}
        rows = [
            new_row(resource, "", {"id": pk, "name": name, "created_at": now}, now=now, revision=1)
            for pk, name in names.items()
            if pk not in found
        ]
        await store.row_writer.insert(connection, resource, rows)


async def _open(url: str) -> Database:
    """The database for its steps alone; a file is made, or taken from the others."""
    address = parse_url(url)
    if isinstance(address, PostgresqlAddress):
        return await open_database(url, pool_size=1)
    # A step may make a table anew to which others refer.
    database = SqliteDatabase(address.path, lock_wait=_WAIT_SECONDS, foreign_keys=False)
    await database.open()
    try:
        await database.ping()
    except DatabaseUnavailable:
        await database.close()
        raise
    for end in ("", "-wal", "-shm"):  # by now we know that it is a database
        private_files.take_from_others(address.path.with_name(address.path.name + end))
    return database


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


async def _take_missing(database: Database, steps: Path) -> list[str]:
    try:
        async with database.transaction() as connection:
            if database.name == "postgresql":
                await connection.fetch("SELECT pg_advisory_xact_lock($1)", [LOCK])
            lacking = await pending(database, steps, connection)
            for step in lacking:
                await _take(step, steps, connection, database.name)
            if lacking and database.name == "sqlite":
                await _check_references(connection)
    except DatabaseUnavailable as error:
        if error.cause is not Cause.no_right:
            raise
        told = f"{error}. Migrate as the role that owns the tables"
        raise DatabaseUnavailable(told, error.cause) from error
    return lacking


async def _check_references(connection: Connection) -> None:
    """Raises `SchemaOutdated` if a row refers to none: SQLite hasn't looked at that meanwhile."""
    broken = await connection.fetch("PRAGMA foreign_key_check")
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise SchemaOutdated(
            "The missing steps can't be taken, and nothing has changed: rows refer to others that"
            f" aren't there, in {tables}."
        )


async def _take(name: str, steps: Path, connection: Connection, database: str) -> None:
    script = steps / f"{name}.{database}.sql"
    try:
        if script.exists():
            await _run(script.read_text("utf-8"), connection)
        else:
            module = ModuleType(name)
            SourceFileLoader(name, str(steps / f"{name}.py")).exec_module(module)
            await module.upgrade(Step(connection, database))
    except IntegrityViolation as error:
        broken = str(error) or "a constraint"
        raise SchemaOutdated(
            f"The step {name} can't be taken, and nothing has changed: rows break {broken}."
        ) from error
    await connection.execute(f"UPDATE {TABLE} SET step = '{name}'")  # noqa: S608 - our own names


async def _run(script: str, connection: Connection) -> None:
    """Run a script whose statements end with a semicolon at the end of a line."""
    for statement in filter(str.strip, script.split(";\n")):
        await connection.execute(statement)


async def drop_everything(url: str, registry: Registry) -> None:
    """Drop all of our tables, with what is in them: for the sandbox's `--reset`.

    Raises `SettingsError` (the URL), `DatabaseUnavailable`.
    """
    database = await open_database(url, pool_size=1)
    tables = [table.name for table in reversed(tables_of(registry).metadata.sorted_tables)]
    try:
        async with database.transaction() as connection:
            for table in (*tables, TABLE):
                await connection.execute(f"DROP TABLE IF EXISTS {table}")
    finally:
        await database.close()
