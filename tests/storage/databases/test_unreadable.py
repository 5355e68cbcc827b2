"""A stream goes on past rows that the driver can't give: each comes, in its place."""

from __future__ import annotations

import pytest

from portvakt.operations.reading import read
from portvakt.schema.query import Filter, Query
from portvakt.storage.sql.rows import FAULTS
from tests.support.stores import TENANT, Customer, add

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROKEN = {
    "sqlite": "last_name = CAST(x'C3C3' AS TEXT)",
    "postgresql": "active_to = '20000-01-01'::timestamptz",
}


@pytest.mark.parametrize("places", [(0,), (150, 151, 349), (449,)])
async def test_a_stream_goes_on(customer: Customer, places: tuple[int, ...]) -> None:
    """The broken rows are the first, past the first rows that are read at once, or the last."""
    mark = f"{customer.id} {places}"
    bodies = [{"first_name": "x", "anonymization_name": mark} for _ in range(450)]
    items = await add(customer.own, TENANT, bodies)
    store = customer.own.store
    async with store.database.transaction() as connection:
        for place in places:
            await connection.execute(
                f"UPDATE accounts_tenant SET {BROKEN[store.database.name]}"
                f" WHERE id = '{items[place]['id']}'"
            )
    asked = Query(filters=(Filter("anonymization_name", "", False, mark),))
    streamed = []
    async with read.export(customer.own, TENANT, asked) as export:
        async for chunk in export.chunks:
            streamed += chunk
    assert [item["id"] for item in streamed] == [item["id"] for item in items]
    assert [place for place, item in enumerate(streamed) if FAULTS in item] == [*places]
