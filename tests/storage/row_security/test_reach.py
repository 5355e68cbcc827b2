"""What an activation reaches: exactly what belongs to its object, in every way of asking.

The sample data is asked by activations on each of its organizations, companies, real estates and
tenants, and compared with a naive walk through the same data.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from portvakt.app import new_id
from portvakt.errors import FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.reading.resolve import resolve
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.resources import load
from portvakt.sandbox.data import sample_data, seed
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.storage.migrations.migrate import sync_content_types
from portvakt.storage.store import Store
from tests.support.naive_reach import Naive
from tests.support.sealing import sealer
from tests.support.stores import ALL_RIGHTS

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = "2026-11-23T10:00:00.000000Z"
REGISTRY = load()
CUSTOMER = sample_data(REGISTRY).customers[0]
LEVELS = ("sales.organization", "organization.company", "objects.realestate", "accounts.tenant")
ANSWERS = REGISTRY.resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = REGISTRY.resources["integrations.integrationserviceidconnection"]
TENANTS = REGISTRY.resources["accounts.tenant"]
LOG = REGISTRY.resources["common.eventlog"]
SEGMENT = CUSTOMER.items["organization.segment"][0]["id"]
ESTATE = CUSTOMER.items["objects.realestate"][0]["id"]
READABLE = [
    resource
    for name, resource in REGISTRY.resources.items()
    if not (name.startswith("platform.") or resource.append_only)
]


# --- the facts -----------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded(store: Store) -> Store:
    """A store with the sample data, without statistics, as it is when it was just filled."""
    await sync_content_types(store, NOW)
    await seed(store, NOW)
    await sealer(store).seal_all()
    return store


def caller(store: Store, level: str, pk: str) -> Context:
    """An integration whose activation is on one object, and which may do everything."""
    needs_no_answer = ConsentTerms(active=True, requires=True, mode=0)
    caller = Caller(
        customer=CUSTOMER.id,
        level=level,
        object=pk,
        rights=ALL_RIGHTS,
        consent_terms=needs_no_answer,
    )
    return Context(store, caller, NOW, new_id)


def objects(level: str) -> list[str]:
    """Some objects of a level: all but of tenants, of which there are many."""
    return [item["id"] for item in CUSTOMER.items[level]][:: 9 if level == "accounts.tenant" else 1]


async def listed(context: Context, resource: Resource, query: Query | None = None) -> set[str]:
    """The ids that a whole list holds."""
    async with read.export(context, resource, query or Query()) as export:
        return {item["id"] async for items in export.chunks for item in items}


@pytest.mark.parametrize("level", LEVELS)
async def test_lists_hold_what_belongs_to_the_object(seeded: Store, level: str) -> None:
    """Of every resource, at every object: no item more and none fewer."""
    for pk in objects(level):
        naive, context = Naive(CUSTOMER.items, level, pk), caller(seeded, level, pk)
        for resource in READABLE:
            assert await listed(context, resource) == naive.reached(resource.name), resource.name


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
async def test_every_way_of_reading_agrees(seeded: Store, level: str) -> None:
    """Get, count, statistics, search, filters, pages and resolve reach what the list does."""
    pk = objects(level)[0]
    naive, context = Naive(CUSTOMER.items, level, pk), caller(seeded, level, pk)
    for resource in (ANSWERS, CONNECTIONS, TENANTS):
        reached = naive.reached(resource.name)
        everything = [item["id"] for item in CUSTOMER.items[resource.name]]
        for one in everything[::5]:
            assert (await read.get(context, resource, one) is not None) == (one in reached)
        assert (await read.statistics(context, resource, Query()))["count"] == len(reached)
        page = await read.page(context, resource, Query(keyset=Keyset(10_000), count=True))
        assert page.total == len(page.items) == len(reached)
        some = tuple(everything[::3])
        asked = Query(filters=(Filter("id", "in", False, some),))
        assert await listed(context, resource, asked) == reached & set(some)
        assert await listed(context, resource, Query(search=(everything[0],))) <= reached
    entries = [
        {"content_type": {"id": item["content_type"]}, "object_id": item["object_id"]}
        for item in CUSTOMER.items[CONNECTIONS.name]
    ]
    found = {item["id"] for items in await resolve(context, CONNECTIONS, entries) for item in items}
    assert found == naive.reached(CONNECTIONS.name)


@pytest.mark.parametrize("level", [one.name for one in READABLE])
async def test_each_way_agrees_whatever_an_activation_is_on(seeded: Store, level: str) -> None:
    """A service may be of any level: what a list holds a Get gives, and the other way round."""
    for pk in [item["id"] for item in CUSTOMER.items.get(level, ())][:2]:
        context = caller(seeded, level, pk)
        for resource in READABLE:
            some = [item["id"] for item in CUSTOMER.items.get(resource.name, ())][::5]
            gotten = {one for one in some if await read.get(context, resource, one) is not None}
            assert await listed(context, resource) & {*some} == gotten, resource.name


CONCERNED = [Query(realestates=(ESTATE,)), Query(segments=(SEGMENT,))]


@pytest.mark.slow
@pytest.mark.parametrize("asked", CONCERNED)
@pytest.mark.parametrize("level", LEVELS)
async def test_a_log_tells_of_what_concerns_a_real_estate(
    seeded: Store, level: str, asked: Query
) -> None:
    """To an integration: of each item that its lists hold when they are asked the same."""
    context = caller(seeded, level, objects(level)[0])
    application = CUSTOMER.first_integration["application_id"]
    context = replace(context, caller=replace(context.caller, application=application))
    items = set[str]()
    for resource in READABLE:
        items |= await listed(context, resource, asked)
    async with read.export(context, LOG, asked) as export:
        told = {item["object_id"] async for items in export.chunks for item in items}
    assert told == items
    assert items


@pytest.mark.parametrize("asked", [Query(realestates=(ESTATE,)), Query(segments=(ESTATE,))])
async def test_what_is_the_platforms_concerns_no_real_estate(seeded: Store, asked: Query) -> None:
    """Lists of the platform take the parameters like all others, and are empty then."""
    context = Context(seeded, Caller(customer="", kind=OPERATOR), NOW, new_id)
    for resource in (one for one in REGISTRY.offered if one.platform):
        assert await listed(context, resource, asked) == set(), resource.name


@pytest.mark.parametrize("level", LEVELS)
async def test_nobody_writes_out_of_reach(seeded: Store, level: str) -> None:
    """A person who is out of reach is not found; no item is changed, deleted or left there."""
    pk = objects(level)[0]
    naive, context = Naive(CUSTOMER.items, level, pk), caller(seeded, level, pk)
    reached = naive.reached(TENANTS.name)
    (near, *_), far = sorted(reached), [t for t in CUSTOMER.ids("tenant") if t not in reached]
    integrations = naive.reached("accounts.integrationuseragent")
    for tenant in far[:2]:
        body = {
            "answer": True,
            "integration": {"id": CUSTOMER.ids("integration")[0]},
            "answered_by_tenant": {"id": tenant},
        }
        with pytest.raises(Problem) as refused:
            await write.create(context, ANSWERS, body)
        assert FaultCode.not_found in {fault.code for fault in refused.value.faults}
        for attempt in (
            write.update(context, TENANTS, tenant, {"custom_id": "mine"}),
            write.delete(context, TENANTS, tenant),
        ):
            with pytest.raises(Problem, match="not_found"):
                await attempt
    if level == "accounts.tenant":
        moved = {"first_name": "Ny", "last_name": "Person"}  # a new tenant is not this one
        with pytest.raises(Problem) as refused:
            await write.create(context, TENANTS, moved)
        assert [fault.code for fault in refused.value.faults] == [FaultCode.out_of_reach]
    if integrations:
        body = {
            "answer": True,
            "integration": {"id": min(integrations)},
            "answered_by_tenant": {"id": near},
        }
        assert await write.create(context, ANSWERS, body)
        made = await listed(context, ANSWERS)
        await write.delete(context, ANSWERS, next(iter(made - naive.reached(ANSWERS.name))))


@pytest.mark.parametrize("atomic", [True, False])
async def test_a_bulk_leaves_nothing_out_of_reach(seeded: Store, atomic: bool) -> None:
    """An item that would end up out of reach is refused; the others are written if asked so."""
    organization = CUSTOMER.ids("organization")[1]
    other = CUSTOMER.ids("organization")[2]
    context = caller(seeded, "sales.organization", organization)
    bodies = [
        {"first_name": "Nära", "organization": {"id": organization}},
        {"first_name": "Ingenstans"},
    ]
    how = Bulk(atomic=atomic)
    if atomic:
        with pytest.raises(Problem) as refused:
            await write.bulk(context, TENANTS, bodies, how)
        assert [fault.where for fault in refused.value.faults] == ["/1"]
        return
    changes = await write.bulk(context, TENANTS, bodies, how)
    assert [change.outcome for change in changes] == ["created", "refused"]
    moved = {"id": changes[0].item["id"], "organization": {"id": other}}
    (change,) = await write.bulk(context, TENANTS, [moved], how)
    assert {fault.code for fault in change.faults} == {FaultCode.not_found}
    await write.delete(context, TENANTS, changes[0].item["id"])


@pytest.mark.parametrize("name", ["realestates", "segments"])
async def test_global_filters_narrow_by_real_estate(seeded: Store, name: str) -> None:
    """`global_realestates` and `global_segments` hold what belongs to one of those real estates.

    Not what is everybody's.
    """
    notices = CUSTOMER.items["integrations.notice"]
    everybodys = {item["id"] for item in notices if item["integration"] is None}
    context = caller(seeded, "sales.organization", CUSTOMER.ids("organization")[0])
    given = [item["id"] for item in CUSTOMER.items["objects.realestate"]][:2]
    asked = Query(realestates=tuple(given))
    if name == "segments":
        segment = CUSTOMER.items["organization.segment"][0]
        given, asked = segment["realestates"], Query(segments=(segment["id"],))
    mine = Naive(CUSTOMER.items, "sales.organization", CUSTOMER.ids("organization")[0])
    walks = [Naive(CUSTOMER.items, "objects.realestate", pk) for pk in given]
    for resource in READABLE:
        if resource is not CONNECTIONS:
            expected = {pk for walk in walks for pk in walk.reached(resource.name)}
            expected &= mine.reached(resource.name) - everybodys
            assert await listed(context, resource, asked) == expected, resource.name


async def test_own_rows_are_about_the_caller(seeded: Store) -> None:
    """Without the right to all rows an integration sees and writes answers about itself alone."""
    own, others = CUSTOMER.ids("integration")[:2]
    context = caller(seeded, "sales.organization", CUSTOMER.ids("organization")[0])
    rights = {ANSWERS.name: frozenset({"read", "create"})}
    context = replace(context, caller=replace(context.caller, activation=own, rights=rights))
    mine = {i["id"] for i in CUSTOMER.items[ANSWERS.name] if i["integration"] == own}
    assert await listed(context, ANSWERS) == mine
    body = {"answer": True, "answered_by_tenant": {"id": CUSTOMER.ids("tenant")[0]}}
    with pytest.raises(Problem, match="invalid"):
        await write.create(context, ANSWERS, {**body, "integration": {"id": others}})
    with pytest.raises(Problem, match=r"forbidden.*delete"):
        await write.delete(context, ANSWERS, min(mine))
