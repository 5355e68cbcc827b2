"""A query's order, its cursor and how far it reads, as SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from portvakt.schema.fields import INT32
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import Order, Page, Query
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Expression
from portvakt.storage.sql.parameters import parameter

_FARTHEST = INT32[1]
"""The largest offset that the statements can carry; there is nothing that far out."""


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


def after(view: View, order: Sequence[Order], last: Sequence[Any]) -> Expression:
    """Items that sort after the values `last`: later in one field, equal in those before it."""
    alternatives: list[Expression] = []
    equal: list[Expression] = []
    for place, (field, descending) in enumerate(order):
        key = view.sort_key(field)
        value = parameter(f"after_{place}", sort_kind(view.kind(field)))
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
    value = parameter("after_0", sort_kind(view.kind(order.field)))
    if last is None or (view.nullable(order.field) and not order.descending):
        return sa.true()
    return key <= value if order.descending else key >= value


def order_by(view: View, query: Query) -> Iterator[Expression]:
    """The parts of ORDER BY."""
    for field, descending in query.order:
        key = view.sort_key(field)
        yield view.dialect.sorted(key, descending=descending, nullable=view.nullable(field))


def enough(query: Query) -> int:
    """No fewer rows than a query reads to the end of its page, as a power of eight; 0: all."""
    rows = 0
    if query.keyset:
        rows = query.keyset.limit + 1
    elif query.page:
        rows = offset(query.page) + query.page.size
    # It stands in the text: powers alone, so that few texts are made for all sizes of pages.
    return 8 ** -(-(rows - 1).bit_length() // 3) if rows else 0


def offset(page: Page) -> int:
    """How many items stand before a page, as far as the statements can carry it."""
    return min((page.number - 1) * page.size, _FARTHEST)
