"""A query's filters and search as SQL: one condition each, and the values it is run with."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import is_uuid
from portvakt.storage.row_security import reach
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import FOLDED
from portvakt.storage.statements import identifiers, trigrams
from portvakt.storage.statements.operators import operator_sql


def _filter(view: View, asked: Filter, name: str) -> Expression:
    operator = operator_sql(asked.operator)
    spelt = identifiers.identifier(view.resource, asked.field) if operator.exact else None
    if spelt:
        comparison = identifiers.comparison(view, asked.field, spelt, name)
    else:
        comparison = operator.condition(view, asked, name)
    # The exact complement: where the comparison is unknown, because of a null, it isn't true.
    return comparison.is_not(sa.true()) if asked.negated else comparison


def _word(view: View, word: str, name: str) -> Expression:
    """One word of `_search`: in one of the text fields, or a whole UUID that something equals."""
    found = [
        view.dialect.contains(view.column(field.name + FOLDED), f"{name}_text")
        for field in view.resource.texts
    ]
    if is_uuid(word):
        found += _identified(view, parameter(name, Kind.uuid))
        return sa.or_(*found)
    told = sa.and_(
        *trigrams.candidates(view, name, served=trigrams.is_served(word)),
        sa.or_(sa.false(), *found),
    )
    return sa.or_(told, *identifiers.of_word(view, word, name))


def _identified(view: View, pk: Expression) -> Iterator[Expression]:
    """That the id is the item's, or of one of those that it refers to."""
    resource = view.resource
    yield view.table.c.id == pk
    for reference in resource.references:
        if not reference.additive:
            yield view.column(reference.name) == pk
    yield from (view.column(generic.object_id) == pk for generic in resource.generic_references)
    for link in resource.links:
        yield view.linked(link.name, lambda target: target == pk)


def of_filters(view: View, query: Query) -> Iterator[Expression]:
    """The conditions that decide which items a query is about."""
    for place, asked in enumerate(query.filters):
        yield _filter(view, asked, f"filter_{place}")
    for place, word in enumerate(query.search):
        yield _word(view, word, f"word_{place}")
    if query.realestates is not None:
        yield reach.concerns(
            view.tables, view.dialect, view.resource, view.access, "global_realestates"
        )
    if query.segments is not None:
        concerned = reach.concerns_segments(
            view.tables, view.dialect, view.resource, view.access, "global_segments"
        )
        # Of two sets a row is found by one and looked up in the other: no join of both.
        yield concerned if query.realestates is None else concerned.is_(sa.true())


def filter_shape(query: Query) -> Hashable:
    """What the text of `of_filters` depends on."""
    filters = tuple(
        (
            asked.field,
            asked.operator,
            asked.negated,
            operator_sql(asked.operator).shape(asked.operand),
        )
        for asked in query.filters
    )
    words = tuple(
        (is_uuid(word), trigrams.is_served(word), identifiers.word_shape(word))
        for word in query.search
    )
    concerned = (query.realestates is not None, query.segments is not None)
    return filters, words, concerned, query.as_of is not None


def filter_values(dialect: Dialect, resource: Resource, asked: Filter, name: str) -> dict[str, Any]:
    """The values of one filter."""
    operator = operator_sql(asked.operator)
    if operator.exact and (spelt := identifiers.identifier(resource, asked.field)):
        return {name: identifiers.bound(dialect, spelt, asked.operand)}
    kind = resource.compared[asked.field].kind
    return operator.values(dialect, kind, asked.operand, name)
