"""A database with the statements that fit it: what the operations work on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portvakt.schema.caller import Caller
from portvakt.schema.entity_tags import item_state
from portvakt.schema.operators import Kind
from portvakt.schema.query import Query
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Database, Row
from portvakt.storage.databases.replica import Replica
from portvakt.storage.databases.unreadable import Unreadable, nearest
from portvakt.storage.events.events import Events
from portvakt.storage.events.seals import Seals
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.rows import Rows
from portvakt.storage.sql.tables import tables_of
from portvakt.storage.statements import conditions
from portvakt.storage.statements.decision_writer import DecisionWriter
from portvakt.storage.statements.idempotency_keys import IdempotencyKeys
from portvakt.storage.statements.row_writer import RowWriter
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
        self.statements = made = statements_of(self.tables, self.dialect)
        self.row_writer = RowWriter(self.dialect, made.writes, made.versions)
        self.decision_writer = DecisionWriter(self.dialect, made.decisions, made.past_decisions)
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
        """What a statement is run with: the caller's values, the time, and its own."""
        return statement.values({**caller.values, "now": now, **named})

    def query_values(self, resource: Resource, query: Query) -> dict[str, Any]:
        """The named values of a query's statements."""
        return conditions.values(self.dialect, resource, query)
