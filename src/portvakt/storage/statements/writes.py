"""Statements that write the rows of a resource, one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import UNBOUNDED, RowAccess
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import row_security
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import (
    CUSTOMER,
    Tables,
    columns_of,
    link_columns,
    of_customer,
)
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.statement import Statement


@dataclass(frozen=True, slots=True)
class WriteStatements:
    """What writes rows, and the links of their many references."""

    tables: Tables
    dialect: Dialect
    once: Once

    def insert(self, resource: Resource) -> Statement:
        """One new row, its columns by name."""
        table = self.tables[resource]
        return self.once(
            ("writes.insert", resource.name),
            lambda: sa.insert(table).values(
                {name: parameter(name, kind) for name, kind in columns_of(resource).items()}
            ),
        )

    def insert_many(self, resource: Resource) -> Statement:
        """Many new rows at once, bound by `many_values`."""
        kinds = columns_of(resource)

        def build() -> sa.Insert:
            rows = self.dialect.table_of(kinds, "many_")
            return sa.insert(self.tables[resource]).from_select(
                list(kinds), row_security.rows(rows, kinds)
            )

        return self.once(("writes.insert_many", resource.name), build)

    def update(self, resource: Resource, access: RowAccess) -> Statement:
        """An UPDATE of all columns of one row that the caller may touch, by name; the key stays."""
        table = self.tables[resource]
        return self.once(
            ("writes.update", resource.name, access),
            lambda: (
                sa.update(table)
                .where(*row_security.allowed(self.tables, resource, access))
                .where(table.c.id == parameter("id", Kind.uuid))
                .values(
                    {name: parameter(f"new_{name}", kind) for name, kind in self._changed(resource)}
                )
            ),
        )

    def update_many(self, resource: Resource, access: RowAccess) -> Statement:
        """An UPDATE of all columns of many rows the caller may touch, bound by `many_values`."""
        table = self.tables[resource]
        kinds = columns_of(resource)

        def build() -> sa.Update:
            rows = self.dialect.table_of(kinds, "many_")
            return (
                sa.update(table)
                .where(*row_security.allowed(self.tables, resource, access))
                .where(table.c.id == rows.c.id)
                .values({name: rows.c[name] for name, _ in self._changed(resource)})
            )

        return self.once(("writes.update_many", resource.name, access), build)

    def _changed(self, resource: Resource) -> list[tuple[str, Kind]]:
        fixed = (CUSTOMER, "id", "created_at")
        return [(name, kind) for name, kind in columns_of(resource).items() if name not in fixed]

    def many_values(self, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters of `insert_many` and `update_many` for rows of clean values by name."""
        kinds = columns_of(resource)
        return self.dialect.bind_table(
            kinds, "many_", [[row[name] for name in kinds] for row in rows]
        )

    def insert_links(self, resource: Resource, field: str) -> Statement:
        """One link of a field with many references, its columns by name."""
        link = self.tables.links[resource.name, field]
        return self.once(
            ("writes.insert_links", resource.name, field),
            lambda: sa.insert(link).values(
                {name: parameter(name, kind) for name, kind in link_columns(resource).items()}
            ),
        )

    def delete_links(self, resource: Resource, field: str) -> Statement:
        """All links of that field of the items in the list `ids`."""
        link = self.tables.links[resource.name, field]
        return self.once(
            ("writes.delete_links", resource.name, field),
            lambda: sa.delete(link).where(
                *of_customer(link),
                self.dialect.one_of(link.c.item, Kind.uuid, "ids"),
            ),
        )

    def delete(self, resource: Resource, access: RowAccess) -> Statement:
        """The item `id`, if the caller may touch it."""
        table = self.tables[resource]
        return self.once(
            ("writes.delete", resource.name, access),
            lambda: (
                sa.delete(table)
                .where(*row_security.allowed(self.tables, resource, access))
                .where(table.c.id == parameter("id", Kind.uuid))
            ),
        )

    def delete_before(self, resource: Resource, name: str) -> Statement:
        """All items of a resource of the platform whose time `name` lies before `before`."""
        table = self.tables[resource]
        return self.once(
            ("writes.delete_before", resource.name, name),
            lambda: (
                sa.delete(table)
                .where(*row_security.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c[name] < parameter("before", Kind.time))
            ),
        )

    def touch(self, resource: Resource, name: str) -> Statement:
        """Set one time of the item `id` to `now` without a new revision (a last use).

        Only where none since `before` is written already, perhaps by another process.
        """
        table = self.tables[resource]
        return self.once(
            ("writes.touch", resource.name, name),
            lambda: (
                sa.update(table)
                .where(*row_security.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c.id == parameter("id", Kind.uuid))
                .where(
                    sa.or_(
                        table.c[name].is_(None),
                        table.c[name] <= parameter("before", Kind.time),
                    )
                )
                .values({name: parameter("now", Kind.time)})
            ),
        )

    def set_aside(self, resource: Resource, column: str) -> Statement:
        """Give the item `id` the value `spare` in a column of a unique key."""
        table = self.tables[resource]
        kind = columns_of(resource)[column]
        return self.once(
            ("writes.set_aside", resource.name, column),
            lambda: (
                sa.update(table)
                .where(*row_security.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c.id == parameter("id", Kind.uuid))
                .values({column: parameter("spare", kind)})
            ),
        )
