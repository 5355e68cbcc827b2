"""A query's filters, search, order and cursor as SQL, and the values they are run with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from portvakt.schema.fields import INT32
from portvakt.schema.operators import Kind
from portvakt.schema.query import Filter, Order, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import fold, is_uuid
from portvakt.storage.dialects import TYPES, Dialect, Expression
from portvakt.storage.tables import FOLDED


def _value(name: str, kind: Kind) -> Expression:
    return sa.bindparam(name, type_=TYPES[kind])


_COMPARISONS: dict[str, Callable[[Expression, Expression], Expression]] = {
    "": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}

_PATTERNS = {
    "contains": ("contains", "%", "%"),
    "startswith": ("starts_with", "", "%"),
    "endswith": ("ends_with", "%", ""),
}
"""Operator -> the dialect's method and what surrounds the text in a LIKE pattern."""

_FARTHEST = INT32[1]
"""The largest offset that the statements can carry; there is nothing that far out."""


def _folded(operator: str) -> tuple[str, bool]:
    """An operator without its `i`, and whether it had one that means "whatever the case"."""
    if operator == "iexact":
        return "", True
    if operator.startswith("i") and operator[1:] in _PATTERNS:
        return operator[1:], True
    return operator, False


def _comparison(
    dialect: Dialect, table: sa.Table, asked: Filter, kind: Kind, name: str
) -> Expression:
    operator, folded = _folded(asked.operator)
    column = table.c[asked.field + FOLDED] if folded else table.c[asked.field]
    if operator == "isnull":
        return column.is_(None) if asked.operand else column.is_not(None)
    if operator == "in":
        return dialect.one_of(column, kind, name)
    if operator in _PATTERNS:
        found: Expression = getattr(dialect, _PATTERNS[operator][0])(column, name)
        return found
    return _COMPARISONS[operator](column, _value(name, kind))


def _filter(dialect: Dialect, table: sa.Table, asked: Filter, kind: Kind, name: str) -> Expression:
    comparison = _comparison(dialect, table, asked, kind, name)
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


def _word(
    dialect: Dialect, table: sa.Table, resource: Resource, word: str, name: str
) -> Expression:
    """One word of `_search`: in one of the text fields, or a whole UUID that something equals."""
    found = [
        dialect.contains(table.c[field.name + FOLDED], f"{name}_text") for field in resource.texts
    ]
    if is_uuid(word):
        found += [table.c[field] == _value(name, Kind.uuid) for field in _identifying(resource)]
    return sa.or_(sa.false(), *found)


def _identifying(resource: Resource) -> Iterator[str]:
    yield "id"
    yield from (reference.name for reference in resource.references)
    yield from (generic.object_id for generic in resource.generic_references)


def of_filters(
    dialect: Dialect, table: sa.Table, resource: Resource, query: Query
) -> Iterator[Expression]:
    """The conditions that decide which items a query is about."""
    for place, asked in enumerate(query.filters):
        kind = resource.by_name[asked.field].kind
        yield _filter(dialect, table, asked, kind, f"filter_{place}")
    for place, word in enumerate(query.search):
        yield _word(dialect, table, resource, word, f"word_{place}")


def of_query(
    dialect: Dialect, table: sa.Table, resource: Resource, query: Query
) -> Iterator[Expression]:
    """The same, and what a cursor adds: only what comes after it."""
    yield from of_filters(dialect, table, resource, query)
    if query.keyset and query.keyset.after is not None:
        yield _after(table, resource, query.order, query.keyset.after)


def _after(
    table: sa.Table, resource: Resource, order: Sequence[Order], last: Sequence[Any]
) -> Expression:
    """Items that sort after the values `last`: later in one field, equal in those before it."""
    alternatives: list[Expression] = []
    equal: list[Expression] = []
    for place, (field, descending) in enumerate(order):
        column, value = table.c[field], _value(f"after_{place}", resource.by_name[field].kind)
        null = last[place] is None
        alternatives.append(
            sa.and_(*equal, _later(column, value, descending=descending, null=null))
        )
        equal.append(column.is_(None) if null else column == value)
    return sa.and_(_first_bound(table, resource, order[0], last[0]), sa.or_(*alternatives))


def _later(column: Expression, value: Expression, *, descending: bool, null: bool) -> Expression:
    """`column` sorts after `value`, null as the greatest."""
    if null:
        return column.is_not(None) if descending else sa.false()
    if descending:
        return column < value
    return sa.or_(column > value, column.is_(None)) if _nullable(column) else column > value


def _first_bound(table: sa.Table, resource: Resource, order: Order, last: Any) -> Expression:
    """What the first field alone says: implied by the rest, but a range that an index serves."""
    column = table.c[order.field]
    value = _value("after_0", resource.by_name[order.field].kind)
    if last is None or (_nullable(column) and not order.descending):
        return sa.true()
    return column <= value if order.descending else column >= value


def _nullable(column: Expression) -> bool:
    return bool(getattr(column, "nullable", True))


def ordering(
    dialect: Dialect, table: sa.Table, resource: Resource, query: Query
) -> Iterator[Expression]:
    """The parts of ORDER BY."""
    for field, descending in query.order:
        nullable = resource.by_name[field].nullable
        yield dialect.sorted(table.c[field], descending=descending, nullable=nullable)


def filter_shape(query: Query) -> Hashable:
    """What the text of `of_filters` depends on."""
    filters = tuple(
        (asked.field, asked.operator, asked.negated, asked.operator == "isnull" and asked.operand)
        for asked in query.filters
    )
    return filters, tuple(is_uuid(word) for word in query.search)


def shape(query: Query) -> Hashable:
    """What the text of a list depends on."""
    after = query.keyset and query.keyset.after
    nulls = after and tuple(value is None for value in after)
    paging = (query.page is not None, query.keyset is not None, nulls)
    return filter_shape(query), query.order, query.slim, paging


def values(dialect: Dialect, resource: Resource, query: Query) -> dict[str, Any]:
    """The values that a query's statements are run with, by parameter."""
    bound: dict[str, Any] = {}
    for place, asked in enumerate(query.filters):
        kind = resource.by_name[asked.field].kind
        bound[f"filter_{place}"] = _operand(dialect, asked, kind)
    for place, word in enumerate(query.search):
        bound[f"word_{place}"] = word
        bound[f"word_{place}_text"] = dialect.bind_pattern("%", word, "%")
    if query.keyset:
        bound["limit"] = query.keyset.limit + 1  # one more tells whether there is a next page
        for place, value in enumerate(query.keyset.after or ()):
            bound[f"after_{place}"] = value
    elif query.page:
        bound["limit"] = query.page.size
        bound["offset"] = min((query.page.number - 1) * query.page.size, _FARTHEST)
    return bound


# -- statistics -------------------------------------------------------------------------------

MEASURES: dict[Kind, tuple[str, ...]] = {
    Kind.boolean: ("true", "false", "null"),
    Kind.uuid: ("distinct", "null"),
    Kind.reference: ("distinct", "null"),
    Kind.time: ("min", "max", "null"),
    Kind.integer: ("min", "max", "null"),
    Kind.text: ("distinct", "null"),
    Kind.object: ("null",),
    Kind.texts: ("null",),
}
"""What `_statistics` tells of each kind of field (contract, section 4)."""


def measures(table: sa.Table, resource: Resource) -> list[Expression]:
    """The count, then each field's measures in the order of `MEASURES`."""
    measured: list[Expression] = [sa.func.count()]
    for field in resource.fields:
        column = table.c[field.name]
        measured += [_measure(name, column) for name in MEASURES[field.kind]]
    return measured


def _measure(name: str, column: Expression) -> Expression:
    if name == "min":
        return sa.func.min(column)
    if name == "max":
        return sa.func.max(column)
    if name == "distinct":
        return sa.func.count(column.distinct())
    if name == "null":
        return sa.func.count().filter(column.is_(None))
    truth = sa.bindparam(name, name == "true", type_=TYPES[Kind.boolean])
    return sa.func.count().filter(column == truth)
