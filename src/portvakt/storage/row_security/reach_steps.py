"""What both forms of a condition of reach share: who asks, and which steps count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema import paths
from portvakt.schema.decision import AcceptedAnswers
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import masking
from portvakt.storage.sql.dialects import TYPES, Expression
from portvakt.storage.sql.tables import Tables

Rows = sa.FromClause
Matches = Callable[[Expression], Expression]


@dataclass(frozen=True)
class Steps:
    """The steps from resources to a level; `matches` says which objects there count.

    With `external_counts` a generic reference to an item that we don't hold, of which we can't know
    where it belongs, counts too; so does what is everybody's, and what is the caller's own wherever
    it belongs. With `of_application` only the rows of the caller's application count, where a
    resource's are of one. With `accepted`, a personal field leads on only where that sees
    the person.
    """

    tables: Tables
    level: str
    matches: Matches
    of_application: bool
    external_counts: bool = False
    accepted: AcceptedAnswers | None = None

    def counting(self, resource: Resource) -> tuple[paths.Step, ...]:
        """The steps that count: the one that alone says where the item belongs at this level."""
        alone = tuple(step for step in resource.reach if self._is_only(step, resource))
        return alone or resource.reach

    def _is_only(self, step: paths.Step, resource: Resource) -> bool:
        if not isinstance(step, paths.RefersTo) or not step.only:
            return False
        return resource.targets[step.field] == self.level

    def visible(self, resource: Resource, name: str, rows: Rows) -> Iterator[Expression]:
        """That a personal field of the rows may be seen."""
        if self.accepted is not None and name in resource.personal:
            yield masking.condition(self.tables, resource, rows, self.accepted)

    def resources_of(self, step: paths.RefersGenerically, seen: frozenset[str]) -> list[Resource]:
        """The resources whose items a generic reference can lead to.

        Where the walk has been, it can't go again: such an item counts as one that isn't held.
        """
        return [
            other
            for other in self.tables.registry.resources.values()
            if not other.platform
            and other.name not in seen
            and (not step.kinds or other.name in step.kinds)
        ]


def parameter(name: str) -> sa.BindParameter[Any]:
    """A parameter that holds an id."""
    return sa.bindparam(name, type_=TYPES[Kind.uuid])


def kind_of(resource: Resource) -> sa.BindParameter[Any]:
    """The id of a resource's content type."""
    return constant(content_type_id(resource.name))


def constant(pk: str) -> sa.BindParameter[Any]:
    """An id that stands in the statement's text."""
    return sa.literal(pk, type_=TYPES[Kind.uuid])


def alike(value: Expression, other: Expression) -> Expression:
    """That they are equal, in a form that no index of PostgreSQL's serves.

    For what is the same in many rows, beside what is in few: without statistics PostgreSQL takes
    an index of the one for as good as that of the other.
    """
    return value.is_not_distinct_from(other)
