"""Pages, by number or by cursor, hold every item exactly once, in one order on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.schema.query import MAX_LIMIT, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.support import naive, samples
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    APARTMENT,
    CONNECTION,
    REAL_ESTATE,
    SEGMENT,
    TENANT,
    Customer,
    add_samples,
    clean_item,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBJECTS = [ANSWER, CONNECTION, TENANT, ACTIVATION, ADDRESS, REAL_ESTATE, SEGMENT]

# Derandomized: a build fails for what was changed and not by chance.
quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],  # explaining a failure would take minutes
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Collection:
    """All items of one resource that a customer has."""

    resource: Resource
    customer: Customer
    items: list[naive.Item]

    def in_order(self, query: Query) -> list[str]:
        """The ids in the order that is right."""
        return [item["id"] for item in naive.listed(self.resource, self.items, query)]

    async def pages(self, query: Query, size: int) -> list[list[dict[str, Any]]]:
        """All pages, by number, up to the first empty one."""
        found: list[list[dict[str, Any]]] = []
        while not found or found[-1]:
            asked = replace(query, page=Page(len(found) + 1, size))
            found.append((await read.page(self.customer.context, self.resource, asked)).items)
        return found[:-1]

    async def walk(self, query: Query, size: int) -> list[list[dict[str, Any]]]:
        """All pages, each by the cursor of the one before."""
        return [page async for page in walk(self.customer, self.resource, query, size)]


async def walk(
    customer: Customer, resource: Resource, query: Query, size: int
) -> AsyncIterator[list[dict[str, Any]]]:
    """The pages of a keyset, each asked for when the one before has been used."""
    last: tuple[Any, ...] | None = None
    while True:
        asked = replace(query, keyset=Keyset(size, last))
        found = await read.page(customer.context, resource, asked)
        yield found.items
        last = found.last
        if last is None:
            return


def ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    """The ids on all pages."""
    return [item["id"] for page in pages for item in page]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=SUBJECTS, ids=lambda resource: resource.model
)
async def collection(store: Store, request: pytest.FixtureRequest) -> Collection:
    """Random items with ties and nulls."""
    resource: Resource = request.param
    customer, stranger = await two_customers(store)
    random = Random(resource.name)
    await add_samples(stranger.own, resource, samples.bodies(random, resource, stranger, 5))
    for second in range(4):
        context = replace(customer.at(second), rechecked=False)
        await add_samples(context, resource, samples.bodies(random, resource, customer, 10))
    found = await read.page(customer.own, resource, Query(page=Page(1, MAX_LIMIT)))
    items = [clean_item(resource, item) for item in found.items]
    return Collection(resource, customer, [naive.seen(resource, item) for item in items])


@given(data=st.data())
@quick
async def test_pages_hold_everything_once(collection: Collection, data: st.DataObject) -> None:
    """Numbered pages of any size, in any order, whole or slim, are the collection cut up."""
    query = Query(
        order=data.draw(samples.orders(collection.resource)), slim=data.draw(st.booleans())
    )
    size = data.draw(st.integers(4, 50))
    pages = await collection.pages(query, size)
    assert ids(pages) == collection.in_order(query)
    assert all(len(page) == size for page in pages[:-1])


@given(data=st.data())
@quick
async def test_cursors_lead_past_everything_once(
    collection: Collection, data: st.DataObject
) -> None:
    """So are pages by cursor, filtered or not; the last has no cursor, full or not."""
    one = samples.filters(collection.resource, collection.items)
    query = Query(
        filters=tuple(data.draw(st.lists(one, max_size=1))),
        order=data.draw(samples.orders(collection.resource)),
        slim=data.draw(st.booleans()),
    )
    size = data.draw(st.integers(4, 50) | st.just(len(collection.items)))
    pages = await collection.walk(query, size)
    assert ids(pages) == collection.in_order(query)
    assert all(len(page) == size for page in pages[:-1])


async def test_slim_items_hold_their_id_alone(collection: Collection) -> None:
    """Whatever the order and the paging need besides."""
    order = (Order("created_at", True), Order("id"))
    for paging in ({"page": Page(1, 3)}, {"keyset": Keyset(3)}, {}):
        query = Query(order=order, slim=True, **paging)
        found = await read.page(collection.customer.context, collection.resource, query)
        assert [list(item) for item in found.items] == [["id"]] * len(found.items)


async def test_a_page_past_the_end_is_empty(collection: Collection) -> None:
    """However far past, and a page of no items is empty too."""
    for page in (Page(1000, 10), Page(10**9, MAX_LIMIT), Page(10**18, MAX_LIMIT), Page(1, 0)):
        found = await read.page(collection.customer.context, collection.resource, Query(page=page))
        assert found.items == []


async def test_null_is_the_greatest(customer: Customer) -> None:
    """Last in ascending order, first in descending; text sorts by code point."""
    texts = ["a", "Z", "å", "Å", "\uffff", "😀", "", None]
    await add_samples(
        customer.own, CONNECTION, [connection(customer, str(n), t) for n, t in enumerate(texts)]
    )
    expected = ["", "Z", "a", "Å", "å", "\uffff", "😀", None]
    for descending in (False, True):
        query = Query(order=(Order("custom_id", descending), Order("id")))
        found = await read.page(customer.context, CONNECTION, query)
        listed = [item["custom_id"] for item in found.items]
        assert listed == (expected[::-1] if descending else expected)


def connection(
    customer: Customer, external_id: str, custom_id: str | None = None
) -> dict[str, Any]:
    """The body of a connection."""
    return {
        "content_type": {"id": APARTMENT},
        "object_id": customer.a(TENANT),
        "external_id": external_id,
        "custom_id": custom_id,
    }


@pytest.mark.parametrize(
    "order",
    [
        (Order("created_at"), Order("id")),
        (Order("custom_id"), Order("id", True)),
        (Order("custom_id", True), Order("external_id"), Order("id")),
        (Order("id", True),),
    ],
    ids=lambda order: ",".join("-" * one.descending + one.field for one in order),
)
async def test_cursors_are_stable_under_writes(
    customer: Customer, order: tuple[Order, ...]
) -> None:
    """What is there all the time is met exactly once, whatever comes and goes between two pages."""
    random = Random(7)
    names = ["a", "b", "å", None]

    async def grow(number: int) -> list[str]:
        bodies = [
            connection(customer, f"{random.random()}", random.choice(names)) for _ in range(number)
        ]
        context = replace(customer.at(random.randint(-5, 5)), rechecked=False)
        return [item["id"] for item in await add_samples(context, CONNECTION, bodies)]

    staying, leaving = await grow(20), await grow(20)
    staying += await grow(10)
    leaving += await grow(10)
    random.shuffle(leaving)
    met: list[str] = []
    async for items in walk(customer, CONNECTION, Query(order=order, slim=True), 4):
        met += [item["id"] for item in items]
        await grow(2)
        for _ in range(min(2, len(leaving))):
            await write.delete(customer.context, CONNECTION, leaving.pop())
    assert len(met) == len(set(met))
    assert set(staying) <= set(met)
    everything = await read.page(customer.context, CONNECTION, Query(order=order, slim=True))
    place = {item["id"]: number for number, item in enumerate(everything.items)}
    assert all(place[a] < place[b] for a, b in pairwise(pk for pk in met if pk in place))
