"""A resource's rows as a caller sees them: what a statement gets of each field.

The one place where a statement gets a field's column. Where the caller may not see an item's
personal information, its personal fields are null here, and therefore in whatever is made of them:
what is shown, filters, search, order, cursors, statistics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import UNBOUNDED, RowAccess
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import row_rules
from portvakt.storage.row_security.masking import Mask, mask
from portvakt.storage.row_security.row_rules import Selection
from portvakt.storage.sql.dialects import TYPES, Dialect, Expression
from portvakt.storage.sql.tables import Tables, declared, of_customer


@dataclass(frozen=True)
class View:
    """The rows of a resource in one database, for an access."""

    tables: Tables
    dialect: Dialect
    resource: Resource
    access: RowAccess = UNBOUNDED

    @property
    def table(self) -> sa.TableClause:
        """The resource's table. Its columns are what is stored; see `column`."""
        return self.tables[self.resource]

    def kind(self, name: str) -> Kind:
        """The kind of a field."""
        return self.resource.columns[name].kind

    @cached_property
    def mask(self) -> Mask | None:
        """What stands before personal fields; None where the caller sees everything."""
        if self.access.accepted_answers is None or not self.resource.personal:
            return None
        return mask(self.tables, self.resource, self.access.accepted_answers, self._within)

    def _within(self, resource: Resource, rows: sa.FromClause) -> Expression:
        """That persons in `rows` are in the caller's reach."""
        found = row_rules.conditions(Selection(self.tables, resource, self.access, rows))
        return sa.and_(sa.true(), *found)

    @property
    def rows(self) -> sa.FromClause:
        """What a statement reads from: the table, and what the mask looks into."""
        if self.mask is None or self.mask.joined is None:
            return self.table
        return self.table.outerjoin(self.mask.joined, self.mask.on)

    @property
    def seen(self) -> Expression:
        """That the caller sees an item's personal fields."""
        return sa.true() if self.mask is None else self.mask.seen

    def _seen(self, name: str, value: Expression) -> Expression:
        if self.mask is None or declared(name) not in self.resource.personal:
            return value
        return sa.case((self.mask.seen, value))

    def column(self, name: str) -> Expression:
        """The column `name` as the caller sees it."""
        return self._seen(name, self.table.c[name])

    def shown(self, name: str) -> Expression:
        """What a select shows of the column or field `name`: of many references, their ids."""
        return self._seen(name, self.stored(name)).label(name)

    def stored(self, name: str) -> Expression:
        """A column or field as it is stored, whether the caller may see it or not: for own work."""
        if (self.resource.name, name) in self.tables.links:
            return self.dialect.ids(self._targets(name)).label(name)
        return self.table.c[name]

    def sort_key(self, name: str) -> Expression:
        """What the field `name` is sorted by: itself, or its text where it has no order."""
        if (self.resource.name, name) in self.tables.links:
            return self.dialect.joined(self._targets(name))
        column = self.column(name)
        return sa.cast(column, TYPES[Kind.text]) if self.kind(name) in JSON else column

    def nullable(self, name: str) -> bool:
        """Whether the sort key of the field `name` may be null, as the caller sees it."""
        hidden = self.mask is not None and name in self.resource.personal
        kind = self.kind(name)
        derived = kind is Kind.references or kind in JSON
        return hidden or derived or self.resource.columns[name].nullable

    def linked(self, name: str, target: Callable[[Expression], Expression] | None) -> Expression:
        """That one of an item's many references is one for which `target` holds (None: any)."""
        found = self._targets(name)
        return sa.exists(found.where(target(found.selected_columns.target)) if target else found)

    def _targets(self, name: str) -> sa.Select[Any]:
        table, link = self.table, self.tables.links[self.resource.name, name]
        same = [link.c.item == table.c.id, *of_customer(link)]
        return sa.select(link.c.target).where(*same).correlate(table)
