"""What a database knows of its schema, as values that can be compared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from portvakt.resources import load
from portvakt.schema.registry import Registry
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.forms import split
from portvakt.storage.migrations.schema_version import TABLE
from portvakt.storage.store import Store
from tests.support.stores import create_schema

CATALOGS = {
    "sqlite": [
        f"SELECT type, name, tbl_name, sql FROM sqlite_schema"
        f" WHERE tbl_name <> '{TABLE}' AND name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
    ],
    "postgresql": [
        "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default,"
        " identity_generation FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name <> '{TABLE}' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
        # Since PostgreSQL 18 a NOT NULL is a constraint with a name that the server makes up; what
        # was declared is in the columns above.
        f" AND contype <> 'n' AND conrelid <> coalesce(to_regclass('{TABLE}'), 0)"
        " ORDER BY 1, 2",
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1, 2",
        "SELECT proname, prosrc FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT tablename, indexname, indexdef FROM pg_indexes"
        f" WHERE schemaname = 'public' AND tablename <> '{TABLE}' ORDER BY 1, 2",
    ],
}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The database at `url`, open for the block."""
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def execute(url: str, *statements: str) -> None:
    """Run statements in one transaction."""
    async with opened(url) as database, database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)


async def fetch(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    async with opened(url) as database:
        return [tuple(row) for row in await database.fetch(statement)]


async def catalog(url: str) -> list[tuple[Any, ...]]:
    """Everything that the database knows of its schema, but the order of columns in a table.

    That order means nothing, as every statement names its columns; and a step adds them at the end.
    """
    async with opened(url) as database:
        rows = [row for text in CATALOGS[database.name] for row in await database.fetch(text)]
    return [
        tuple(_even(value) if isinstance(value, str) else value for value in row) for row in rows
    ]


def _even(text: str) -> Any:
    """A text without what may be there or not; a table's parts in one order."""
    plain = " ".join(text.replace('"', "").split())
    if plain.startswith("CREATE TABLE"):
        return sorted(split(plain)), plain[plain.rindex(")") :]
    return plain


async def create_declared(url: str, registry: Registry | None = None) -> None:
    """Create the tables as they are declared, without the history."""
    async with opened(url) as database:
        await create_schema(Store(database, registry or load()))
