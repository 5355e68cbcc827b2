"""Filters, search and statistics answer alike on both databases: as a naive evaluator does.

Hypothesis is derandomized here: the same examples each time, so that a build fails for what was
changed and not by chance.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.api.query_string import parse_list
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.schema.fields import Field
from portvakt.schema.operators import OPERATORS
from portvakt.schema.query import Filter, Page, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.long_texts import prefixed
from portvakt.storage.store import Store
from tests.support import naive, samples
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    CONNECTION,
    ORGANIZATION_USER,
    REAL_ESTATE,
    SEGMENT,
    TENANT,
    Customer,
    add,
    add_samples,
    add_vendor,
    clean_item,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBJECTS = [
    *(ANSWER, CONNECTION, TENANT, ORGANIZATION_USER, ACTIVATION),
    *(ADDRESS, REAL_ESTATE, SEGMENT),
]
ROWS = 60

quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],  # explaining a failure would take minutes
    max_examples=35,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Collection:
    """All items of one resource that a customer's application has, besides those of others.

    `items` as the application sees them, and as they are `stored`.
    """

    resource: Resource
    customer: Customer
    stored: list[naive.Item]

    @cached_property
    def items(self) -> list[naive.Item]:
        """Without what persons don't share."""
        return [naive.seen(self.resource, item) for item in self.stored]

    async def ids(self, query: Query) -> list[str]:
        """What the list answers, as ids."""
        everything = replace(query, page=query.page or Page(1, 10_000), slim=True)
        found = await read.page(self.customer.context, self.resource, everything)
        return [item["id"] for item in found.items]

    def naive_ids(self, query: Query) -> list[str]:
        """What it must answer."""
        return [item["id"] for item in naive.listed(self.resource, self.items, query)]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=SUBJECTS, ids=lambda resource: resource.model
)
async def collection(store: Store, request: pytest.FixtureRequest) -> AsyncIterator[Collection]:
    """Random items of one resource; the same kinds of items of another customer stand beside."""
    resource: Resource = request.param
    customer, stranger = await two_customers(store)
    random = Random(resource.name)
    for other in (stranger, await of_another_application(store, customer)):
        await add_samples(other.own, resource, samples.bodies(random, resource, other, 5))
    if (
        resource.of_application is None
    ):  # then the customer's items are the application's, whoever wrote them
        query = Query(page=Page(1, 1000), evidence=True)
        known = (await read.page(customer.own, resource, query)).items
        stored = [clean_item(resource, item) for item in known]
    else:
        stored = []
    for second in range(4):  # some are of one age
        context = replace(customer.at(second), rechecked=False)
        bodies = samples.bodies(random, resource, customer, ROWS // 4)
        stored += await add_samples(context, resource, bodies)
    yield Collection(resource, customer, stored)


async def of_another_application(store: Store, customer: Customer) -> Customer:
    """The same customer, as another application sees it."""
    vendor = await add_vendor(store)
    caller = replace(customer.context.caller, application=vendor.application)
    return replace(customer, context=replace(customer.context, caller=caller))


@given(data=st.data())
@quick
async def test_filters_find_what_they_say(collection: Collection, data: st.DataObject) -> None:
    """Filters joined by AND, each with its own negation, find exactly the items they describe."""
    one = samples.filters(collection.resource, collection.items)
    asked = Query(filters=tuple(data.draw(st.lists(one, min_size=1, max_size=3))))
    assert await collection.ids(asked) == collection.naive_ids(asked)


def of_each_sort(resource: Resource) -> list[Field]:
    """The first of the fields that are alike in all on which a comparison depends."""
    found: dict[Any, Field] = {}
    for field in resource.visible:
        gated, long = field.name in resource.personal, field.name in prefixed(resource)
        spelt = getattr(field, "format", None)
        found.setdefault((field.kind, field.nullable, gated, long, spelt), field)
    return [*found.values()]


@given(data=st.data())
@settings(quick, max_examples=4)
async def test_every_operator_of_every_field(collection: Collection, data: st.DataObject) -> None:
    """Each operator finds its items, and negated exactly the others, null ones included.

    Of fields that are compared in one way the first stands for all.
    """
    everything = sorted(item["id"] for item in collection.items)
    for field in of_each_sort(collection.resource):
        for operator in OPERATORS[field.kind]:
            operand = data.draw(samples.operand(field, operator, collection.items))
            found, others = [
                Query(filters=(Filter(field.name, operator, negated, operand),))
                for negated in (False, True)
            ]
            inside, outside = await collection.ids(found), await collection.ids(others)
            assert inside == collection.naive_ids(found), found
            assert outside == collection.naive_ids(others), others
            assert sorted(inside + outside) == everything, found


@given(data=st.data())
@settings(quick, max_examples=20)
async def test_search_finds_every_word(collection: Collection, data: st.DataObject) -> None:
    """Every word must occur in a text field, whatever its case, or be an id of the item."""
    words = data.draw(samples.words(collection.resource, collection.items))
    some = st.lists(samples.filters(collection.resource, collection.items), max_size=1)
    asked = Query(search=words, filters=tuple(data.draw(some)))
    assert await collection.ids(asked) == collection.naive_ids(asked)


@given(data=st.data())
@settings(quick, max_examples=20)
async def test_statistics_measure_the_filtered_set(
    collection: Collection, data: st.DataObject
) -> None:
    """The numbers are those of the items that the same filters leave."""
    one = samples.filters(collection.resource, collection.items)
    asked = Query(filters=tuple(data.draw(st.lists(one, max_size=2))), statistics=True)
    found = await read.statistics(collection.customer.context, collection.resource, asked)
    assert found == naive.statistics(collection.resource, collection.items, asked)


@given(data=st.data())
@settings(quick, max_examples=10)
async def test_the_total_counts_the_filtered_set(
    collection: Collection, data: st.DataObject
) -> None:
    """The total that comes with a page is of all items that the filters leave."""
    some = st.lists(samples.filters(collection.resource, collection.items), max_size=2)
    asked = Query(filters=tuple(data.draw(some)), page=Page(1, 2), count=True)
    found = await read.page(collection.customer.context, collection.resource, asked)
    assert found.total == len(naive.filtered(collection.resource, collection.items, asked))
    assert [item["id"] for item in found.items] == collection.naive_ids(asked)


async def test_items_come_back_as_they_were_stored(collection: Collection) -> None:
    """What is read, whole or streamed, is what was written, but for what is not to be seen."""
    query = Query(evidence=True)
    expected = naive.ordered(collection.resource, collection.items, query.order)
    listed = await read.page(collection.customer.context, collection.resource, query)
    assert [clean_item(collection.resource, item) for item in listed.items] == expected
    streamed: list[Any] = []
    async with read.export(collection.customer.context, collection.resource, query) as export:
        async for chunk in export.chunks:
            streamed += chunk
    assert streamed == listed.items


async def test_the_samples_hold_what_is_feared(collection: Collection) -> None:
    """Every nullable field that can be set is null in some item and set in another."""
    for field in collection.resource.writable:
        values = [item[field.name] for item in collection.stored]
        assert any(value is not None for value in values), field.name
        assert not field.nullable or None in values, field.name


TEXTS = {
    *("å1x", "Straße", "STRASSE", "100% bomull", "1000 bitar", "a_b", "axb", "c:\\"),
    *(
        "\U0010ffff\U0010ffffz",
        "\ud7ffz",
    ),  # the last code points: of all, and before the surrogates
}

SPELT = ["\u00c5sa", "A\u030asa", "\u212bsa", "a\u030aSA"]
"""One name, as four programs write it."""
SPELT_EXAMPLES = [
    ("iexact", "åsa", SPELT),
    ("icontains", "A\u030aS", SPELT),
    ("istartswith", "\u212b", SPELT),
    ("iendswith", "\u212bSA", SPELT),
    ("istartswith", "a", []),  # a letter isn't found in another one
    ("", "A\u030asa", ["A\u030asa"]),
    ("startswith", "\u00c5", ["\u00c5sa"]),
    ("contains", "A\u030a", ["A\u030asa"]),
]


@pytest.mark.parametrize(("operator", "operand", "expected"), SPELT_EXAMPLES)
async def test_texts_are_compared_as_people_see_them(
    customer: Customer, operator: str, operand: str, expected: list[str]
) -> None:
    """Whatever the case means however composed, too; what is exact stays exact."""
    await add(customer.own, TENANT, [{"first_name": "x", "last_name": name} for name in SPELT])
    mine = Filter("first_name", "", False, "x")
    asked = Query(filters=(mine, Filter("last_name", operator, False, operand)))
    found = await read.page(customer.context, TENANT, asked)
    assert sorted(item["last_name"] for item in found.items) == sorted(expected)


@pytest.mark.parametrize("name", SPELT)
async def test_a_search_finds_every_spelling(customer: Customer, name: str) -> None:
    """`_search` compares likewise."""
    await add(customer.own, TENANT, [{"first_name": "x", "last_name": name} for name in SPELT])
    mine = Filter("first_name", "", False, "x")
    (word,) = parse_list([("_search", name)], TENANT).search
    found = await read.page(customer.context, TENANT, Query(filters=(mine,), search=(word,)))
    assert sorted(item["last_name"] for item in found.items) == sorted(SPELT)


EXAMPLES = [
    ("icontains", "Å1", {"å1x"}),
    ("iexact", "strasse", {"Straße", "STRASSE"}),
    ("istartswith", "ſTRA", {"Straße", "STRASSE"}),  # noqa: RUF001 (a long s)
    ("startswith", "100%", {"100% bomull"}),
    ("startswith", "str", set()),
    ("istartswith", "STR", {"Straße", "STRASSE"}),
    ("startswith", "\U0010ffff", {"\U0010ffff\U0010ffffz"}),
    ("istartswith", "\ud7ff", {"\ud7ffz"}),
    ("contains", "_", {"a_b"}),
    ("endswith", "\\", {"c:\\"}),
    (
        "contains",
        "",
        TEXTS,
    ),
    ("startswith", "", TEXTS),
    ("in", ("a_b", "c:\\", 'a,"b'), {"a_b", "c:\\"}),
    ("in", (), set()),
]


@pytest.mark.parametrize(("operator", "operand", "expected"), EXAMPLES)
async def test_text_operators_by_example(
    customer: Customer, operator: str, operand: Any, expected: set[str]
) -> None:
    """Case is Unicode's, and what patterns are written with means itself."""
    texts = [*sorted(TEXTS), None]
    names = [{"first_name": "x", "custom_id": text} for text in texts]
    await add(customer.own, TENANT, names)
    seeded = Filter("last_name", "isnull", False, True)  # not those that every customer has
    asked = Query(filters=(seeded, Filter("custom_id", operator, False, operand)))
    found = await read.page(customer.context, TENANT, asked)
    assert {item["custom_id"] for item in found.items} == expected
    negated = Query(filters=(seeded, Filter("custom_id", operator, True, operand)))
    others = await read.page(customer.context, TENANT, negated)
    assert {item["custom_id"] for item in others.items} == {*texts} - expected


LONG = "Ö" * 64
LONG_EXAMPLES = [
    ("", f"{LONG}a", {f"{LONG}a"}),
    ("in", (f"{LONG}a", LONG), {f"{LONG}a", LONG}),
    ("iexact", f"{LONG}A".lower(), {f"{LONG}a"}),
    ("startswith", f"{LONG}a", {f"{LONG}a", f"{LONG}ab"}),
    ("startswith", LONG[1:], {LONG, f"{LONG}a", f"{LONG}ab"}),
    ("istartswith", f"{LONG}AB".lower(), {f"{LONG}ab"}),
    ("startswith", "\U0010ffff" * 64 + "x", {"\U0010ffff" * 64 + "xy"}),
]


@pytest.mark.parametrize(("operator", "operand", "expected"), LONG_EXAMPLES)
async def test_long_texts_are_found_by_all_of_them(
    customer: Customer, operator: str, operand: Any, expected: set[str]
) -> None:
    """An index holds only how a long text starts; what follows counts too."""
    texts = [LONG, f"{LONG}a", f"{LONG}ab", "\U0010ffff" * 64 + "xy"]
    made = samples.body(Random(1), CONNECTION, customer)
    await add(customer.context, CONNECTION, [{**made, "external_id": text} for text in texts])
    asked = Query(filters=(Filter("external_id", operator, False, operand),))
    found = await read.page(customer.context, CONNECTION, asked)
    assert {item["external_id"] for item in found.items} == expected


async def test_hidden_is_a_filter_like_any_other(customer: Customer) -> None:
    """Storage hides nothing by itself: an item is found by its id, and by the filter."""
    hidden = await write.create(
        customer.context,
        CONNECTION,
        {**samples.body(Random(1), CONNECTION, customer), "hidden": True},
    )
    assert await read.get(customer.context, CONNECTION, hidden["id"]) == hidden
    asked = Query(filters=(Filter("hidden", "", False, False),))
    assert (await read.page(customer.context, CONNECTION, asked)).items == []
