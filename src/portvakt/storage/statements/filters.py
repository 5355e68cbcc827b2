"""A query's filters and search as SQL: one condition each, and the values it is run with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import LAST, fold, is_uuid, past
from portvakt.storage.row_security import reach
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.long_texts import PREFIX_LENGTH, prefix, prefixed
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import FOLDED
from portvakt.storage.statements import identifiers, trigrams

_COMPARISONS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}

_PATTERNS = {"contains": ("contains", "%", "%"), "endswith": ("ends_with", "%", "")}
"""Operator -> the dialect's method and what surrounds the text in a LIKE pattern."""

_STARTS = "startswith"
_BY_START = ("", "in", _STARTS)
"""The operators on texts that an index serves."""


def _folded(operator: str) -> tuple[str, bool]:
    """An operator without its `i`, and whether it had one that means "whatever the case"."""
    if operator == "iexact":
        return "", True
    if operator.startswith("i") and operator[1:] in {*_PATTERNS, _STARTS}:
        return operator[1:], True
    return operator, False


def _comparison(view: View, asked: Filter, name: str) -> Expression:
    kind = view.kind(asked.field)
    if kind is Kind.references:
        return _link_comparison(view, asked, name)
    operator, folded = _folded(asked.operator)
    column = view.column(asked.field + FOLDED if folded else asked.field)
    if kind is Kind.text and operator in _BY_START:
        return _by_start(view, column, asked, name)
    if operator == "isnull":
        return column.is_(None) if asked.operand else column.is_not(None)
    if operator == "in":
        return view.dialect.one_of(column, kind, name)
    if operator in _PATTERNS:
        return _by_part(view, column, asked, name)
    return _COMPARISONS[operator](column, parameter(name, kind))


def _by_part(view: View, column: Expression, asked: Filter, name: str) -> Expression:
    """That a text contains the parameter `name`, or ends with it."""
    operator, _ = _folded(asked.operator)
    found: Expression = getattr(view.dialect, _PATTERNS[operator][0])(column, name)
    if asked.negated:
        return found
    return sa.and_(*trigrams.candidates(view, _part(asked), name), found)


def _part(asked: Filter) -> str:
    """What an index of trigrams is asked for."""
    _, folded = _folded(asked.operator)
    return fold(asked.operand) if folded else trigrams.sure_part(asked.operand)


def _by_start(view: View, column: Expression, asked: Filter, name: str) -> Expression:
    """A comparison of texts that an index serves.

    Of a long text the index holds how it starts, whatever the case: that has to fit as well.
    """
    found = _starts(view.dialect, column, asked, name)
    if asked.field not in prefixed(view.resource):
        return found
    start = prefix(view.column(asked.field + FOLDED))
    return sa.and_(_starts(view.dialect, start, asked, f"{name}_head"), found)


def _starts(dialect: Dialect, column: Expression, asked: Filter, name: str) -> Expression:
    """That a text equals the parameter `name`, starts with it (a range), or is one of it."""
    operator, _ = _folded(asked.operator)
    if operator == "in":
        return dialect.one_of(column, Kind.text, name)
    if operator == "":
        return column == parameter(name, Kind.text)
    found = column >= parameter(name, Kind.text)
    if past(asked.operand) is None:
        return found
    return sa.and_(found, column < parameter(f"{name}_end", Kind.text))


def _link_comparison(view: View, asked: Filter, name: str) -> Expression:
    """A filter on many references: whether one of them is the named one, or one of those."""

    def linked(target: Callable[[Expression], Expression] | None) -> Expression:
        return view.linked(asked.field, target)

    if asked.operator == "isnull":
        return sa.not_(linked(None)) if asked.operand else linked(None)
    if asked.operator == "in":
        return linked(lambda target: view.dialect.one_of(target, Kind.uuid, name))
    return linked(lambda target: target == parameter(name, Kind.uuid))


def _filter(view: View, asked: Filter, name: str) -> Expression:
    spelt = identifiers.identifier(view.resource, asked)
    if spelt:
        comparison = identifiers.comparison(view, asked.field, spelt, name)
    else:
        comparison = _comparison(view, asked, name)
    # The exact complement: where the comparison is unknown, because of a null, it isn't true.
    return comparison.is_not(sa.true()) if asked.negated else comparison


def _operand(dialect: Dialect, asked: Filter, kind: Kind) -> Any:
    operator, folded = _folded(asked.operator)
    if operator == "in":
        return dialect.bind_list(kind, asked.operand)
    text = fold(asked.operand) if folded else asked.operand
    if operator in _PATTERNS:
        _, before, after = _PATTERNS[operator]
        return dialect.bind_pattern(before, text, after)
    return text


def _bounds(dialect: Dialect, asked: Filter, name: str) -> Iterator[tuple[str, Any]]:
    """What `_by_start` and `_by_part` are run with besides the operand.

    The ends of ranges, and how texts start; what an index of trigrams is asked for.
    """
    operator, folded = _folded(asked.operator)
    if operator in _PATTERNS:
        yield from trigrams.bound(dialect, _part(asked), name).items()
    if operator not in _BY_START:
        return
    if operator == "in":
        heads = [fold(text)[:PREFIX_LENGTH] for text in asked.operand]
        yield f"{name}_head", dialect.bind_list(Kind.text, heads)
        return
    start = fold(asked.operand)[:PREFIX_LENGTH]
    yield f"{name}_head", start
    yield f"{name}_head_end", past(start) or start + LAST  # no head is as long as that
    yield f"{name}_end", past(fold(asked.operand) if folded else asked.operand)


def _word(view: View, word: str, name: str) -> Expression:
    """One word of `_search`: in one of the text fields, or a whole UUID that something equals."""
    found = [
        view.dialect.contains(view.column(field.name + FOLDED), f"{name}_text")
        for field in view.resource.texts
    ]
    if is_uuid(word):
        found += _identified(view, parameter(name, Kind.uuid))
        return sa.or_(*found)
    told = sa.and_(*trigrams.candidates(view, word, name), sa.or_(sa.false(), *found))
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
        (asked.field, asked.operator, asked.negated, _operand_shape(asked))
        for asked in query.filters
    )
    words = tuple(
        (is_uuid(word), trigrams.is_served(word), identifiers.word_shape(word))
        for word in query.search
    )
    concerned = (query.realestates is not None, query.segments is not None)
    return filters, words, concerned, query.as_of is not None


def _operand_shape(asked: Filter) -> bool:
    """What the text depends on of an operand.

    Which null is asked for, if a range ends, and if an index of trigrams serves it.
    """
    operator, _ = _folded(asked.operator)
    if operator == "isnull":
        return bool(asked.operand)
    if operator in _PATTERNS:
        return trigrams.is_served(_part(asked))
    return operator == _STARTS and past(asked.operand) is None


def filter_values(dialect: Dialect, resource: Resource, asked: Filter, name: str) -> dict[str, Any]:
    """The values of one filter."""
    if spelt := identifiers.identifier(resource, asked):
        return {name: identifiers.bound(dialect, spelt, asked.operand)}
    kind = resource.compared[asked.field].kind
    bound = {name: _operand(dialect, asked, kind)}
    return bound | dict(_bounds(dialect, asked, name)) if kind is Kind.text else bound
