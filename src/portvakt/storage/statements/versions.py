"""Statements that keep every version of an item, where its resource says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import UNBOUNDED, RowAccess
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import past_rows, row_security
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import DELETED, Tables, declared, of_customer, version_columns
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.statement import Statement


@dataclass(frozen=True, slots=True)
class VersionStatements:
    """What writes versions, and looks through all of them."""

    tables: Tables
    dialect: Dialect
    once: Once

    def insert(self, resource: Resource) -> Statement:
        """One new version, its columns by name."""
        kinds = version_columns(resource)
        return self.once(
            ("versions.insert", resource.name),
            lambda: sa.insert(self.tables.versions[resource.name]).values(
                {name: parameter(name, kind) for name, kind in kinds.items()}
            ),
        )

    def insert_many(self, resource: Resource) -> Statement:
        """Many new versions at once, bound by `many_values`."""
        kinds = version_columns(resource)

        def build() -> sa.Insert:
            rows = self.dialect.table_of(kinds, "many_")
            table = self.tables.versions[resource.name]
            return sa.insert(table).from_select(list(kinds), row_security.rows(rows, kinds))

        return self.once(("versions.insert_many", resource.name), build)

    def insert_deletion(self, resource: Resource, access: RowAccess) -> Statement:
        """The last version of the item `id`, which is about to be deleted, if it may be touched."""
        table = self.tables[resource]
        ends = {
            "updated_at": parameter("now", Kind.time),
            "revision": table.c.revision + 1,
            DELETED: parameter("true", Kind.boolean),
        }
        columns = [
            ends[name] if name in ends else table.c[name] for name in version_columns(resource)
        ]

        def build() -> sa.Insert:
            last = (
                row_security.select(View(self.tables, self.dialect, resource, access), columns)
                .where(table.c.id == parameter("id", Kind.uuid))
                .with_for_update()
            )
            names = list(version_columns(resource))
            return sa.insert(self.tables.versions[resource.name]).from_select(names, last)

        return self.once(("versions.insert_deletion", resource.name, access), build)

    def forget(self, resource: Resource) -> Statement:
        """Take what describes people out of every version of the items in the list `ids`."""
        table = self.tables.versions[resource.name]
        gone = {name for name in table.c.keys() if declared(name) in resource.digested}  # noqa: SIM118

        def build() -> sa.Update:
            return (
                sa.update(table)
                .where(*of_customer(table))
                .where(self.dialect.one_of(table.c.id, Kind.uuid, "ids"))
                .values(dict.fromkeys(sorted(gone)))
            )

        return self.once(("versions.forget", resource.name), build)

    def ever(self, resource: Resource, field: str) -> Statement:
        """The ids of the items of which any version had the id `named` in a field, each once."""

        def build() -> sa.Select[Any]:
            view = View(past_rows.ever(self.tables, resource), self.dialect, resource, UNBOUNDED)
            named = parameter("named", Kind.uuid)
            found = row_security.select(view, [view.table.c.id]).where(view.table.c[field] == named)
            return found.distinct().order_by(view.table.c.id)

        return self.once(("versions.ever", resource.name, field), build)

    def many_values(self, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters of `insert_many` for rows of clean values by name."""
        kinds = version_columns(resource)
        return self.dialect.bind_table(
            kinds, "many_", [[row[name] for name in kinds] for row in rows]
        )
