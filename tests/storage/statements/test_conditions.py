"""Conditions and order of lists as SQL."""

from __future__ import annotations

import pytest

from portvakt.resources import load
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.query import Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import tables_of
from portvakt.storage.statements.statements import statements_of

RESOURCES = list(load().resources.values())
LAST = {
    "created_at": "2026-01-31T08:30:00.000000Z",
    "id": "018cc251-f400-7007-8009-000000000000",
    "position": 7,
}
"""The last item of a page."""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.name)
def test_a_page_begins_where_the_last_one_ended(resource: Resource, dialect: str) -> None:
    """The first field of the order bounds the rows from below, so that an index leads there.

    And what is never null isn't asked whether it is, nor sorted as if it could be.
    """
    statements = statements_of(tables_of(load()), DIALECTS[dialect])
    last = tuple(LAST[order.field] for order in resource.listing.order)
    asked = Query(order=resource.listing.order, keyset=Keyset(10, last))
    text = statements.rows.listing(resource, asked, UNBOUNDED).text
    key, descending = resource.listing.order[0]
    assert f".{key} {'<=' if descending else '>='} " in text
    assert "IS NULL" not in text
    assert "NULLS" not in text
