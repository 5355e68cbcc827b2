"""Rows and decisions as they were at a past moment, and the changes that decisions make.

Statements that begin here name the customer as those of `storage.row_security` do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import masking
from portvakt.storage.sql.decision_table import DECISION_COLUMNS, DECISION_KEY, NUMBER
from portvakt.storage.sql.dialects import TYPES, Expression
from portvakt.storage.sql.parameters import is_true, parameter
from portvakt.storage.sql.tables import Tables, of_customer


def as_of(tables: Tables, resource: Resource) -> Tables:
    """The tables with that of `resource` as it was at the moment `as_of`.

    It holds the newest version of each item that was written by then, unless that is deleted.
    """
    version = tables.versions[resource.name]
    newer = version.alias()
    moment = parameter("as_of", Kind.time)
    superseded = sa.exists(
        sa.select(sa.literal_column("1")).where(
            *of_customer(newer),
            newer.c.id == version.c.id,
            newer.c.revision > version.c.revision,
            newer.c.updated_at <= moment,
        )
    )
    then = (
        sa.select(*(version.c[column.name] for column in tables[resource].columns))
        .where(*of_customer(version), version.c.updated_at <= moment)
        .where(sa.not_(is_true(version.c.deleted)), sa.not_(superseded))
        .subquery(tables[resource].name)
    )
    return tables.with_rows(resource, then)


def ever(tables: Tables, resource: Resource) -> Tables:
    """The tables with that of `resource` holding every version of each item, deleted or not."""
    return tables.with_rows(resource, tables.versions[resource.name])


def decided_then(tables: Tables, columns: Sequence[Expression]) -> sa.Select[Any]:
    """Of each pair's changes the last one that was made by `as_of`, if its answer counted then.

    Of the caller's activation and a `kind` of persons. `now` is to be that moment too.
    """
    past = tables.past_decisions
    newer = past.alias()
    moment = parameter("as_of", Kind.time)
    superseded = sa.exists(
        sa.select(sa.literal_column("1")).where(
            *of_customer(newer),
            *(newer.c[name] == past.c[name] for name in DECISION_KEY[1:]),
            newer.c[NUMBER] > past.c[NUMBER],
            newer.c.since <= moment,
        )
    )
    return sa.select(*columns).where(
        *of_customer(past),
        past.c.integration == parameter("caller_activation", Kind.uuid),
        past.c.kind == parameter("kind", Kind.uuid),
        past.c.since <= moment,
        past.c.yes.is_not(None),
        sa.not_(superseded),
        masking.not_over(_notices_then(tables), past),
    )


def _notices_then(tables: Tables) -> Tables:
    """The tables with the notices that answers name as they were at the moment `as_of`."""
    answers = tables.registry.answers
    if answers is None or answers.answers is None:
        return tables
    notices = answers.targets[answers.answers.notice.field]
    return as_of(tables, tables.registry.resources[notices])


def of_pairs(table: sa.TableClause, pairs: sa.FromClause, column: Expression) -> sa.Select[Any]:
    """A column of the customer's rows of a table of decisions that are of one of these pairs."""
    wanted = sa.select(*(pairs.c[name] for name in DECISION_KEY[1:]))
    pair = sa.tuple_(*(table.c[name] for name in DECISION_KEY[1:]))
    return sa.select(column).where(*of_customer(table), pair.in_(wanted))


def last_change(tables: Tables, pairs: sa.FromClause) -> sa.Select[Any]:
    """When one of these pairs of the customer last changed, each read from its last change."""
    past = tables.past_decisions.alias()
    each = _of_pair(past, pairs.c.__getitem__, past.c.since)
    last = each.order_by(past.c[NUMBER].desc()).limit(sa.literal_column("1"))
    when = last.correlate_except(past).scalar_subquery()
    return sa.select(sa.func.max(when, type_=past.c.since.type)).select_from(pairs)


def next_change(tables: Tables, row: Callable[[str], Expression]) -> sa.Select[Any]:
    """`PAST_DECISION_COLUMNS` of a pair's next change, for an INSERT; `row` gives its own columns.

    None where the last one was later, or made at once by an answer that is listed later.
    """
    past = tables.past_decisions.alias()
    at_once = sa.and_(past.c.since == row("since"), past.c.answer <= row("answer"))
    follows = _of_pair(past, row, sa.or_(past.c.since < row("since"), at_once))
    last = follows.order_by(past.c[NUMBER].desc()).limit(sa.literal_column("1"))
    allowed = sa.func.coalesce(last.correlate_except(past).scalar_subquery(), sa.true())
    return sa.select(*map(row, DECISION_COLUMNS), _next_number(tables, row)).where(allowed)


def _next_number(tables: Tables, pair: Callable[[str], Expression]) -> Expression:
    """The number of a pair's next change; `pair` gives the values of `DECISION_KEY` by name."""
    past = tables.past_decisions.alias()
    zero, one = (sa.literal_column(text, TYPES[Kind.integer]) for text in "01")
    next_one = sa.func.coalesce(sa.func.max(past.c[NUMBER]), zero) + one
    found = _of_pair(past, pair, next_one).correlate_except(past)
    return found.scalar_subquery().label(NUMBER)


def _of_pair(
    past: sa.FromClause, pair: Callable[[str], Expression], column: Expression
) -> sa.Select[Any]:
    same = (past.c[name] == pair(name) for name in DECISION_KEY[1:])
    return sa.select(column).where(*of_customer(past), *same)


def withdrawn(tables: Tables) -> sa.Select[Any]:
    """The change that leaves a pair without an answer, if this `answer` decides; locked.

    Columns: those of `PAST_DECISION_COLUMNS`.
    """
    decision = tables.decisions
    ends = {"yes": sa.null(), "since": parameter("since", Kind.time)}
    kept = [ends.get(name, decision.c[name]) for name in DECISION_COLUMNS]
    named = (*DECISION_KEY[1:], "answer")
    return (
        sa.select(*kept, _next_number(tables, decision.c.__getitem__))
        .where(*of_customer(decision))
        .where(*(decision.c[name] == parameter(name, Kind.uuid) for name in named))
        .where(decision.c.yes.is_not(None))
        .with_for_update(of=decision)
    )
