"""A query's filters, search, order and cursor as SQL, and the values they are run with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from portvakt.schema.fields import INT32
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import Filter, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import LAST, fold, is_uuid, past
from portvakt.storage import identifiers, reach, trigrams
from portvakt.storage.dialects import TYPES, Dialect, Expression
from portvakt.storage.long_texts import HEAD, head, headed
from portvakt.storage.tables import FOLDED
from portvakt.storage.view import View


def _value(name: str, kind: Kind) -> Expression:
    return sa.bindparam(name, type_=TYPES[kind])


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

_FARTHEST = INT32[1]
"""The largest offset that the statements can carry; there is nothing that far out."""


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
    return _COMPARISONS[operator](column, _value(name, kind))


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
    if asked.field not in headed(view.resource):
        return found
    start = head(view.column(asked.field + FOLDED))
    return sa.and_(_starts(view.dialect, start, asked, f"{name}_head"), found)


def _starts(dialect: Dialect, column: Expression, asked: Filter, name: str) -> Expression:
    """That a text equals the parameter `name`, starts with it (a range), or is one of it."""
    operator, _ = _folded(asked.operator)
    if operator == "in":
        return dialect.one_of(column, Kind.text, name)
    if operator == "":
        return column == _value(name, Kind.text)
    found = column >= _value(name, Kind.text)
    if past(asked.operand) is None:
        return found
    return sa.and_(found, column < _value(f"{name}_end", Kind.text))


def _link_comparison(view: View, asked: Filter, name: str) -> Expression:
    """A filter on many references: whether one of them is the named one, or one of those."""

    def linked(target: Callable[[Expression], Expression] | None) -> Expression:
        return view.linked(asked.field, target)

    if asked.operator == "isnull":
        return sa.not_(linked(None)) if asked.operand else linked(None)
    if asked.operator == "in":
        return linked(lambda target: view.dialect.one_of(target, Kind.uuid, name))
    return linked(lambda target: target == _value(name, Kind.uuid))


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
        heads = [fold(text)[:HEAD] for text in asked.operand]
        yield f"{name}_head", dialect.bind_list(Kind.text, heads)
        return
    start = fold(asked.operand)[:HEAD]
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
        found += _identified(view, _value(name, Kind.uuid))
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


def of_query(view: View, query: Query) -> Iterator[Expression]:
    """The conditions of the filters, and that of the cursor: only what comes after it."""
    yield from of_filters(view, query)
    if query.keyset and query.keyset.after is not None:
        yield _after(view, query.order, query.keyset.after)


def sort_kind(kind: Kind) -> Kind:
    """The kind of the value that a field of this kind is sorted by."""
    return Kind.text if kind is Kind.references or kind in JSON else kind


def sort_value(kind: Kind, value: Any) -> Any:
    """The value by which an item with this clean value is sorted (see `View.sort_key`)."""
    if kind is Kind.references:
        return " ".join(value) or None
    if kind in JSON and value is not None:
        return msgspec.json.encode(value).decode()
    return value


def _after(view: View, order: Sequence[Order], last: Sequence[Any]) -> Expression:
    """Items that sort after the values `last`: later in one field, equal in those before it."""
    alternatives: list[Expression] = []
    equal: list[Expression] = []
    for place, (field, descending) in enumerate(order):
        key = view.sort_key(field)
        value = _value(f"after_{place}", sort_kind(view.kind(field)))
        null = last[place] is None
        nullable = view.nullable(field)
        later = _later(key, value, descending=descending, nullable=nullable, null=null)
        alternatives.append(sa.and_(*equal, later))
        equal.append(key.is_(None) if null else key == value)
    return sa.and_(_first_bound(view, order[0], last[0]), sa.or_(*alternatives))


def _later(
    column: Expression, value: Expression, *, descending: bool, nullable: bool, null: bool
) -> Expression:
    """`column` sorts after `value`, null as the greatest; `null`: after a null."""
    if null:
        return column.is_not(None) if descending else sa.false()
    if descending:
        return column < value
    return sa.or_(column > value, column.is_(None)) if nullable else column > value


def _first_bound(view: View, order: Order, last: Any) -> Expression:
    """What the first field alone says: implied by the rest, but a range that an index serves."""
    key = view.sort_key(order.field)
    value = _value("after_0", sort_kind(view.kind(order.field)))
    if last is None or (view.nullable(order.field) and not order.descending):
        return sa.true()
    return key <= value if order.descending else key >= value


def ordering(view: View, query: Query) -> Iterator[Expression]:
    """The parts of ORDER BY."""
    for field, descending in query.order:
        key = view.sort_key(field)
        yield view.dialect.sorted(key, descending=descending, nullable=view.nullable(field))


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


def shape(query: Query) -> Hashable:
    """What the text of a list depends on."""
    after = query.keyset and query.keyset.after
    nulls = after and tuple(value is None for value in after)
    paging = (query.bounded, enough(query), query.keyset is not None, nulls)
    shown = (query.slim, query.evidence, query.changed, query.fields)
    return filter_shape(query), query.order, shown, paging


def enough(query: Query) -> int:
    """No fewer rows than a query reads to the end of its page, as a power of eight; 0: all."""
    rows = 0
    if query.keyset:
        rows = query.keyset.limit + 1
    elif query.page:
        rows = _offset(query.page) + query.page.size
    # It stands in the text: powers alone, so that few texts are made for all sizes of pages.
    return 8 ** -(-(rows - 1).bit_length() // 3) if rows else 0


def _offset(page: Page) -> int:
    return min((page.number - 1) * page.size, _FARTHEST)


def _filter_values(
    dialect: Dialect, resource: Resource, asked: Filter, name: str
) -> dict[str, Any]:
    """The values of one filter."""
    if spelt := identifiers.identifier(resource, asked):
        return {name: identifiers.bound(dialect, spelt, asked.operand)}
    kind = resource.compared[asked.field].kind
    bound = {name: _operand(dialect, asked, kind)}
    return bound | dict(_bounds(dialect, asked, name)) if kind is Kind.text else bound


def values(dialect: Dialect, resource: Resource, query: Query) -> dict[str, Any]:
    """The values that a query's statements are run with, by parameter."""
    bound: dict[str, Any] = {}
    for place, asked in enumerate(query.filters):
        bound |= _filter_values(dialect, resource, asked, f"filter_{place}")
    for place, word in enumerate(query.search):
        bound[f"word_{place}"] = word
        bound[f"word_{place}_text"] = dialect.bind_pattern("%", word, "%")
        bound |= trigrams.bound(dialect, word, f"word_{place}")
        bound |= identifiers.bound_word(dialect, word, f"word_{place}")
    for name, ids in (("realestates", query.realestates), ("segments", query.segments)):
        if ids is not None:
            bound[f"global_{name}"] = dialect.bind_list(Kind.uuid, ids)
    if query.as_of is not None:
        bound["as_of"] = query.as_of
    if query.keyset:
        bound["limit"] = query.keyset.limit + 1  # one more tells whether there is a next page
        bound["offset"] = 0
        for place, value in enumerate(query.keyset.after or ()):
            bound[f"after_{place}"] = value
    elif query.page:
        bound["limit"] = query.page.size
        bound["offset"] = _offset(query.page)
    return bound


# -- statistics -------------------------------------------------------------------------------

MEASURES: dict[Kind, tuple[str, ...]] = {
    Kind.boolean: ("true", "false", "null"),
    Kind.uuid: ("distinct", "null"),
    Kind.reference: ("distinct", "null"),
    Kind.references: ("null",),
    Kind.time: ("min", "max", "null"),
    Kind.date: ("min", "max", "null"),
    Kind.integer: ("min", "max", "null"),
    Kind.number: ("min", "max", "null"),
    Kind.text: ("distinct", "null"),
    **dict.fromkeys(JSON, ("null",)),
}
"""What `_statistics` tells of each kind of field (docs/reference/interface.md#lists)."""


def measures(view: View) -> list[Expression]:
    """The count, then each field's measures in the order of `MEASURES`."""
    measured: list[Expression] = [sa.func.count()]
    for field in view.resource.visible:
        measured += [_measure(view, field.name, name) for name in MEASURES[field.kind]]
    return measured


def _measure(view: View, field: str, name: str) -> Expression:
    if view.kind(field) is Kind.references:
        return sa.func.count().filter(sa.not_(view.linked(field, None)))
    column = view.column(field)
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
