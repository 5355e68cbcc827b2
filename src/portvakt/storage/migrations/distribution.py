"""Distributes the tables over the nodes of a Citus cluster (decision record 44).

Each customer's rows stand together on one node, so that its requests need that node alone; what
customers share stands on every node. `portvakt migrate --citus` does that, told the coordinator. It
may be run again: after an update it distributes what is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import asyncpg
import sqlalchemy as sa

from portvakt.errors import SettingsError
from portvakt.schema.registry import Registry
from portvakt.storage.databases.interface import PostgresqlAddress, parse_url
from portvakt.storage.databases.single_connection import connected
from portvakt.storage.migrations.migrate import LOCK
from portvakt.storage.sql.tables import CUSTOMER, tables_of

# One node after the other, as foreign keys between the tables need it. Only what is distributed
# here is to be: no table becomes another's neighbour for a key's sake. The guards of the ledger are
# called unsafe because a trigger could do what no other node sees; ours only refuse.
_SETTINGS = {
    "citus.multi_shard_modify_mode": "sequential",
    "citus.enable_local_reference_table_foreign_keys": "off",
    "citus.enable_unsafe_triggers": "on",
}
_FOUND = "SELECT table_name::text, citus_table_type, distribution_column FROM citus_tables"


class Placement(StrEnum):
    """Where the rows of a table stand: by customer on one node, or all of them on every node."""

    distributed = "distributed"
    reference = "reference"


class Part(NamedTuple):
    """One table, and where its rows are to stand."""

    table: str
    stands: Placement

    @property
    def column(self) -> str:
        """What its rows are distributed by, as Citus tells it."""
        return CUSTOMER if self.stands is Placement.distributed else "<none>"


def distribution(metadata: sa.MetaData) -> list[Part]:
    """Where the rows of each table are to stand, in an order in which that can be done.

    First what customers share, to which all may refer; a table comes after those it refers to.
    """
    parts = [
        Part(table.name, Placement.distributed if CUSTOMER in table.c else Placement.reference)
        for table in metadata.sorted_tables
    ]
    return sorted(parts, key=lambda part: part.stands is Placement.distributed)


async def check(url: str) -> None:
    """Raises `SettingsError` where the database is no coordinator of Citus: before any migration.

    And `DatabaseUnavailable`.
    """
    async with connected(_coordinator(url)) as driver:
        await _check(driver)


async def distribute(url: str, registry: Registry) -> list[str]:
    """Distribute the tables that stand on the coordinator alone; what was done, in words.

    All are, or none. The database is to have all steps of the schema's history, and nobody can
    write meanwhile. Raises `DatabaseUnavailable`, and `SettingsError` where the database is no
    coordinator of Citus, a table was distributed otherwise, or Citus refuses, as without workers.
    """
    parts = distribution(tables_of(registry).metadata)
    try:
        async with connected(_coordinator(url)) as driver, driver.transaction():
            new = await _distribute(driver, parts)
    except asyncpg.PostgresError as error:
        raise SettingsError(f"Citus refused, and nothing has changed: {error}") from error
    return [f"{part.table} is a {part.stands} table now" for part in new]


async def _distribute(driver: asyncpg.Connection, parts: list[Part]) -> list[Part]:
    await _check(driver)
    await driver.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    for name, value in _SETTINGS.items():
        await driver.execute("SELECT set_config($1, $2, true)", name, value)
    stands = {name: (kind, column) for name, kind, column in await driver.fetch(_FOUND)}
    new = missing(parts, stands)
    for part in new:
        await _place(driver, part)
    return new


def _coordinator(url: str) -> PostgresqlAddress:
    address = parse_url(url)
    if not isinstance(address, PostgresqlAddress):
        raise SettingsError(
            "PORTVAKT_DATABASE is a SQLite file, which can't be distributed: name the coordinator"
            " of a Citus cluster, postgresql://..."
        )
    return address


async def _check(driver: asyncpg.Connection) -> None:
    if not await driver.fetchval("SELECT 1 FROM pg_extension WHERE extname = 'citus'"):
        raise SettingsError(
            "This database has no extension citus. Create it in this database on every node, and"
            " add the workers (citus_add_node): see docs/how-to/run-on-several-machines.md"
        )
    if not await driver.fetchval("SELECT citus_is_coordinator()"):
        raise SettingsError("PORTVAKT_DATABASE names a worker of Citus: name the coordinator")


def missing(parts: list[Part], stands: Mapping[str, tuple[str, str]]) -> list[Part]:
    """The parts that stand on the coordinator alone.

    `stands`: how Citus says that tables stand, and by what column, by their names. Raises
    `SettingsError` if one of the parts stands otherwise than it should.
    """
    for part in parts:
        kind, column = stands.get(part.table, (part.stands, part.column))
        if (kind, column) != (part.stands, part.column):
            raise SettingsError(
                f"Citus has {part.table} as a {kind} table (column {column}), and Portvakt needs a"
                f" {part.stands} one (column {part.column}). Undo it first: undistribute_table"
            )
    return [part for part in parts if part.table not in stands]


async def _place(driver: asyncpg.Connection, part: Part) -> None:
    if part.stands is Placement.reference:
        await driver.execute("SELECT create_reference_table($1::text::regclass)", part.table)
        return
    # Beside those that are distributed like this already, so that they can refer to each other.
    beside = await driver.fetchval(
        "SELECT table_name::text FROM citus_tables WHERE citus_table_type = 'distributed'"
        " AND distribution_column = $1 ORDER BY table_name::text LIMIT 1",
        CUSTOMER,
    )
    await driver.execute(
        "SELECT create_distributed_table($1::text::regclass, $2, colocate_with => $3)",
        part.table,
        CUSTOMER,
        beside or "none",
    )
