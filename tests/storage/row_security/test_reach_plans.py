"""What an activation reaches is looked up by indexes: no way leads through all rows of a table.

PostgreSQL would rather read a small table from end to end than use its index, so here it is told
not to, and to join by looking one row up after the other. What it does then it can do with any
number of rows; and where no index fits, it has to show that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from portvakt.operations.context import Context
from portvakt.schema.caller import Caller
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.paths import WIDE, Unassigned
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.tables import CUSTOMER, table_name
from portvakt.storage.statements.statement import Statement
from portvakt.storage.store import Store
from tests.support.naive_reach import REGISTRY, Item
from tests.support.random_items import LEVELS, Maker
from tests.support.stores import ALL_RIGHTS, add_vendor, insert, moment, new_id
from tests.support.stores import CUSTOMER as CUSTOMERS

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_BY_ONE = ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "hashagg", "material", "memoize")
EVERYBODYS = {
    table_name(resource)
    for resource in REGISTRY.resources.values()
    if any(isinstance(step, Unassigned) for step in resource.reach)
}
UNIONS = {"Append", "Merge Append", "Recursive Union"}
PAGE = Query(keyset=Keyset(100))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(postgresql_store: Store) -> tuple[Context, dict[str, list[Item]]]:
    """Who asks, at no level yet, about a customer with random items."""
    store = postgresql_store
    vendors = await add_vendor(store), await add_vendor(store)
    (customer,) = await insert(store, CUSTOMERS, [{"name": "Slump"}])
    applications = vendors[0].application, vendors[1].application
    items = Maker(Random(5), applications, times=25).make()
    for name, given in items.items():
        await insert(store, REGISTRY.resources[name], given, customer)
    async with store.database.transaction() as connection:
        await connection.execute("ANALYZE")
    sees_all = ConsentTerms(active=True, requires=True, mode=0)
    caller = Caller(
        customer=customer,
        application=vendors[0].application,
        rights=ALL_RIGHTS,
        consent_terms=sees_all,
    )
    return Context(store, caller, moment(), new_id), items


async def plan(context: Context, statement: Statement, named: dict[str, Any]) -> dict[str, Any]:
    """The plan of a statement in which each row is looked up."""
    async with context.store.database.transaction() as connection:
        for way in ONE_BY_ONE:
            await connection.execute(f"SET LOCAL enable_{way} = off")
        text = f"EXPLAIN (FORMAT JSON) {statement.text}"
        ((found,),) = await connection.fetch(text, context.bind(statement, named))
    whole: dict[str, Any] = json.loads(found)[0]["Plan"]
    return whole


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan that read a table."""
    if "Relation Name" in node:
        yield node
    for below in node.get("Plans", ()):
        yield from scans(below)


def unindexed(whole: dict[str, Any], resource: Resource) -> list[str]:
    """What reads more of a table than it needs, but for the list's own table in its order.

    An index condition that names the customer alone reads all that the customer has. Customers
    themselves have a key of one column; and what is everybody's is the customer's.
    """
    found = []
    for node in scans(whole):
        table, alias = node["Relation Name"], node["Alias"]
        if alias == table_name(resource) or table in EVERYBODYS:
            continue
        named = node.get("Index Cond", "").replace(CUSTOMER, "").count("=")
        least = 1 if table == "platform_customer" else 2
        if node["Node Type"] == "Seq Scan" or named < least:
            found.append(f"{node['Node Type']} on {table}: {node.get('Index Cond')}")
    return found


def at(context: Context, level: str, items: dict[str, list[Item]], *, connected: bool) -> Context:
    """The same caller with an activation at a level."""
    caller = replace(context.caller, level=level, object=items[level][0]["id"], connected=connected)
    return replace(context, caller=caller)


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("level", LEVELS)
async def test_a_page_is_found_by_indexes(
    asker: tuple[Context, dict[str, list[Item]]], level: str, connected: bool
) -> None:
    """Of every resource, at every level; so is a single item."""
    context, items = asker
    context = at(context, level, items, connected=connected)
    statements = context.store.statements
    for name in items:
        resource = REGISTRY.resources[name]
        access = context.caller.access(resource)
        values = context.store.query_values(resource, PAGE)
        whole = await plan(context, statements.rows.listing(resource, PAGE, access), values)
        assert unindexed(whole, resource) == [], name
        one = await plan(
            context, statements.rows.get(resource, access), {"id": items[name][0]["id"]}
        )
        assert unindexed(one, resource) == [], name
        if level not in WIDE:
            count = statements.rows.count(resource, Query(), access)
            assert unindexed(await plan(context, count, {}), resource) == [], name


@pytest.mark.parametrize("name", ["realestates", "segments"])
async def test_global_filters_are_found_by_indexes(
    asker: tuple[Context, dict[str, list[Item]]], name: str
) -> None:
    """Of every resource, in the one statement that reads it."""
    context, items = asker
    estates, segments = items["objects.realestate"], items["organization.segment"]
    asked = (
        replace(PAGE, realestates=tuple(item["id"] for item in estates[:2]))
        if name == "realestates"
        else replace(PAGE, segments=tuple(item["id"] for item in segments[:2]))
    )
    for one in items:
        resource = REGISTRY.resources[one]
        statement = context.store.statements.rows.listing(
            resource, asked, context.caller.access(resource)
        )
        values = context.store.query_values(resource, asked)
        assert unindexed(await plan(context, statement, values), resource) == [], one


def joined(node: dict[str, Any]) -> tuple[int, int]:
    """How many tables are joined with each other at a node, and the most anywhere below it.

    What is found apart is no part of the join: a set, or what is looked up for one row at a time.
    """
    inside = [(below.get("Parent Relationship"), joined(below)) for below in node.get("Plans", ())]
    own = [here for how, (here, _) in inside if how not in {"InitPlan", "SubPlan"}]
    here = max(own, default=0) if node["Node Type"] in UNIONS else sum(own)
    here += "Relation Name" in node
    return here, max([here, *(most for _, (_, most) in inside)])


@pytest.mark.parametrize("level", [None, *LEVELS])
async def test_no_list_joins_more_than_two_tables(
    asker: tuple[Context, dict[str, list[Item]]], level: str | None
) -> None:
    """Without statistics PostgreSQL guesses that each holds a row, and multiplies them.

    Of every resource, whole or a page, whatever it has to concern, for whoever sees few persons.
    """
    context, items = asker
    context = at(context, level, items, connected=True) if level else context
    strict = replace(context.caller, consent_terms=ConsentTerms(active=True, requires=True, mode=2))
    context = replace(context, caller=strict)
    some = tuple(item["id"] for item in items["objects.realestate"][:2])
    for name in items:
        resource = REGISTRY.resources[name]
        access = context.caller.access(resource)
        for query in (Query(), PAGE):
            asked = (query, replace(query, realestates=some), replace(query, segments=some))
            for one in asked:
                statement = context.store.statements.rows.listing(resource, one, access)
                whole = await plan(context, statement, context.store.query_values(resource, one))
                assert joined(whole)[1] <= 2, (name, one)


async def test_a_missing_index_would_be_found(asker: tuple[Context, dict[str, list[Item]]]) -> None:
    """A filter on a field without an index reads all that the customer has."""
    context, _ = asker
    resource = REGISTRY.resources["accounts.tenant"]
    asked = Query(filters=(Filter("first_name", "", False, "Åsa"),))
    statement = context.store.statements.rows.listing(
        resource, asked, context.caller.access(resource)
    )
    whole = await plan(context, statement, context.store.query_values(resource, asked))
    other = REGISTRY.resources["accounts.subtenant"]
    assert unindexed(whole, other) != []
