"""A database with the statements that fit it: what the operations work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portvakt.schema.caller import Caller
from portvakt.schema.entity_tags import item_state
from portvakt.schema.operators import Kind
from portvakt.schema.query import Query
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection, Database, Row
from portvakt.storage.databases.replica import Replica
from portvakt.storage.databases.unreadable import Unreadable, nearest
from portvakt.storage.events.events import Events
from portvakt.storage.events.seals import Seals
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.rows import Rows
from portvakt.storage.sql.tables import CUSTOMER, DELETED, tables_of
from portvakt.storage.statements import conditions
from portvakt.storage.statements.idempotency_keys import IdempotencyKeys
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import statements_of

NamedValues = Mapping[str, Any]


_READERS = 1024
"""How many readers of rows are kept; callers choose which fields are shown."""


class Store:
    """One database, the registry's tables in it, and their statements.

    `replica`: its standby, if there is one; only `operations.reading.read_source` reads there.
    """

    def __init__(
        self, database: Database, registry: Registry, replica: Replica | None = None
    ) -> None:
        self.database = database
        self.replica = replica
        self.registry = registry
        self.dialect = DIALECTS[database.name]
        self.tables = tables_of(registry).on(database.trigrams)
        self.statements = statements_of(self.tables, self.dialect)
        self.events = Events(self.dialect)
        self.idempotency_keys = IdempotencyKeys(self.dialect)
        self._readers: dict[tuple[str, tuple[str, ...] | None], Rows] = {}

    @property
    def seals(self) -> Seals:
        """The statements of the sealer. Only an open database knows whether it is distributed."""
        return Seals(self.dialect, self.database.distributed)

    def rows(self, resource: Resource, names: tuple[str, ...] | None = None) -> Rows:
        """What reads rows that hold these columns (default: the resource's fields)."""
        reader = self._readers.get((resource.name, names))
        if reader is None:
            reader = Rows(resource, self.dialect, names or tuple(resource.by_name))
            if len(self._readers) >= _READERS:
                self._readers.pop(next(iter(self._readers)))
            self._readers[resource.name, names] = reader
        return reader

    def state(self, row: Row) -> str:
        """The state that the last columns of a row of `RowStatements.get` tell."""
        revision, updated_at, seen = row[-3:]
        load = self.dialect.load.get(Kind.time)
        if type(updated_at) is Unreadable:
            updated_at = nearest(Kind.time, updated_at)
        elif load:
            updated_at = load(updated_at)
        return item_state(revision, updated_at, seen=seen)

    def values(
        self, statement: Statement, caller: Caller, now: str, named: NamedValues
    ) -> list[Any]:
        """What a statement is run with: the scope's values, the time, and its own."""
        return statement.values({**caller.values, "now": now, **named})

    def query_values(self, resource: Resource, query: Query) -> dict[str, Any]:
        """The named values of a query's statements."""
        return conditions.values(self.dialect, resource, query)

    async def insert(
        self, connection: Connection, resource: Resource, rows: Sequence[NamedValues]
    ) -> None:
        """Insert complete rows (`rows.new_row`) of a resource."""
        one = self.statements.writes.insert(resource)
        if len(rows) == 1:
            await connection.execute(one.text, one.values(rows[0]))
        elif rows and self.dialect.many_at_once:
            many = self.statements.writes.insert_many(resource)
            bound = self.statements.writes.many_values(resource, rows)
            await connection.execute(many.text, many.values(bound))
        elif rows:
            await _each(connection, one, rows)
        await self._insert_versions(connection, resource, rows)
        for link in resource.links:
            await self._insert_links(connection, resource, link.name, rows)

    async def _insert_versions(
        self, connection: Connection, resource: Resource, rows: Sequence[NamedValues]
    ) -> None:
        """Keep the rows as versions, where the resource does."""
        if not resource.versions or not rows:
            return
        versions = [{**row, DELETED: False} for row in rows]
        one = self.statements.versions.insert(resource)
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.statements.versions.insert_many(resource)
            bound = self.statements.versions.many_values(resource, versions)
            await connection.execute(many.text, many.values(bound))
        else:
            await _each(connection, one, versions)

    async def _insert_links(
        self, connection: Connection, resource: Resource, field: str, rows: Sequence[NamedValues]
    ) -> None:
        one = self.statements.writes.insert_links(resource, field)
        links = [
            {**row, "item": row["id"], "target": target} for row in rows for target in row[field]
        ]
        await _each(connection, one, links)

    async def update(
        self,
        connection: Connection,
        resource: Resource,
        caller: Caller,
        now: str,
        rows: Sequence[NamedValues],
    ) -> None:
        """Overwrite rows of a resource, found by their ids within the scope."""
        allowed = {**caller.values, "now": now}
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.statements.writes.update_many(resource, caller.access(resource))
            bound = self.statements.writes.many_values(resource, rows)
            await connection.execute(many.text, many.values({**allowed, **bound}))
        elif rows:
            one = self.statements.writes.update(resource, caller.access(resource))
            new = [
                {**allowed, "id": row["id"], **{f"new_{name}": row[name] for name in row}}
                for row in rows
            ]
            await _each(connection, one, new)
        await self._insert_versions(connection, resource, rows)
        for link in resource.links if rows else ():
            await self._replace_links(connection, resource, link.name, allowed, rows)

    async def _replace_links(
        self,
        connection: Connection,
        resource: Resource,
        field: str,
        allowed: NamedValues,
        rows: Sequence[NamedValues],
    ) -> None:
        delete = self.statements.writes.delete_links(resource, field)
        ids = self.dialect.bind_list(Kind.uuid, [row["id"] for row in rows])
        await connection.execute(delete.text, delete.values({**allowed, "ids": ids}))
        await self._insert_links(connection, resource, field, rows)

    async def decide(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Let answers decide from now on, one a pair (see `DecisionStatements.decide`).

        Every transaction must give them in the same order, so that none waits for another that
        waits for it.
        """
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.statements.decisions.decide_many()
            await connection.execute(
                many.text, many.values(self.statements.decisions.many_values(rows))
            )
        elif rows:
            one = self.statements.decisions.decide()
            await _each(connection, one, rows)

    async def withdraw(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Leave pairs without an answer where these answers decided (`decide` has locked them)."""
        one = self.statements.decisions.withdraw()
        await _each(connection, one, _of_customer(rows))

    async def note_decisions(self, connection: Connection, rows: Sequence[NamedValues]) -> bool:
        """Keep that these answers decide from now on (`decide` has locked their pairs).

        False where a pair's last change is to come after this one: then nothing may be kept.
        """
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.statements.past_decisions.insert_many()
            bound = self.statements.decisions.many_values(rows)
            return await connection.execute(many.text, many.values(bound)) == len(rows)
        one = self.statements.past_decisions.insert()
        if len(rows) == 1:
            return await connection.execute(one.text, one.values(_of_customer(rows)[0])) == 1
        if rows and await self.last_change(connection, rows) > min(row["since"] for row in rows):
            return False
        await _each(connection, one, _of_customer(rows))
        return True

    async def lock_pairs(self, connection: Connection, rows: Sequence[NamedValues]) -> str:
        """Lock what decides for the pairs of these rows; when one of them last changed, or ""."""
        lock = self.statements.past_decisions.lock_pairs()
        await connection.fetch(
            lock.text, lock.values(self.statements.past_decisions.pair_values(rows))
        )
        return await self.last_change(connection, rows)

    async def last_change(self, connection: Connection, rows: Sequence[NamedValues]) -> str:
        """When one of the pairs of these rows last changed, as a clean time; "" if none did."""
        last = self.statements.past_decisions.last_change()
        ((moment,),) = await connection.fetch(
            last.text, last.values(self.statements.past_decisions.pair_values(rows))
        )
        load = self.dialect.load.get(Kind.time, str)
        return "" if moment is None else str(load(moment))

    async def note_withdrawals(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Keep that pairs have no answer from now on, where these answers decide."""
        one = self.statements.past_decisions.insert_withdrawal()
        await _each(connection, one, _of_customer(rows))


def _of_customer(rows: Sequence[NamedValues]) -> list[NamedValues]:
    """The rows, with their customer as that of the scope."""
    return [{**row, "scope_customer": row[CUSTOMER]} for row in rows]


async def _each(connection: Connection, statement: Statement, rows: Sequence[NamedValues]) -> None:
    """Run a statement for each of the rows; for one alone the driver needs half of the time."""
    if len(rows) == 1:
        await connection.execute(statement.text, statement.values(rows[0]))
    elif rows:
        await connection.execute_many(statement.text, [statement.values(row) for row in rows])
