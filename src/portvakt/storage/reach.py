"""The declared steps of `schema.reach` as SQL: one condition of indexed look-ups.

It can be had in two forms. One looks at a row and asks whether a way leads from it to the object:
right for single rows, and for the first rows of many. The other goes from the object to all rows
that belong to it: right for whole lists, and for objects to which few rows belong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from portvakt.schema import reach
from portvakt.schema.decision import Sight
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.scope import Access
from portvakt.storage import gate
from portvakt.storage.dialects import TYPES, Dialect, Expression
from portvakt.storage.tables import Tables, of_customer

Rows = sa.FromClause
Matches = Callable[[Expression], Expression]


def within(
    tables: Tables, resource: Resource, access: Access, *, together: bool = False
) -> Expression:
    """That rows of `resource` belong to the scope's object, which is of the access's level.

    `together`: found from the object, all at once; else looked at one by one. What refers to a row
    by a personal field that the caller may not see leads nowhere.
    """
    steps = _steps_within(tables, access)
    return steps.belonging(resource) if together else steps.condition(resource)


def rows_within(tables: Tables, resource: Resource, access: Access, rows: Rows) -> Expression:
    """That `rows`, an alias of the resource's table, do so: looked at one by one."""
    return _steps_within(tables, access).condition(resource, rows)


def _steps_within(tables: Tables, access: Access) -> _Steps:
    level = access.level or ""
    return _Steps(
        tables, level, _of_scope(tables, level), access.owned, unheld=True, sight=access.sight
    )


def concerns(
    tables: Tables, dialect: Dialect, resource: Resource, access: Access, name: str
) -> Expression:
    """That rows of `resource` belong to one of the real estates in the list parameter `name`."""

    def matches(pk: Expression) -> Expression:
        return dialect.one_of(pk, Kind.uuid, name)

    return _concerned(tables, access, matches, resource)


def concerns_segments(
    tables: Tables, dialect: Dialect, resource: Resource, access: Access, name: str
) -> Expression:
    """The same for the real estates of the segments in the list parameter `name`.

    Where no segments are held, none has a real estate.
    """
    link = tables.links.get(reach.SEGMENTS)
    if link is None:
        return sa.false()
    members = sa.select(link.c.target).where(
        *of_customer(link),
        dialect.one_of(link.c.item, Kind.uuid, name),
    )
    return _concerned(tables, access, lambda pk: pk.in_(members), resource)


def _concerned(
    tables: Tables, access: Access, matches: Matches, resource: Resource
) -> sa.ColumnElement[bool]:
    if resource.platform:  # what is the platform's concerns no customer's real estate
        return sa.false()
    steps = _Steps(tables, reach.REALESTATES, matches, access.owned, sight=access.sight)
    return steps.belonging(resource)


def connected(tables: Tables, resource: Resource, rows: Rows) -> Expression:
    """That the caller's application has connected one of the `rows` with an id of its own.

    Or the item that a row is about, where the resource says so (`Resource.connected_by`).
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
    owner, pair = mapping.owner, mapping.mapping
    if owner is None or pair is None:
        return sa.false()
    theirs = tables[mapping].alias()
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
        *of_customer(theirs),
        theirs.c[owner.field] == _parameter(f"scope_{owner.claim}"),
        theirs.c[pair.reference.content_type] == _constant(content_type_id(kind)),
        theirs.c[pair.reference.object_id] == pk,
    )
    return sa.exists(found.correlate(pk.table))


def _parameter(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=TYPES[Kind.uuid])


def _of_scope(tables: Tables, level: str) -> Matches:
    """What an id must be: that of the scope's object, or of one of its parts at any depth."""
    parent = next(
        (step.parent for step in _steps(tables, level) if isinstance(step, reach.Itself)), None
    )
    if parent is None:
        return lambda pk: pk == _parameter("scope_object")
    # One for all statements, so that it stands once in each that asks for it more than once.
    tree = tables.trees.setdefault(level, _tree(tables.by_resource[level], parent))
    return lambda pk: pk.in_(sa.select(tree.c.id))


def _tree(table: sa.TableClause, parent: str) -> sa.CTE:
    """The scope's object and its parts at any depth, as a table of ids."""
    tree = (
        sa.select(table.c.id)
        .where(*of_customer(table), table.c.id == _parameter("scope_object"))
        .cte("scope_tree", recursive=True)
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


def _steps(tables: Tables, name: str) -> tuple[reach.Step, ...]:
    resource = tables.registry.resources.get(name)
    return resource.reach if resource else ()


class _Path(NamedTuple):
    """One way from a row to a matching object: the tables on it, and what must hold.

    `first` is what the row itself must be; where it isn't, the tables needn't be looked into.
    """

    tables: tuple[Rows, ...]
    conditions: tuple[Expression, ...]
    first: tuple[Expression, ...] = ()

    def after(self, *conditions: Expression, table: Rows | None = None) -> _Path:
        """The same way, entered through a table and under conditions."""
        tables = self.tables if table is None else (table, *self.tables)
        return _Path(tables, (*self.first, *conditions, *self.conditions))


@dataclass(frozen=True)
class _Steps:
    """Walks the steps from a resource to a level; `matches` says which objects there count.

    Each way becomes one EXISTS, or one SELECT of ids, over joined tables: flat, so that no
    database's parser minds how far it leads. With `unheld` a generic reference to an item that we
    don't hold, of which we can't know where it belongs, counts too; so does what is everybody's,
    and what is the caller's own wherever it belongs. With `sight`, a personal field leads on only
    where that sees the person.
    """

    tables: Tables
    level: str
    matches: Matches
    owned: bool
    unheld: bool = False
    sight: Sight | None = None

    def condition(self, resource: Resource, rows: Rows | None = None) -> Expression:
        """That a row of the resource's table, or of its alias, belongs to a matching object."""
        rows = self.tables[resource] if rows is None else rows
        paths = self._paths(resource, rows, frozenset())
        return sa.or_(sa.false(), *(_holds(path, rows) for path in paths))

    def belonging(self, resource: Resource) -> Expression:
        """The same, by the ids of all rows that belong to a matching object."""
        rows = self.tables[resource].alias()
        mine = [*of_customer(rows)]
        if resource.owner and self.owned:  # without it the keys of such rows can't be looked up
            claim = _parameter(f"scope_{resource.owner.claim}")
            mine.append(rows.c[resource.owner.field] == claim)
        found = [
            sa.select(rows.c.id)
            .select_from(rows, *path.tables)
            .where(*mine, *path.first, *path.conditions)
            for path in self._paths(resource, rows, frozenset())
        ]
        return self.tables[resource].c.id.in_(sa.union_all(*found)) if found else sa.false()

    def _paths(self, resource: Resource, rows: Rows, seen: frozenset[str]) -> Iterator[_Path]:
        if resource.name in seen:
            return
        deciding = [step for step in resource.reach if self._decides(step, resource)]
        for step in deciding or resource.reach:
            yield from self._step(step, resource, rows, seen | {resource.name})

    def _decides(self, step: reach.Step, resource: Resource) -> bool:
        """Whether a step alone says where the item belongs at this level."""
        if not isinstance(step, reach.Via) or not step.decides:
            return False
        return resource.targets[step.field] == self.level

    @singledispatchmethod
    def _step(
        self, step: reach.Step, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        raise NotImplementedError(type(step).__name__)

    @_step.register
    def _(
        self, _: reach.Itself, resource: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[_Path]:
        if resource.name == self.level:
            yield _Path((), (self.matches(rows.c.id),))

    @_step.register
    def _(
        self, step: reach.Via, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        target = self.tables.registry.resources[resource.targets[step.field]]
        link = self.tables.links.get((resource.name, step.field))
        if link is None:
            for path in self._belongs(target, rows.c[step.field], seen):
                yield path.after(*self._visible(resource, step.field, rows))
            return
        pairs = link.alias()
        same = (*of_customer(pairs), pairs.c.item == rows.c.id)
        for path in self._belongs(target, pairs.c.target, seen):
            yield path.after(*same, table=pairs)

    def _belongs(self, target: Resource, pk: Expression, seen: frozenset[str]) -> Iterator[_Path]:
        """The ways from the item of `target` with the id `pk`."""
        if target.name == self.level:
            yield _Path((), (self.matches(pk),))
        else:
            yield from self._other(target, lambda others: others.c.id == pk, seen)

    @_step.register
    def _(self, step: reach.Back, _: Resource, rows: Rows, seen: frozenset[str]) -> Iterator[_Path]:
        other = self.tables.registry.resources[step.resource]

        def same(others: Rows) -> Expression:
            refers = others.c[step.field] == rows.c.id
            return sa.and_(refers, *self._visible(other, step.field, others))

        yield from self._other(other, same, seen)

    def _visible(self, resource: Resource, name: str, rows: Rows) -> Iterator[Expression]:
        """That a personal field of the rows may be seen."""
        if self.sight is not None and name in resource.personal:
            yield gate.condition(self.tables, resource, rows, self.sight)

    @_step.register
    def _(
        self, step: reach.ByObject, _: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[_Path]:
        kind, pk = rows.c[step.content_type], rows.c[step.object_id]
        # Where the walk has been, it can't go again: such an item counts as one that isn't held.
        held = [
            other
            for other in self.tables.registry.resources.values()
            if not other.platform
            and other.name not in seen
            and (not step.kinds or other.name in step.kinds)
        ]
        # What is only ever added, such as a log, leads nowhere: nobody connects its rows.
        for other in (one for one in held if not one.append_only):
            of_kind = kind == _constant(content_type_id(other.name))
            for path in self._belongs(other, pk, seen):
                yield path._replace(first=(of_kind,))
        if self.unheld and not step.kinds:
            known = [_constant(content_type_id(other.name)) for other in held]
            yield _Path((), (kind.not_in(known),))

    @_step.register
    def _(
        self, step: reach.Without, _: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[_Path]:
        if self.unheld:
            yield _Path((), (rows.c[step.field].is_(None),))

    @_step.register
    def _(self, step: reach.Mine, _: Resource, rows: Rows, __: frozenset[str]) -> Iterator[_Path]:
        if self.unheld:
            yield _Path((), (rows.c[step.field] == _parameter("scope_activation"),))

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
            yield path.after(*there, table=others)


def _holds(path: _Path, rows: Rows) -> Expression:
    if not path.tables:
        return sa.and_(*path.first, *path.conditions)
    found: sa.Select[Any] = (
        sa.select(sa.literal_column("1"))
        .select_from(*path.tables)
        .where(*path.conditions)
        # Or else PostgreSQL may read whole tables to answer it for all rows at once.
        .offset(sa.literal_column("0"))
    )
    return sa.and_(*path.first, sa.exists(found.correlate(rows)))


def _constant(pk: str) -> sa.BindParameter[Any]:
    return sa.literal(pk, type_=TYPES[Kind.uuid])
