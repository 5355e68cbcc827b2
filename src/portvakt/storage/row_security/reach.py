"""The declared steps of `schema.paths` as SQL: one condition of indexed look-ups.

It can be had in two forms. One looks at a row and asks whether a way leads from it to the object:
right for single rows, and for the first rows of many. The other goes from the object to all rows
that belong to it: right for whole lists, and for objects to which few rows belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import singledispatchmethod
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from portvakt.schema import paths
from portvakt.schema.caller import RowAccess
from portvakt.schema.decision import AcceptedAnswers
from portvakt.schema.operators import Kind
from portvakt.schema.query import Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.row_security.reach_steps import (
    Matches,
    Rows,
    Steps,
    alike,
    constant,
    kind_of,
    parameter,
)
from portvakt.storage.row_security.reach_together import Together
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.tables import Tables, of_customer


def within(
    tables: Tables, resource: Resource, access: RowAccess, *, together: bool = False
) -> Expression:
    """That rows of `resource` belong to the caller's object, which is of the access's level.

    `together`: found from the object, all at once; else looked at one by one. What refers to a row
    by a personal field that the caller may not see leads nowhere.
    """
    if together:
        return Together(*_within(tables, access), name="within").condition(resource)
    return _OneByOne(*_within(tables, access)).condition(resource)


def is_together(resource: Resource, query: Query) -> bool:
    """Whether the rows in reach of a whole list are best found all at once.

    Those of a log, which may be about anything, can't be found from where they belong. And where
    they are found by what they concern, they needn't be found twice.
    """
    return not (resource.append_only or query.concerned)


def rows_within(tables: Tables, resource: Resource, access: RowAccess, rows: Rows) -> Expression:
    """That `rows`, an alias of the resource's table, do so: looked at one by one."""
    return _OneByOne(*_within(tables, access)).condition(resource, rows)


def _within(
    tables: Tables, access: RowAccess
) -> tuple[Tables, str, Matches, bool, bool, AcceptedAnswers | None]:
    """What `Steps` are made of, for what belongs to the caller's object."""
    level = access.level or ""
    return (
        tables,
        level,
        _of_scope(tables, level),
        access.of_application,
        True,
        access.accepted_answers,
    )


def concerns(
    tables: Tables, dialect: Dialect, resource: Resource, access: RowAccess, name: str
) -> Expression:
    """That rows of `resource` belong to one of the real estates in the list parameter `name`."""

    def matches(pk: Expression) -> Expression:
        return dialect.one_of(pk, Kind.uuid, name)

    return _concerned(tables, access, matches, resource, "estates")


def concerns_segments(
    tables: Tables, dialect: Dialect, resource: Resource, access: RowAccess, name: str
) -> Expression:
    """That rows belong to a real estate of one of the segments in the list parameter `name`.

    Where no segments are held, none has a real estate.
    """
    link = tables.links.get(paths.SEGMENTS)
    if link is None:
        return sa.false()
    members = sa.select(link.c.target).where(
        *of_customer(link),
        dialect.one_of(link.c.item, Kind.uuid, name),
    )
    return _concerned(tables, access, lambda pk: pk.in_(members), resource, "segments")


def _concerned(
    tables: Tables, access: RowAccess, matches: Matches, resource: Resource, name: str
) -> sa.ColumnElement[bool]:
    if resource.platform:  # what is the platform's concerns no customer's real estate
        return sa.false()
    level, accepted = paths.REALESTATES, access.accepted_answers
    together = Together(tables, level, matches, access.of_application, accepted=accepted, name=name)
    return together.condition(resource)


def connected(tables: Tables, resource: Resource, rows: Rows) -> Expression:
    """That the caller's application has connected one of the `rows` with an id of its own.

    Or the item that a row is about, where the resource says so (`schema.rows.Connected`).
    """
    kinds = {"id": resource.name, **resource.targets}
    return sa.or_(
        sa.false(),
        *(
            _is_connected(tables, mapping, kinds[name], cast("sa.Column[Any]", rows.c[name]))
            for name in resource.connected_by
            for mapping in tables.registry.mappings
        ),
    )


def _is_connected(
    tables: Tables, mapping: Resource, kind: str, pk: sa.Column[Any]
) -> sa.ColumnElement[bool]:
    """That a row of `mapping` is the caller's and names the item `pk` of the resource `kind`."""
    mine, pair = mapping.of_application, mapping.mapping
    if mine is None or pair is None:
        return sa.false()
    theirs = tables[mapping].alias()
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
        *of_customer(theirs),
        alike(theirs.c[mine.field], parameter("caller_application")),
        alike(theirs.c[pair.reference.content_type], constant(content_type_id(kind))),
        theirs.c[pair.reference.object_id] == pk,
    )
    # The offset for the same reason as in `_Path.through`.
    return sa.exists(found.offset(sa.literal_column("0")).correlate(pk.table))


def _of_scope(tables: Tables, level: str) -> Matches:
    """What an id must be: that of the caller's object, or of one of its parts at any depth."""
    parent = next(
        (step.parent for step in _steps(tables, level) if isinstance(step, paths.IsObject)), None
    )
    if parent is None:
        return lambda pk: pk == parameter("caller_object")
    # One for all statements, so that it stands once in each that asks for it more than once.
    tree = tables.trees.setdefault(level, _tree(tables.by_resource[level], parent))
    return lambda pk: pk.in_(sa.select(tree.c.id))


def _tree(table: sa.TableClause, parent: str) -> sa.CTE:
    """The caller's object and its parts at any depth, as a table of ids."""
    tree = (
        sa.select(table.c.id)
        .where(*of_customer(table), table.c.id == parameter("caller_object"))
        .cte("caller_tree", recursive=True)
    )
    parts = table.alias()
    return tree.union(
        sa.select(parts.c.id).join(tree, parts.c[parent] == tree.c.id).where(*of_customer(parts))
    )


def ancestors(tables: Tables, dialect: Dialect, resource: Resource, parent: str) -> sa.Select[Any]:
    """The items of the list `ids`, and those that they are parts of, at any depth: id, parent.

    For our own work, whatever the caller's reach. Each once, so that it ends in a ring too.
    """
    table, above = tables[resource], tables[resource].alias()
    one_of = dialect.one_of(table.c.id, Kind.uuid, "ids")
    tree = (
        sa.select(table.c.id, table.c[parent])
        .where(*of_customer(table), one_of)
        .cte("above", recursive=True)
    )
    tree = tree.union(
        sa.select(above.c.id, above.c[parent])
        .join(tree, above.c.id == tree.c[parent])
        .where(*of_customer(above))
    )
    return sa.select(tree.c.id, tree.c[parent])


def _steps(tables: Tables, name: str) -> tuple[paths.Step, ...]:
    resource = tables.registry.resources.get(name)
    return resource.reach if resource else ()


class _Path(NamedTuple):
    """One way from a row to a matching object: what must hold.

    `first` is what the row itself must be; where it isn't, nothing needs to be looked into.
    """

    conditions: tuple[Expression, ...]
    first: tuple[Expression, ...] = ()

    def after(self, *conditions: Expression) -> _Path:
        """This way, entered under more conditions."""
        return _Path((*self.first, *conditions, *self.conditions))

    def through(self, table: Rows, *conditions: Expression) -> _Path:
        """This way, entered through a row of `table` for which the conditions hold."""
        found: sa.Select[Any] = (
            sa.select(sa.literal_column("1"))
            .select_from(table)
            .where(*conditions, *self.first, *self.conditions)
            # Or else PostgreSQL plans all tables of a way as one join. It may read whole ones then
            # to answer it for all rows at once; and where it has no statistics, multiply them.
            .offset(sa.literal_column("0"))
        )
        return _Path((sa.exists(found.correlate_except(table)),))


class _OneByOne(Steps):
    """Walks the steps from a row to the level.

    Each way becomes an EXISTS of one table, within which is that of the next one, and so on: it is
    looked into in this order, whatever a database knows of the tables.
    """

    def condition(self, resource: Resource, rows: Rows | None = None) -> Expression:
        """That a row of the resource's table, or of its alias, belongs to a matching object."""
        rows = self.tables[resource] if rows is None else rows
        paths = self._paths(resource, rows, frozenset())
        return sa.or_(sa.false(), *(sa.and_(*path.first, *path.conditions) for path in paths))

    def _paths(self, resource: Resource, rows: Rows, seen: frozenset[str]) -> Iterator[_Path]:
        if resource.name in seen:
            return
        for step in self.counting(resource):
            yield from self._step(step, resource, rows, seen | {resource.name})

    @singledispatchmethod
    def _step(
        self, step: paths.Step, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        raise NotImplementedError(type(step).__name__)

    @_step.register
    def _(
        self, _: paths.IsObject, resource: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[_Path]:
        if resource.name == self.level:
            yield _Path((self.matches(rows.c.id),))

    @_step.register
    def _(
        self, step: paths.RefersTo, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        target = self.tables.registry.resources[resource.targets[step.field]]
        link = self.tables.links.get((resource.name, step.field))
        if link is None:
            for path in self._belongs(target, rows.c[step.field], seen):
                yield path.after(*self.visible(resource, step.field, rows))
            return
        pairs = link.alias()
        same = (*of_customer(pairs), pairs.c.item == rows.c.id)
        for path in self._belongs(target, pairs.c.target, seen):
            yield path.through(pairs, *same)

    def _belongs(self, target: Resource, pk: Expression, seen: frozenset[str]) -> Iterator[_Path]:
        """The ways from the item of `target` with the id `pk`."""
        if target.name == self.level:
            yield _Path((self.matches(pk),))
        else:
            yield from self._other(target, lambda others: others.c.id == pk, seen)

    @_step.register
    def _(
        self, step: paths.ReferredBy, _: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        other = self.tables.registry.resources[step.resource]

        def same(others: Rows) -> Expression:
            refers = others.c[step.field] == rows.c.id
            return sa.and_(refers, *self.visible(other, step.field, others))

        yield from self._other(other, same, seen)

    @_step.register
    def _(
        self, step: paths.RefersGenerically, _: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        kind, pk = rows.c[step.content_type], rows.c[step.object_id]
        held = self.resources_of(step, seen)
        # What is only ever added, such as a log, leads nowhere: nobody connects its rows.
        for other in (one for one in held if not one.append_only):
            of_kind = kind == kind_of(other)
            for path in self._belongs(other, pk, seen):
                yield path._replace(first=(of_kind,))
        if self.external_counts and not step.kinds:
            known = [kind_of(other) for other in held]
            yield _Path((kind.not_in(known),))

    @_step.register
    def _(
        self, step: paths.Unassigned, _: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[_Path]:
        if self.external_counts:
            yield _Path((rows.c[step.field].is_(None),))

    @_step.register
    def _(
        self, step: paths.OwnActivation, _: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[_Path]:
        if self.external_counts:
            yield _Path((rows.c[step.field] == parameter("caller_activation"),))

    def _other(
        self,
        other: Resource,
        same: Callable[[Rows], Expression],
        seen: frozenset[str],
    ) -> Iterator[_Path]:
        """The ways from a row of another resource that is the `same`."""
        others = self.tables[other].alias()
        there = (*of_customer(others), same(others))
        for path in self._paths(other, others, seen):
            yield path.through(others, *there)
