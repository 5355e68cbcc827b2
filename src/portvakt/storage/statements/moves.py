"""Statements for items that change places with others: their keys, and what they are parts of."""

from __future__ import annotations

import sqlalchemy as sa

from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import reach, row_security
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import columns_of
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.writing import WritingStatements


class MovingStatements(WritingStatements):
    """The statements, and those on keys and parents."""

    def set_aside(self, resource: Resource, column: str) -> Statement:
        """Give the item `id` the value `spare` in a column of a unique key."""
        table = self.tables[resource]
        kind = columns_of(resource)[column]
        return self._once(
            ("set_aside", resource.name, column),
            lambda: (
                sa.update(table)
                .where(*row_security.allowed(self.tables, resource, UNBOUNDED))
                .where(table.c.id == parameter("id", Kind.uuid))
                .values({column: parameter("spare", kind)})
            ),
        )

    def ancestors(self, resource: Resource, name: str) -> Statement:
        """Of the items in the list `ids`, and what their field `name` leads up to: id, parent."""
        return self._once(
            ("ancestors", resource.name, name),
            lambda: reach.ancestors(self.tables, self.dialect, resource, name),
        )
