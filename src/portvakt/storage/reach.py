"""The declared steps of `schema.reach` as SQL: one condition, of nested and indexed EXISTS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

import sqlalchemy as sa

from portvakt.schema import reach
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.dialects import TYPES, Dialect, Expression
from portvakt.storage.tables import CUSTOMER, Tables

Rows = sa.FromClause
Matches = Callable[[Expression], Expression]


def within(tables: Tables, resource: Resource, level: str) -> Expression:
    """That rows of `resource` belong to the scope's object, which is of this level."""
    return _Steps(tables, level, _of_scope(tables, level)).condition(resource)


def concerns(tables: Tables, dialect: Dialect, resource: Resource, name: str) -> Expression:
    """That rows of `resource` belong to one of the real estates in the list parameter `name`."""

    def matches(pk: Expression) -> Expression:
        return dialect.one_of(pk, Kind.uuid, name)

    return _Steps(tables, reach.REALESTATES, matches).condition(resource)


def concerns_segments(
    tables: Tables, dialect: Dialect, resource: Resource, name: str
) -> Expression:
    """The same for the real estates of the segments in the list parameter `name`."""
    link = tables.links[reach.SEGMENTS]
    members = sa.select(link.c.target).where(
        link.c[CUSTOMER] == _parameter("scope_customer"),
        dialect.one_of(link.c.item, Kind.uuid, name),
    )
    return _Steps(tables, reach.REALESTATES, lambda pk: pk.in_(members)).condition(resource)


def _parameter(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=TYPES[Kind.uuid])


def _of_scope(tables: Tables, level: str) -> Matches:
    """What an id must be: that of the scope's object, or of one of its parts at any depth."""
    parent = next(
        (step.parent for step in _steps(tables, level) if isinstance(step, reach.Itself)), None
    )
    if parent is None:
        return lambda pk: pk == _parameter("scope_object")
    table = tables.by_resource[level]
    mine = table.c[CUSTOMER] == _parameter("scope_customer")
    tree = (
        sa.select(table.c.id)
        .where(mine, table.c.id == _parameter("scope_object"))
        .cte("scope_tree", recursive=True)
    )
    parts = table.alias()
    tree = tree.union(
        sa.select(parts.c.id)
        .join(tree, parts.c[parent] == tree.c.id)
        .where(parts.c[CUSTOMER] == _parameter("scope_customer"))
    )
    return lambda pk: pk.in_(sa.select(tree.c.id))


def _steps(tables: Tables, name: str) -> tuple[reach.Step, ...]:
    resource = tables.registry.resources.get(name)
    return resource.reach if resource else ()


@dataclass(frozen=True)
class _Steps:
    """Walks the steps from a resource to a level; `matches` says which objects there count."""

    tables: Tables
    level: str
    matches: Matches

    def condition(self, resource: Resource) -> Expression:
        """That a row of the resource's table belongs to a matching object."""
        found = self._found(resource, self.tables[resource], frozenset())
        return sa.or_(sa.false(), *found)

    def _found(self, resource: Resource, rows: Rows, seen: frozenset[str]) -> list[Expression]:
        if resource.name in seen:
            return []
        here = seen | {resource.name}
        return [
            condition
            for step in resource.reach
            for condition in self._step(step, resource, rows, here)
        ]

    @singledispatchmethod
    def _step(
        self, step: reach.Step, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Expression]:
        raise NotImplementedError(type(step).__name__)

    @_step.register
    def _(
        self, _: reach.Itself, resource: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[Expression]:
        if resource.name == self.level:
            yield self.matches(rows.c.id)

    @_step.register
    def _(
        self, step: reach.Via, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Expression]:
        link = self.tables.links.get((resource.name, step.field))
        if link is None:
            yield from self._belongs(resource, step.field, rows.c[step.field], rows, seen)
            return
        pairs = link.alias()
        same = [pairs.c.item == rows.c.id, pairs.c[CUSTOMER] == rows.c[CUSTOMER]]
        for condition in self._belongs(resource, step.field, pairs.c.target, pairs, seen):
            yield sa.exists().where(*same, condition).correlate(rows)

    def _belongs(
        self,
        resource: Resource,
        field: str,
        pk: Expression,
        rows: Rows,
        seen: frozenset[str],
    ) -> Iterator[Expression]:
        """That the item with the id `pk`, which `field` refers to, belongs."""
        target = self.tables.registry.resources[resource.targets[field]]
        if target.name == self.level:
            yield self.matches(pk)
        else:
            yield from self._other(target, lambda others: others.c.id == pk, rows, seen)

    @_step.register
    def _(
        self, step: reach.Back, _: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Expression]:
        other = self.tables.registry.resources[step.resource]
        yield from self._other(other, lambda others: others.c[step.field] == rows.c.id, rows, seen)

    @_step.register
    def _(
        self, step: reach.ByObject, _: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Expression]:
        kind, pk = rows.c[step.content_type], rows.c[step.object_id]
        held = [r for r in self.tables.registry.resources.values() if not r.platform]
        for other in held:
            own_kind = kind == _constant(content_type_id(other.name))
            for condition in self._other(other, lambda others: others.c.id == pk, rows, seen):
                yield sa.and_(own_kind, condition)
        yield kind.not_in([_constant(content_type_id(other.name)) for other in held])

    def _other(
        self,
        other: Resource,
        same: Callable[[Rows], Expression],
        rows: Rows,
        seen: frozenset[str],
    ) -> Iterator[Expression]:
        """That there is a row of another resource that is the `same`, and belongs."""
        others = self.tables[other].alias()
        found = self._found(other, others, seen)
        if found:
            yield (
                sa.exists()
                .where(others.c[CUSTOMER] == rows.c[CUSTOMER], same(others), sa.or_(*found))
                .correlate(rows)
            )


def _constant(pk: str) -> sa.BindParameter[Any]:
    return sa.bindparam(None, pk, type_=TYPES[Kind.uuid], unique=True)
