"""The rules of `schema.rows` as SQL: the condition of each, for a caller's access."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import NamedTuple

import sqlalchemy as sa

from portvakt.schema.caller import RowAccess
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.rows import AboutActivation, Connected, OfApplication, RowRule, Within
from portvakt.storage.row_security import reach
from portvakt.storage.sql.dialects import Expression
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import Tables


class Selection(NamedTuple):
    """The rows of which the rules are asked: of `alias`, or else of the resource's table.

    `together`: many rows are read, so that what is in reach is better found all at once.
    """

    tables: Tables
    resource: Resource
    access: RowAccess
    alias: sa.FromClause | None = None
    together: bool = False

    @property
    def rows(self) -> sa.FromClause:
        """The rows."""
        return self.tables[self.resource] if self.alias is None else self.alias


def conditions(selection: Selection) -> Iterator[Expression]:
    """What the access asks of the rows, a condition for each rule that binds it."""
    for rule in selection.resource.row_rules:
        yield from _condition(rule, selection)


@singledispatch
def _condition(rule: RowRule, selection: Selection) -> Iterator[Expression]:
    raise NotImplementedError(type(rule).__name__)


@_condition.register
def _(rule: OfApplication, selection: Selection) -> Iterator[Expression]:
    if selection.access.of_application:
        column = selection.rows.c[rule.field]
        mine = column == parameter("caller_application", selection.resource.stored[rule.field].kind)
        yield _or_unassigned(mine, column) if rule.shared else mine


@_condition.register
def _(rule: AboutActivation, selection: Selection) -> Iterator[Expression]:
    if selection.access.about_activation:
        column = selection.rows.c[rule.field]
        mine = column == parameter("caller_activation", Kind.uuid)
        nullable = selection.resource.stored[rule.field].nullable
        yield _or_unassigned(mine, column) if nullable else mine


@_condition.register
def _(_: Within, selection: Selection) -> Iterator[Expression]:
    tables, resource, access, alias, together = selection
    if access.level is None:
        return
    if alias is None:
        yield reach.within(tables, resource, access, together=together)
    else:
        yield reach.rows_within(tables, resource, access, alias)


@_condition.register
def _(rule: Connected, selection: Selection) -> Iterator[Expression]:
    if selection.access.connected and rule.fields:
        yield reach.connected(selection.tables, selection.resource, selection.rows)


def _or_unassigned(mine: Expression, column: Expression) -> Expression:
    """Rows for which a condition holds, and those without a value in its column."""
    return sa.or_(column.is_(None), mine)
