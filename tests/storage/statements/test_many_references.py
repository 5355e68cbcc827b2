"""Fields of many references and of free JSON behave alike on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from portvakt.errors import Code, Problem
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.operators import JSON
from portvakt.schema.query import Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from tests.support import naive, samples
from tests.support.stores import (
    ACTIVATION,
    REAL_ESTATE,
    SEGMENT,
    TENANT,
    Customer,
    add,
    clean_item,
    new_id,
    outcomes,
    ref,
    stored_row,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

RENTING = pytest.mark.parametrize("resource", [TENANT, SEGMENT], ids=lambda one: one.model)


def refs(ids: Sequence[str]) -> list[dict[str, str]]:
    """Many references as they travel."""
    return [ref(pk) for pk in ids]


def estates(customer: Customer) -> list[str]:
    """The ids of the customer's real estates, in order."""
    return sorted(customer.ids[REAL_ESTATE.name])


def named(resource: Resource, **more: Any) -> dict[str, Any]:
    """A body with a name."""
    return {"name" if resource is SEGMENT else "first_name": "Åsa", **more}


async def links(customer: Customer, resource: Resource) -> list[tuple[str, str]]:
    """The stored links of the customer's items: (item, target)."""
    table = f"{resource.application}_{resource.model}_realestates"
    rows = await customer.context.store.database.fetch(
        f"SELECT item, target FROM {table} WHERE customer_id = '{customer.id}'"
    )
    return sorted((str(row[0]), str(row[1])) for row in rows)


async def collection(customer: Customer, resource: Resource) -> list[naive.Item]:
    """The customer's items: those that it begins with, and one for each set of real estates."""
    a, b, c, d = estates(customer)
    groups = [[], [a], [b], [a, b], [b, c], [a, b, c, d], [d], [d]]
    await add(customer.own, resource, [named(resource, realestates=refs(ids)) for ids in groups])
    found = await read.page(customer.own, resource, Query(page=Page(1, 100)))
    return [clean_item(resource, item) for item in found.items]


async def ids(customer: Customer, resource: Resource, query: Query) -> list[str]:
    """The ids that a list answers."""
    return [item["id"] for item in (await read.page(customer.context, resource, query)).items]


# --- writing ---------------------------------------------------------------------------------


@RENTING
async def test_an_item_holds_many_references(customer: Customer, resource: Resource) -> None:
    """They are created, read, replaced and cleared as a whole, and shown in order."""
    a, b, c, _ = estates(customer)
    made = await write.create(customer.context, resource, named(resource, realestates=refs([b, a])))
    assert made["realestates"] == refs([a, b])
    assert await read.get(customer.context, resource, made["id"]) == made
    untouched = await write.update(customer.context, resource, made["id"], {"custom_id": "x"})
    assert untouched["realestates"] == refs([a, b])
    moved = await write.update(
        customer.context, resource, made["id"], {"realestates": refs([c, b])}
    )
    assert moved["realestates"] == refs([b, c])
    assert await links(customer, resource) == [(made["id"], b), (made["id"], c)]
    cleared = await write.update(customer.context, resource, made["id"], {"realestates": []})
    assert cleared["realestates"] == []
    assert await read.get(customer.context, resource, made["id"]) == cleared
    assert await links(customer, resource) == []


async def test_without_the_field_there_are_none(customer: Customer) -> None:
    """A new item has an empty array, alike in the answer and afterwards."""
    made = await write.create(customer.context, TENANT, named(TENANT))
    assert made["realestates"] == []
    assert await read.get(customer.context, TENANT, made["id"]) == made


@RENTING
async def test_a_bulk_write_writes_links(customer: Customer, resource: Resource) -> None:
    """Of new items and of stored ones; the same ones in another order change nothing."""
    a, b, c, d = estates(customer)
    bodies = [named(resource, realestates=refs(some)) for some in ([a], [b, c], [])]
    first, second, third = await add(customer.own, resource, bodies)
    changes = await write.bulk(
        customer.context,
        resource,
        [
            {"id": first["id"], "realestates": refs([a, d])},
            {"id": second["id"], "realestates": refs([c, b])},
            {"id": third["id"], "custom_id": "x"},
            named(resource, realestates=refs([d])),
        ],
        Bulk(),
    )
    assert outcomes(changes) == ["updated", "unchanged", "updated", "created"]
    assert [change.item["realestates"] for change in changes] == [[a, d], [b, c], [], [d]]
    assert await links(customer, resource) == sorted(
        (change.item["id"], pk) for change in changes for pk in change.item["realestates"]
    )
    row = await stored_row(customer, resource, first["id"])
    assert row["revision"] == 2


async def test_a_dry_run_leaves_links_alone(customer: Customer) -> None:
    """Everything is done but the commit."""
    a, b, *_ = estates(customer)
    made = await write.create(customer.context, TENANT, named(TENANT, realestates=refs([a])))
    body = {"id": made["id"], "realestates": refs([b])}
    (change,) = await write.bulk(customer.context, TENANT, [body], Bulk(dry_run=True))
    assert change.outcome == "updated"
    assert await links(customer, TENANT) == [(made["id"], a)]


@RENTING
@pytest.mark.parametrize("whose", ["nobody's", "another customer's", "another resource's"])
async def test_what_is_not_the_customers_is_not_found(
    customer: Customer, stranger: Customer, resource: Resource, whose: str
) -> None:
    """One fault for each, at the field; nothing is written."""
    wrong = {
        "nobody's": new_id(),
        "another customer's": stranger.a(REAL_ESTATE),
        "another resource's": customer.a(TENANT),
    }[whose]
    body = named(resource, realestates=refs([customer.a(REAL_ESTATE), wrong]))
    known = await write.create(customer.context, resource, named(resource))
    attempts = [
        (write.create(customer.context, resource, body), ""),
        (write.update(customer.context, resource, known["id"], body), ""),
        (write.bulk(customer.context, resource, [named(resource), body], Bulk()), "/1"),
    ]
    for attempt, prefix in attempts:
        with pytest.raises(Problem) as caught:
            await attempt
        faults = [(fault.where, fault.code.value) for fault in caught.value.faults]
        assert faults == [(f"{prefix}/realestates", "not_found")]
    assert await links(customer, resource) == []


@pytest.mark.parametrize(
    ("value", "where", "code"),
    [
        (None, "", "null"),
        ({}, "", "type"),
        (["x"], "/0", "type"),
        ([{}], "/0/id", "required"),
        ([{"id": "x"}], "/0/id", "format"),
        ([{"id": REAL_ESTATE.name}], "/0/id", "format"),
    ],
)
async def test_what_is_no_array_of_references_is_refused(
    customer: Customer, value: Any, where: str, code: str
) -> None:
    """The pointer leads to the wrong place."""
    with pytest.raises(Problem) as caught:
        await write.create(customer.context, TENANT, named(TENANT, realestates=value))
    faults = [(fault.where, fault.code.value) for fault in caught.value.faults]
    assert faults == [(f"/realestates{where}", code)]


async def test_an_item_is_referred_to_once(customer: Customer) -> None:
    """The same id twice is an error at the second, whatever its case."""
    pk = customer.a(REAL_ESTATE)
    body = named(TENANT, realestates=refs([pk, pk.upper()]))
    with pytest.raises(Problem) as caught:
        await write.create(customer.context, TENANT, body)
    faults = [(fault.where, fault.code.value) for fault in caught.value.faults]
    assert faults == [("/realestates/1", "repeated_value")]


# --- deleting --------------------------------------------------------------------------------


@RENTING
async def test_what_is_referred_to_stays(customer: Customer, resource: Resource) -> None:
    """A referred item can't be deleted; with the last item that refers to it, it can."""
    pk = estates(customer)[0]
    made = await write.create(customer.context, resource, named(resource, realestates=refs([pk])))
    with pytest.raises(Problem) as caught:
        await write.delete(customer.context, REAL_ESTATE, pk)
    assert caught.value.code is Code.in_use
    await write.delete(customer.context, resource, made["id"])
    assert await links(customer, resource) == []
    await write.delete(customer.context, REAL_ESTATE, pk)
    assert await read.get(customer.context, REAL_ESTATE, pk) is None


async def test_links_belong_to_their_customer(customer: Customer, stranger: Customer) -> None:
    """Deleting and changing one customer's items leaves the other's links alone."""
    for each in (customer, stranger):
        await add(each.own, TENANT, [named(TENANT, realestates=refs(estates(each)))])
    before = await links(stranger, TENANT)
    mine = (await links(customer, TENANT))[0][0]
    await write.update(customer.context, TENANT, mine, {"realestates": []})
    await write.delete(customer.context, TENANT, mine)
    assert await links(stranger, TENANT) == before


# --- reading ---------------------------------------------------------------------------------


def questions(customer: Customer) -> list[Filter]:
    """Filters on the field, each as it is and negated."""
    a, b, c, d = estates(customer)
    asked: list[tuple[str, Any]] = [
        ("", a),
        ("", d),
        ("", new_id()),
        ("in", ()),
        ("in", (c,)),
        ("in", (a, d)),
        ("in", (b, new_id())),
        ("isnull", True),
        ("isnull", False),
    ]
    return [
        Filter("realestates", operator, negated, operand)
        for operator, operand in asked
        for negated in (False, True)
    ]


@RENTING
async def test_filters_ask_for_one_of_them(
    customer: Customer, stranger: Customer, resource: Resource
) -> None:
    """Each filter finds what a naive evaluator finds, and negated exactly the others."""
    await collection(stranger, resource)
    items = await collection(customer, resource)
    for asked in questions(customer):
        query = Query(filters=(asked,))
        expected = [item["id"] for item in naive.listed(resource, items, query)]
        assert await ids(customer, resource, query) == expected, asked
        found = await read.page(customer.context, resource, Query(filters=(asked,), count=True))
        assert found.total == len(expected)


async def test_filters_on_them_are_joined_by_and(customer: Customer) -> None:
    """Two filters ask for items with both."""
    items = await collection(customer, TENANT)
    a, b, *_ = estates(customer)
    both = Query(filters=tuple(Filter("realestates", "", False, pk) for pk in (a, b)))
    expected = [item["id"] for item in items if {a, b} <= set(item["realestates"])]
    assert len(expected) == 2
    assert sorted(await ids(customer, TENANT, both)) == sorted(expected)


@RENTING
async def test_search_finds_them_by_id(customer: Customer, resource: Resource) -> None:
    """A whole id finds every item that refers to it."""
    items = await collection(customer, resource)
    for pk in (*estates(customer), new_id()):
        query = Query(search=(pk,))
        expected = [item["id"] for item in naive.listed(resource, items, query)]
        assert await ids(customer, resource, query) == expected


@RENTING
async def test_statistics_count_items_without_any(customer: Customer, resource: Resource) -> None:
    """None is as good as null."""
    items = await collection(customer, resource)
    for filters in ((), (Filter("realestates", "", True, estates(customer)[0]),)):
        query = Query(filters=filters, statistics=True)
        found = await read.statistics(customer.context, resource, query)
        assert found == naive.statistics(resource, items, query)
        assert found["fields"]["realestates"]["null"] > 0


@RENTING
@pytest.mark.parametrize("descending", [False, True])
async def test_order_and_pages(customer: Customer, resource: Resource, descending: bool) -> None:
    """Items sort by the ids in order, none last; pages by number and by cursor are those cut up."""
    items = await collection(customer, resource)
    order = (Order("realestates", descending), Order("id"))
    expected = [item["id"] for item in naive.listed(resource, items, Query(order=order))]
    assert await ids(customer, resource, Query(order=order)) == expected
    pages = [
        await ids(customer, resource, Query(order=order, page=Page(number, 3)))
        for number in range(1, 5)
    ]
    assert [pk for page in pages for pk in page] == expected[:12]
    assert await walked(customer, resource, Query(order=order)) == expected


async def walked(customer: Customer, resource: Resource, query: Query) -> list[str]:
    """The ids on all pages of two, each page by the cursor of the one before."""
    met: list[str] = []
    last: tuple[Any, ...] | None = None
    while True:
        asked = Query(filters=query.filters, order=query.order, keyset=Keyset(2, last))
        found = await read.page(customer.context, resource, asked)
        met += [item["id"] for item in found.items]
        last = found.last
        if last is None:
            return met


async def test_exports_hold_them(customer: Customer) -> None:
    """A streamed item shows its references as a single one does."""
    await collection(customer, TENANT)
    listed = await read.page(customer.context, TENANT, Query())
    streamed: list[Any] = []
    async with read.export(customer.context, TENANT, Query()) as export:
        async for chunk in export.chunks:
            streamed += chunk
    assert streamed == listed.items


# --- free JSON -------------------------------------------------------------------------------


JSON_FIELDS = [
    (resource, field.name)
    for resource in (TENANT, ACTIVATION, REAL_ESTATE)
    for field in resource.writable
    if field.kind in JSON
]


@pytest.mark.parametrize(
    ("resource", "name"),
    JSON_FIELDS,
    ids=lambda value: value.model if isinstance(value, Resource) else value,
)
async def test_free_json_sorts_and_pages_by_its_text(
    customer: Customer, resource: Resource, name: str
) -> None:
    """In one order on both databases, with ties and nulls, forwards and backwards."""
    random = Random(name)
    await add(customer.own, resource, samples.bodies(random, resource, customer, 20))
    found = await read.page(customer.own, resource, Query(page=Page(1, 100)))
    items = [naive.seen(resource, clean_item(resource, item)) for item in found.items]
    assert len({str(item[name]) for item in items}) > 2
    for descending in (False, True):
        query = Query(order=(Order(name, descending), Order("id")))
        expected = [item["id"] for item in naive.listed(resource, items, query)]
        assert await ids(customer, resource, query) == expected
        assert await walked(customer, resource, query) == expected
