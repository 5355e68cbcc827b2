"""The consent mask as SQL: whether the caller may see an item's personal information.

A resource says in `privacy` (`schema.privacy`) whose information its items hold. The answer that
decides for a person is one row of `tables.decisions`, found by its key; one that doesn't count any
more isn't found (`_deciding`). Which answers let an integration see a person is its
`AcceptedAnswers`, made from the one decision table (`schema.decision`). The conditions are never
null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from portvakt.schema.decision import ANSWERS, AcceptedAnswers
from portvakt.schema.known import CUSTOMERS
from portvakt.schema.operators import Kind
from portvakt.schema.paths import RefersTo
from portvakt.schema.privacy import Person, PersonStep
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import TYPES, Expression
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import CUSTOMER, Tables, of_customer

Rows = sa.FromClause
Within = Callable[[Resource, Rows], Expression]
"""The condition that rows of a resource are in the caller's reach."""


class Mask(NamedTuple):
    """What a statement joins, on what condition (None: nothing), and when items may be seen."""

    joined: Rows | None
    on: Expression
    seen: Expression


MASK_ALL = Mask(None, sa.true(), sa.false())


def decided(tables: Tables, resource: Resource) -> tuple[Rows, Expression]:
    """The decisions, and the condition that one counts for the person in a row of `resource`."""
    table, decision = tables[resource], tables.decisions.alias("decision")
    # Made to depend on the row, so that a decision can be found by no less than its whole key:
    # without statistics PostgreSQL takes a part of it for as good, and reads all for each row.
    asking = sa.case((table.c.id.is_not(None), parameter("caller_activation", Kind.uuid)))
    return decision, _deciding(tables, decision, resource, table, asking)


def mask(tables: Tables, resource: Resource, accepted: AcceptedAnswers, within: Within) -> Mask:
    """The mask before the rows of `resource`: found out once a row, however many fields ask."""
    if not accepted or not resource.persons:
        return MASK_ALL
    table = tables[resource]
    first = resource.persons[0]
    if isinstance(first, Person) and len(resource.persons) == 1:
        if len(accepted) == len(ANSWERS):  # whatever the answer is: none is looked up
            return Mask(None, sa.true(), sa.and_(sa.true(), *_not_forbidden(first, table)))
        decision, on = decided(tables, resource)
        seen = sa.and_(*_not_forbidden(first, table), _counts(decision.c.yes, accepted))
        return Mask(decision, on, seen)
    # A row of something that is there in any case, if the condition holds.
    customer = tables.by_resource[CUSTOMERS].alias("gate")
    holds = condition(tables, resource, table, accepted, within)
    on = sa.and_(customer.c.id == table.c[CUSTOMER], holds)
    return Mask(customer, on, customer.c.id.is_not(None))


def condition(
    tables: Tables,
    resource: Resource,
    rows: Rows,
    accepted: AcceptedAnswers,
    within: Within | None = None,
) -> Expression:
    """That the caller sees the personal fields of `rows`, which may be an alias of the table.

    With `within`, a person who has an item counts only where the caller reaches the person.
    """
    if not accepted:
        return sa.false()
    steps = _Steps(tables, accepted, within)
    return sa.or_(sa.false(), *(steps.holds(step, resource, rows) for step in resource.persons))


class _Steps(NamedTuple):
    tables: Tables
    accepted: AcceptedAnswers
    within: Within | None

    def holds(self, step: PersonStep, resource: Resource, rows: Rows) -> Expression:
        """That a step leads from the rows to a person who may be seen."""
        if isinstance(step, Person):
            conditions = (*_not_forbidden(step, rows), *self._answered(resource, rows))
            return sa.and_(sa.true(), *conditions)
        if isinstance(step, RefersTo):
            other = self.tables.registry.resources[resource.targets[step.field]]
            return self._some(other, rows, lambda others: others.c.id == rows.c[step.field])
        other = self.tables.registry.resources[step.resource]
        return self._some(other, rows, lambda others: others.c[step.field] == rows.c.id)

    def _some(self, other: Resource, rows: Rows, same: Callable[[Rows], Expression]) -> Expression:
        others = self.tables[other].alias()
        conditions = [
            *of_customer(others),
            same(others),
            condition(self.tables, other, others, self.accepted, self.within),
        ]
        if self.within:
            conditions.append(self.within(other, others))
        return _exists(others, conditions, rows)

    def _answered(self, resource: Resource, rows: Rows) -> Iterator[Expression]:
        if len(self.accepted) == len(ANSWERS):
            return
        decision = self.tables.decisions.alias()
        asking = parameter("caller_activation", Kind.uuid)
        pair = _deciding(self.tables, decision, resource, rows, asking)
        counts = _counts(decision.c.yes, self.accepted)
        if None in self.accepted:  # no answer, of which there is no row, counts too
            yield sa.not_(_exists(decision, [pair, sa.not_(counts)], rows))
        else:
            yield _exists(decision, [pair, counts], rows)


def _exists(found: Rows, conditions: list[Expression], rows: Rows) -> Expression:
    one: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(found).where(*conditions)
    # With an offset PostgreSQL doesn't read whole tables to answer it for all rows at once.
    return sa.exists(one.offset(sa.literal_column("0")).correlate(rows))


def _not_forbidden(step: Person, rows: Rows) -> Iterator[Expression]:
    if step.sharing:
        sharing = rows.c[step.sharing]
        yield sa.or_(sharing.is_(None), sharing == parameter("true", Kind.boolean))


def _counts(yes: Expression, accepted: AcceptedAnswers) -> Expression:
    """That an answer, null where there is none, is one of those that count."""
    true = parameter("true", Kind.boolean)
    found: dict[bool | None, Expression] = {
        None: yes.is_(None),
        True: sa.and_(yes.is_not(None), yes == true),
        False: sa.and_(yes.is_not(None), yes != true),
    }
    return sa.or_(*(found[one] for one in accepted))


def _deciding(
    tables: Tables, decision: Rows, resource: Resource, rows: Rows, asking: Expression
) -> Expression:
    """That a decision is the caller's, an integration, on the person in `rows`, and counts now."""
    kind = sa.literal(content_type_id(resource.name), type_=TYPES[Kind.uuid])
    return sa.and_(
        *of_customer(decision),
        decision.c.integration == asking,
        decision.c.kind == kind,
        decision.c.person == rows.c.id,
        not_over(tables, decision),
    )


def not_over(tables: Tables, decision: Rows) -> Expression:
    """That the answer of a decision of the caller's activation still counts.

    The one place that says when an answer is over: from the moment on at which it expires; and,
    where only a yes counts, once a later notice said that something material has changed.
    """
    expires_at, version = decision.c.expires_at, decision.c.notice_version
    strict = parameter("caller_strict", Kind.boolean) == parameter("true", Kind.boolean)
    return sa.and_(
        sa.or_(expires_at.is_(None), expires_at > parameter("now", Kind.time)),
        sa.or_(version.is_(None), sa.not_(strict), version >= _least_version(tables)),
    )


def _least_version(tables: Tables) -> Expression:
    """The version that persons must have been told of for the caller's activation: found once."""
    answers = tables.registry.answers
    if answers is None or answers.answers is None:
        return sa.literal(0)
    told = answers.answers.notice
    notice = tables.by_resource[answers.targets[told.field]].alias("notice")
    about = notice.c[told.integration]
    latest = sa.select(sa.func.coalesce(sa.func.max(notice.c[told.version]), 0)).where(
        *of_customer(notice),
        notice.c[told.material] == parameter("true", Kind.boolean),
        sa.or_(about.is_(None), about == parameter("caller_activation", Kind.uuid)),
    )
    return latest.correlate(None).scalar_subquery()
