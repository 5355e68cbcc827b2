"""A query's filters, search, order and cursor as SQL, and the values they are run with."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from portvakt.schema.operators import Kind
from portvakt.schema.query import Query
from portvakt.schema.resource import Resource
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.statements import identifiers, trigrams
from portvakt.storage.statements.filters import filter_shape, filter_values, of_filters
from portvakt.storage.statements.ordering import after, enough, offset


def of_query(view: View, query: Query) -> Iterator[Expression]:
    """The conditions of the filters, and that of the cursor: only what comes after it."""
    yield from of_filters(view, query)
    if query.keyset and query.keyset.after is not None:
        yield after(view, query.order, query.keyset.after)


def shape(query: Query) -> Hashable:
    """What the text of a list depends on."""
    after = query.keyset and query.keyset.after
    nulls = after and tuple(value is None for value in after)
    paging = (query.bounded, enough(query), query.keyset is not None, nulls)
    shown = (query.slim, query.evidence, query.changed, query.fields)
    return filter_shape(query), query.order, shown, paging


def values(dialect: Dialect, resource: Resource, query: Query) -> dict[str, Any]:
    """The values that a query's statements are run with, by parameter."""
    bound: dict[str, Any] = {}
    for place, asked in enumerate(query.filters):
        bound |= filter_values(dialect, resource, asked, f"filter_{place}")
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
        bound["offset"] = offset(query.page)
    return bound
