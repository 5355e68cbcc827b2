"""The role that the guide to production makes for servers can do all but change the ledger."""

from __future__ import annotations

import pytest

from portvakt.errors import Cause, DatabaseUnavailable
from portvakt.ledger.seal import Sealer
from portvakt.operations.context import Context
from portvakt.operations.writing import write_rows
from portvakt.resources import load
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.migrate import prepare
from portvakt.storage.sql.rows import new_row
from portvakt.storage.sql.tables import Tables
from portvakt.storage.store import Store
from tests.support.roles import grants
from tests.support.stores import CUSTOMER, blank, moment, new_id

REFUSED = [
    f"{what} {table}{rest}"
    for table in (
        "ledger_event",
        "common_eventlog",
        "platform_ledgerentry",
        "integrations_decision_past",
    )
    for what, rest in (
        ("DELETE FROM", ""),
        ("UPDATE", " SET revision = 7"),
        ("TRUNCATE", ""),
        ("DROP TABLE", ""),
        ("ALTER TABLE", " DISABLE TRIGGER ALL"),
    )
]


async def test_the_servers_role_writes_and_seals_and_changes_nothing(
    postgres_database: str,
) -> None:
    """An item, its event and their seal can be added; the ledger can't be changed."""
    await prepare(postgres_database, load(), moment())
    database = await open_database(postgres_database)
    store = Store(database, load())
    context = Context(store, Caller("", kind=OPERATOR), moment(), new_id, rechecked=False)
    row = new_row(CUSTOMER, "", {**blank(CUSTOMER), "name": "x"}, now=moment(), revision=1)
    seals = Sealer(store, None, clock=moment, new_id=new_id)

    class Undo(Exception):
        """Ends the transaction, and with it the role."""

    with pytest.raises(Undo):
        async with database.transaction() as connection:
            await connection.execute("CREATE ROLE portvakt_server")
            for statement in grants():
                await connection.execute(statement)
            await connection.execute("SET LOCAL ROLE portvakt_server")
            await write_rows.add(context, connection, CUSTOMER, [row])
            found = await store.seals.look(connection, -1, -1, 10)
            assert len(found.events) == 1
            await seals._add(connection, found.events)
            await store.seals.set_horizon(connection, found.horizon)
            for statement in REFUSED:
                await connection.execute("SAVEPOINT before")
                with pytest.raises(DatabaseUnavailable) as refused:
                    await connection.execute(statement)
                assert refused.value.cause is Cause.no_right
                await connection.execute("ROLLBACK TO before")
            raise Undo
    await database.close()


def test_every_append_only_table_is_in_the_guide() -> None:
    """Each of the tables that have triggers is taken from the role, and tried above."""
    named = " ".join(grants())
    for table in Tables(load()).append_only:
        assert table in named
        assert f"DELETE FROM {table}" in REFUSED
