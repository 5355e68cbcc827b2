"""Where rows stand in a cluster of Citus; what is told where there is none; and what it changes.

The cluster itself is tried by running these suites on one: see ARCHITECTURE, Tests.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from portvakt.errors import IntegrityViolation, SettingsError
from portvakt.resources import load
from portvakt.storage.databases.interface import PostgresqlAddress
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.postgresql import PostgresqlDatabase
from portvakt.storage.migrations.distribution import Placement, distribution, missing
from portvakt.storage.migrations.migrate import migrate
from portvakt.storage.migrations.schema_version import history
from portvakt.storage.sql.tables import CUSTOMER, Tables
from portvakt.storage.store import Store
from tests.support.postgres import query
from tests.support.servers import command

METADATA = Tables(load()).metadata
PARTS = distribution(METADATA)
TRIES = 400


def test_customers_rows_are_distributed_and_shared_ones_stand_everywhere() -> None:
    """Each table once; what has a customer is distributed by it."""
    assert {part.table for part in PARTS} == METADATA.tables.keys()
    for part in PARTS:
        of_customers = CUSTOMER in METADATA.tables[part.table].c
        assert part.stands is (Placement.distributed if of_customers else Placement.reference)


def test_a_table_is_placed_after_those_that_it_refers_to() -> None:
    """And nothing shared refers to what is a customer's: a cluster would refuse that."""
    stands = dict(PARTS)
    placed = []
    for part in PARTS:
        placed.append(part.table)
        keys = METADATA.tables[part.table].foreign_key_constraints
        others = {key.referred_table.name for key in keys}
        assert others <= {*placed}
        if part.stands is Placement.reference:
            assert {stands[other] for other in others} <= {Placement.reference}


def test_only_what_stands_on_the_coordinator_alone_is_placed() -> None:
    """So that the command can be run again after an update."""
    new = PARTS[3], PARTS[-1]
    stands = {part.table: (part.stands.value, part.column) for part in PARTS if part not in new}
    assert missing(PARTS, {}) == PARTS
    assert missing(PARTS, stands) == [*new]


@pytest.mark.parametrize(
    "found", [("reference", "<none>"), ("distributed", "id"), ("schema", "<none>")]
)
def test_what_was_distributed_otherwise_is_refused(found: tuple[str, str]) -> None:
    """The message names the table, how it stands, and how to undo that."""
    last = PARTS[-1]
    with pytest.raises(SettingsError, match="undistribute_table") as caught:
        missing(PARTS, {last.table: found})
    assert f"{last.table} as a {found[0]} table (column {found[1]})" in str(caught.value)


def test_without_a_coordinator_nothing_is_done(database_url: str, tmp_path: Path) -> None:
    """On SQLite, and without the extension: the message says what to do, and no table is made."""
    if database_url.startswith("postgresql"):
        query(database_url, "DROP EXTENSION IF EXISTS citus CASCADE")
    expected = "coordinator of a Citus" if database_url.startswith("sqlite") else "no extension"
    done = command(tmp_path, ["migrate", "--citus"], database=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert asyncio.run(migrate(database_url))[0] == history()[0]


async def test_the_horizon_waits_for_what_ends_elsewhere(postgres_database: str) -> None:
    """A transaction that has ended here counts as running until the cluster has forgotten it."""
    url = postgres_database
    query(url, "DROP EXTENSION IF EXISTS citus CASCADE")
    await migrate(url)
    query(url, "CREATE TABLE pg_dist_transaction (gid text)")
    noted = "INSERT INTO pg_dist_transaction VALUES ('') RETURNING pg_current_xact_id()::text"
    ended = int(query(url, noted)[0][0])
    query(url, "CREATE TABLE another_transaction ()")
    assert await passes(url, ended)
    # No cluster, but what Portvakt takes for the coordinator of one.
    query(url, "UPDATE pg_extension SET extname = 'citus' WHERE extname = 'plpgsql'")
    assert await horizon(url) <= ended
    query(url, "DELETE FROM pg_dist_transaction")
    assert await passes(url, ended)


async def passes(url: str, transaction: int) -> bool:
    """Whether the horizon gets past a transaction, once older ones of the server have ended."""
    for _ in range(TRIES):
        if await horizon(url) > transaction:
            return True
        await asyncio.sleep(0.05)
    return False


async def horizon(url: str) -> int:
    """What one look of a server's sealer allows."""
    database = PostgresqlDatabase(PostgresqlAddress(url, url))
    store = Store(database, load())  # before the database is open, as a server makes it
    await database.open()
    try:
        async with database.transaction() as connection:
            return (await store.seals.look(connection, 0, -1, 10)).horizon
    finally:
        await database.close()


@pytest.mark.parametrize("state", ["XX000", "23505"])
async def test_a_refusal_on_another_node_names_the_constraint(
    postgres_database: str, state: str
) -> None:
    """As Citus passes it on: in the text alone, with the number of a shard."""
    text = 'duplicate key value violates unique constraint "uq_role_name_102008"'
    database = await open_database(postgres_database, pool_size=1)
    try:
        with pytest.raises(IntegrityViolation) as caught:
            await database.fetch(f"DO $$BEGIN RAISE '{text}' USING ERRCODE = '{state}'; END$$")
        assert caught.value.constraint == "uq_role_name"
    finally:
        await database.close()
