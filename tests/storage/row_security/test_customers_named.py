"""The database that stands keeps customers apart; and so do the statements that are plain text."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import pytest

from portvakt.resources import load
from portvakt.schema.registry import content_type_id
from portvakt.storage.databases.interface import Connection, Database, Row
from portvakt.storage.events.events import Event, Events, Origin
from portvakt.storage.events.seals import HEAD, Seals
from portvakt.storage.migrations.migrate import migrate
from portvakt.storage.sql.tables import CUSTOMER, Tables
from portvakt.storage.statements.idempotency_keys import IdempotencyKeys, KeyHolder
from portvakt.storage.store import Store
from tests.support.customers_named import ACROSS, OF_CUSTOMERS, ONLY_SQLITE, USED, unnamed
from tests.support.postgres import query
from tests.support.stores import Customer, moment, new_id

PLATFORM_TABLES = {
    table.name for table in Tables(load()).metadata.sorted_tables if CUSTOMER not in table.c
}


class Listening:
    """A connection that keeps the texts of what runs on it."""

    def __init__(self, connection: Connection | Database) -> None:
        self._connection: Any = connection
        self.texts: list[str] = []

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """As that of the connection."""
        self.texts.append(sql)
        return await self._connection.fetch(sql, values)  # type: ignore[no-any-return]

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Likewise."""
        self.texts.append(sql)
        return await self._connection.execute(sql, values)  # type: ignore[no-any-return]

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Likewise."""
        self.texts.append(sql)
        await self._connection.execute_many(sql, rows)

    def stream(
        self, sql: str, values: Sequence[Any] = (), chunk: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        """Likewise."""
        self.texts.append(sql)
        return self._connection.stream(sql, values, chunk)  # type: ignore[no-any-return]


async def texts_of(store: Store, customer: str) -> dict[str, list[str]]:
    """What each method of the ledger's own statements runs, by its name."""
    events, seals, kind = store.events, store.seals, content_type_id("accounts.tenant")
    kept, holder = store.idempotency_keys, KeyHolder(customer, new_id())
    item, now = new_id(), moment()
    origin = Origin(customer, now, "cli", "", "operator", None, None, None, None)
    added = [Event(kind, new_id(), 1, "created", None, "{}") for _ in range(3)]
    head = dict(zip(HEAD, (customer, 1, "00", now, None, None), strict=True))
    calls: dict[str, Callable[[Any], Any]] = {
        "Events.insert": lambda c: both(
            events.insert(c, origin, added[:1]), events.insert(c, origin, added[1:])
        ),
        "Events.add_keys": lambda c: events.add_keys(c, customer, {item: "x"}),
        "Events.keys": lambda c: events.keys(c, customer, [item]),
        "Events.destroy_keys": lambda c: events.destroy_keys(c, customer, [item]),
        "Events.erased": lambda c: events.erased(c, customer, kind, [item]),
        "Events.written_by": lambda c: events.written_by(
            c, customer, kind, "integration", item, [item]
        ),
        "Events.last_revisions": lambda c: events.last_revisions(c, customer, [item]),
        "Events.of_item": lambda c: events.of_item(c, customer, kind, item),
        "Events.as_of": lambda c: events.as_of(c, customer, kind, [item], now),
        "Events.known_by": lambda c: every(events.known_by(c, customer, kind, now)),
        "Seals.any_since": lambda c: seals.any_since(c, 0),
        "Seals.turn": seals.turn,
        "Seals.look": lambda c: seals.look(c, 0, 0, 10),
        "Seals.horizon": seals.horizon,
        "Seals.set_horizon": lambda c: seals.set_horizon(c, 0),
        "Seals.set_head": lambda c: seals.set_head(c, head),
        "Seals.heads": lambda c: seals.heads(c, [customer]),
        "Seals.chain": lambda c: every(seals.chain(c, customer, 1, 2)),
        "Seals.place": lambda c: seals.place(c, customer, kind, item, 1),
        "Seals.hash_at": lambda c: seals.hash_at(c, customer, 1),
        "Seals.left_out": lambda c: seals.left_out(c, customer),
        "Seals.customers": seals.customers,
        "IdempotencyKeys.claim": lambda c: kept.claim(
            c, holder, [("k", "r"), ("o", "r")], now=now, over=now
        ),
        "IdempotencyKeys.find": lambda c: kept.find(c, holder, "k", ""),
        "IdempotencyKeys.fill": lambda c: kept.fill(c, holder, "k", "[]"),
        "IdempotencyKeys.any_over": lambda c: kept.any_over(c, now, 10),
        "IdempotencyKeys.sweep": lambda c: kept.sweep(c, holder, ["k"], now),
    }
    ran = {}
    for name, call in calls.items():
        async with store.database.transaction() as connection:
            listening = Listening(connection)
            await call(listening)
            ran[name] = listening.texts
    return ran


async def both(first: Any, second: Any) -> None:
    """Wait for one, then for the other."""
    await first
    await second


async def every(stream: AsyncGenerator[Any, None]) -> None:
    """Read a stream to its end."""
    async for _ in stream:
        pass


@pytest.mark.asyncio(loop_scope="module")
async def test_the_ledgers_statements_name_the_customer(store: Store, customer: Customer) -> None:
    """Of every method, but for those that are listed with a reason; and those do not."""
    ran = await texts_of(store, customer.id)
    public = {
        f"{one.__name__}.{name}"
        for one in (Events, Seals, IdempotencyKeys)
        for name, _ in inspect.getmembers(one, inspect.isfunction)
        if not name.startswith("_")
    }
    assert ran.keys() == public
    assert {name for name, texts in ran.items() if not texts} <= {"Seals.turn"}
    across = {name for name, texts in ran.items() if any(map(is_across, texts))}
    only_sqlite = set() if store.database.name == "sqlite" else ONLY_SQLITE
    assert across == {name for name in ACROSS if "." in name} - only_sqlite
    for name in ran.keys() - across:
        assert not [used for text in ran[name] for used in unnamed(text)], name


def is_across(text: str) -> bool:
    """Whether a statement on customers' tables isn't told the one customer whom it is about."""
    told = re.search(rf"{CUSTOMER} = (?:\$\d|\?)|INTO \w+ \({CUSTOMER}\b", text)
    return bool(USED.search(text)) and not told


# What PostgreSQL knows of the tables after all steps: of each key the columns, of each foreign key
# those at both ends.
COLUMNS = """
    SELECT conrelid::regclass::text, conname, contype::text,
      (SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey) WITH ORDINALITY
        AS k(number, place) JOIN pg_attribute ON attrelid = conrelid AND attnum = number),
      confrelid::regclass::text,
      (SELECT array_agg(attname::text ORDER BY place) FROM unnest(confkey) WITH ORDINALITY
        AS k(number, place) JOIN pg_attribute ON attrelid = confrelid AND attnum = number)
    FROM pg_constraint
    WHERE contype IN ('p', 'u', 'x', 'f') AND connamespace = 'public'::regnamespace
"""
INDEXES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text, indisunique,
      pg_get_indexdef(indexrelid, 1, true)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'public'::regnamespace
"""
WITHOUT_CUSTOMER = {
    "ix_ledger_event_transaction": "finds the unsealed events of all customers, see `Seals.look`",
    "ix_ledger_event_arrival": "finds the last number of arrival on SQLite",
    "ix_idempotency_key_at": "finds the keys of all customers that are over",
}
"""The indexes of customers' tables that don't begin with the customer, and what for."""


def test_the_keys_that_stand_in_postgresql_name_the_customer(postgres_database: str) -> None:
    """After all steps: keys and indexes begin with it, and references lead to no other customer.

    What the platform has refers to nothing of customers, and has no key that begins with one.
    """
    asyncio.run(migrate(postgres_database))
    of_customers = {*OF_CUSTOMERS}
    constraints = query(postgres_database, COLUMNS)
    assert {row[0] for row in constraints} - {"schema_version"} == of_customers | PLATFORM_TABLES
    for table, name, kind, columns, target, others in constraints:
        if kind == "f" and target in of_customers:
            assert table in of_customers, name
            assert columns[0] == others[0] == CUSTOMER, name
        elif kind != "f" and table in of_customers:
            assert columns[0] == CUSTOMER, name
    indexes = query(postgres_database, INDEXES)
    others_first = {
        name for table, name, _, first in indexes if table in of_customers and first != CUSTOMER
    }
    assert others_first == {*WITHOUT_CUSTOMER}
    assert not [name for _, name, unique, _ in indexes if unique and name in WITHOUT_CUSTOMER]
