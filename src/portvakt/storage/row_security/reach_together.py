"""The declared steps of `schema.paths` from the object to all that belongs to it, at once.

Each resource on the way is found once, as a set of ids, and the next one by joining one table with
that set. A join of all tables on a way would be planned by guesses where a database has no
statistics yet: it takes every table for a row or two, and multiplies them with each other. Of two
there is little to guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

import sqlalchemy as sa

from portvakt.schema import paths
from portvakt.schema.resource import Resource
from portvakt.storage.row_security.reach_steps import Rows, Steps, alike, kind_of, parameter
from portvakt.storage.sql.dialects import Expression, materialized
from portvakt.storage.sql.tables import of_customer

Ids = sa.Select[Any]
"""Selects one column `id`."""

_Key = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Together(Steps):
    """Walks the steps from the level to the rows. `name`: how the sets' names begin."""

    name: str = ""
    sets: dict[_Key, sa.CTE | None] = field(default_factory=dict, compare=False)

    def condition(self, resource: Resource) -> Expression:
        """That a row of the resource's table is among those that belong to a matching object."""
        found = self._set(resource, frozenset())
        if found is None:
            return sa.false()
        return self.tables[resource].c.id.in_(sa.select(found.c.id))

    def _found(self, resource: Resource, seen: frozenset[str]) -> Iterator[Ids]:
        """The ids of the rows of `resource`, a select for each step."""
        for step in self.counting(resource):
            rows = self.tables[resource].alias()
            yield from self._step(step, resource, rows, seen | {resource.name})

    def _set(self, resource: Resource, seen: frozenset[str]) -> sa.CTE | None:
        """The ids as a set, found once for all who ask; None if no way leads to the level."""
        if resource.name in seen:
            return None
        key = resource.name, seen & self._leads_to(resource)
        if key not in self.sets:
            found = list(self._found(resource, seen))
            self.sets[key] = self._distinct(found) if found else None
        return self.sets[key]

    def _distinct(self, found: list[Ids]) -> sa.CTE:
        each = sa.union(*found) if len(found) > 1 else found[0].distinct()
        # Else PostgreSQL may make a join of it that is planned with the others.
        made = each.cte(f"{self.name}_{len(self.sets)}")
        return materialized(made)

    def _leads_to(self, resource: Resource) -> frozenset[str]:
        """The resources on all ways from this one."""
        found: set[str] = set()
        following = [resource]
        while following:
            one = following.pop()
            for step in one.reach:
                for other in self._next(step, one):
                    if other.name not in found:
                        found.add(other.name)
                        following.append(other)
        return frozenset(found)

    def _next(self, step: paths.Step, resource: Resource) -> list[Resource]:
        known = self.tables.registry.resources
        if isinstance(step, paths.RefersTo):
            return [known[resource.targets[step.field]]]
        if isinstance(step, paths.ReferredBy):
            return [known[step.resource]]
        return (
            self.resources_of(step, frozenset())
            if isinstance(step, paths.RefersGenerically)
            else []
        )

    @singledispatchmethod
    def _step(
        self, step: paths.Step, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Ids]:
        raise NotImplementedError(type(step).__name__)

    @_step.register
    def _(
        self, _: paths.IsObject, resource: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[Ids]:
        if resource.name == self.level:
            yield _ids(rows, rows.c.id, self.matches(rows.c.id))

    @_step.register
    def _(
        self, step: paths.RefersTo, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Ids]:
        target = self.tables.registry.resources[resource.targets[step.field]]
        link = self.tables.links.get((resource.name, step.field))
        if link is None:
            visible = self.visible(resource, step.field, rows)
            yield from self._to(target, rows.c.id, rows.c[step.field], rows, seen, *visible)
        else:
            pairs = link.alias()
            yield from self._to(target, pairs.c.item, pairs.c.target, pairs, seen)

    @_step.register
    def _(
        self, step: paths.ReferredBy, _: Resource, __: Rows, seen: frozenset[str]
    ) -> Iterator[Ids]:
        other = self.tables.registry.resources[step.resource]
        others = self.tables[other].alias()
        visible = self.visible(other, step.field, others)
        # What refers to an item belongs to the level only if it says so itself (`IsObject`).
        direct = any(isinstance(one, paths.IsObject) for one in other.reach)
        found = others.c[step.field]
        yield from self._to(other, found, others.c.id, others, seen, *visible, direct=direct)

    @_step.register
    def _(
        self, step: paths.RefersGenerically, resource: Resource, rows: Rows, seen: frozenset[str]
    ) -> Iterator[Ids]:
        kind, pk = rows.c[step.content_type], rows.c[step.object_id]
        held = self.resources_of(step, seen)
        mine = list(self._claimed(resource, rows)) if len(seen) == 1 else []
        things = []
        # What is only ever added, such as a log, leads nowhere: nobody connects its rows.
        for other in (one for one in held if not one.append_only):
            if other.name == self.level:
                yield _ids(rows, rows.c.id, *mine, kind == kind_of(other), self.matches(pk))
            elif (found := self._set(other, seen)) is not None:
                things.append(sa.select(kind_of(other).label("kind"), found.c.id))
        if things:
            thing = sa.union_all(*things).subquery()
            # Where it can be of any kind, there is an index that finds `pk` alone.
            of_kind = kind == thing.c.kind if step.kinds else alike(kind, thing.c.kind)
            yield _ids(rows, rows.c.id, pk == thing.c.id, of_kind).select_from(thing)
        if self.external_counts and not step.kinds:
            yield _ids(rows, rows.c.id, *mine, kind.not_in([kind_of(other) for other in held]))

    def _claimed(self, resource: Resource, rows: Rows) -> Iterator[Expression]:
        """That rows are the caller's own, where each is an application's: it begins an index."""
        rule = resource.of_application
        if rule and self.of_application and not rule.shared:
            yield rows.c[rule.field] == parameter("caller_application")

    @_step.register
    def _(
        self, step: paths.Unassigned, _: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[Ids]:
        if self.external_counts:
            yield _ids(rows, rows.c.id, rows.c[step.field].is_(None))

    @_step.register
    def _(
        self, step: paths.OwnActivation, _: Resource, rows: Rows, __: frozenset[str]
    ) -> Iterator[Ids]:
        if self.external_counts:
            own = rows.c[step.field] == parameter("caller_activation")
            yield _ids(rows, rows.c.id, own)

    def _to(
        self,
        target: Resource,
        found: Expression,
        pk: Expression,
        rows: Rows,
        seen: frozenset[str],
        *conditions: Expression,
        direct: bool = True,
    ) -> Iterator[Ids]:
        """What is `found` in the rows whose `pk` is that of an item of `target` that belongs.

        `direct`: one of the level's matching objects belongs.
        """
        if direct and target.name == self.level:
            yield _ids(rows, found, self.matches(pk), *conditions)
        elif (items := self._set(target, seen)) is not None:
            yield _ids(rows, found, pk == items.c.id, *conditions).select_from(items)


def _ids(rows: Rows, found: Expression, *conditions: Expression) -> Ids:
    return sa.select(found.label("id")).select_from(rows).where(*of_customer(rows), *conditions)
