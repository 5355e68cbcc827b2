"""Two worlds that differ only in what an integration may not see answer its writes alike."""

from __future__ import annotations

from itertools import chain, count

import pytest
import pytest_asyncio

from portvakt.errors import Fault, FaultCode
from portvakt.operations.reading import read
from portvakt.schema.query import Keyset, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.operations.writing.two_worlds import (
    DRY,
    PROTECTED,
    WAYS,
    WRITTEN,
    Worlds,
    asked_at_random,
    asked_one_by_one,
    example,
    secrets,
    shared,
    told,
    told_of_one,
)
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    CONNECTION,
    NOTICE,
    ORGANIZATION,
    ROLE,
    SUB_TENANT,
    TENANT,
    Item,
    add_customer,
    add_vendor,
    notice,
    ref,
)
from tests.support.worlds import twin

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[False, True], ids=["reach", "connected"]
)
async def worlds(store: Store, request: pytest.FixtureRequest) -> Worlds:
    """An integration on one organization; it needs connections, or doesn't."""
    vendor = await add_vendor(store)
    first = await add_customer(store, vendor)
    await shared(first)
    second = await twin(store, first)
    for number, customer in enumerate((first, second)):
        await secrets(store, customer, number, connected=request.param)
    items: dict[str, dict[str, Item]] = {}
    for customer in (first, second):
        for resource in WRITTEN:
            found = await read.page(customer.own, resource, Query(keyset=Keyset(1000)))
            known = items.setdefault(resource.name, {})
            known |= {item["id"]: item for item in found.items}
    return Worlds((first, second), {k: list(v.values()) for k, v in items.items()}, request.param)


EACH = pytest.mark.parametrize("resource", WRITTEN, ids=lambda one: one.model)


@EACH
async def test_no_reference_tells_the_worlds_apart(worlds: Worlds, resource: Resource) -> None:
    """Whatever is named: what it says of the one world it says of the other."""
    first, second = worlds.contexts()
    for body, number in zip(asked_one_by_one(worlds, resource), count(), strict=False):
        answers = [
            await told(context, resource, [body], WAYS[number % 2]) for context in (first, second)
        ]
        assert answers[0] == answers[1], body


@EACH
async def test_no_bulk_write_tells_the_worlds_apart(worlds: Worlds, resource: Resource) -> None:
    """Several items with several values, atomic or not, by id or by `_match`."""
    first, second = worlds.contexts()
    for bodies, number in zip(asked_at_random(worlds, resource, 24), count(), strict=False):
        how = WAYS[number % len(WAYS)]
        answers = [await told(context, resource, bodies, how) for context in (first, second)]
        assert answers[0] == answers[1], bodies


@EACH
async def test_no_refused_write_tells_the_worlds_apart(worlds: Worlds, resource: Resource) -> None:
    """A create or an update that a dry run refuses is refused in the same words, in both."""
    first, second = worlds.contexts()
    probes = chain(*asked_at_random(worlds, resource, 8))
    for body in probes:
        if isinstance((await told(first, resource, [body], DRY))[0], tuple):
            continue  # it would be written, and the worlds become alike
        answers = [await told_of_one(context, resource, body) for context in (first, second)]
        assert answers[0] == answers[1], body


async def test_what_is_not_found_is_that_alone(worlds: Worlds) -> None:
    """A reference that was refused is held against no unique key, look-up, transition or person."""
    (_, context), customer = worlds.contexts(), worlds.both[1]
    far, gone = ref(customer.a(TENANT, 3)), ref(customer.a(SUB_TENANT, 1))
    others, tenant = ref(customer.a(ACTIVATION, 1)), ref(customer.a(TENANT))
    tenants = ref(content_type_id(TENANT.name))
    notices = {item["version"]: item["id"] for item in worlds.items[NOTICE.name]}
    mine, theirs = notices[5], notices[6]
    asked: list[tuple[Resource, Item, set[str]]] = [
        (PROTECTED, {"tenant": far, "first_name": "Ny"}, {"/tenant"}),
        (PROTECTED, {"sub_tenant": gone, "first_name": "Ny"}, {"/sub_tenant"}),
        (NOTICE, notice(7, integration=others), {"/integration"}),
        (NOTICE, {"id": mine, "integration": others}, {"/integration"}),
        (
            ANSWER,
            {
                "answer": True,
                "integration": others,
                "answered_by_tenant": tenant,
                "notice": ref(theirs),
            },
            {"/integration", "/notice"},
        ),
        (
            CONNECTION,
            {"content_type": tenants, "object_id": far["id"], "external_id": "K0"},
            {"/object_id"},
        ),
    ]
    for resource, body, places in asked:
        ((_, _, faults),) = await told(context, resource, [body], WAYS[1])
        said = {(fault.code.value, fault.where) for fault in faults} - {("out_of_reach", "")}
        assert said == {("not_found", where) for where in places}, (resource.name, faults)


async def test_the_worlds_differ(worlds: Worlds) -> None:
    """To who sees everything they don't answer alike: the writes above could tell."""
    for resource, body in (
        (PROTECTED, {"tenant": ref(worlds.both[0].a(TENANT, 3)), "first_name": "Ny"}),
        (SUB_TENANT, {"id": worlds.both[0].a(SUB_TENANT, 1), "first_name": "Ny"}),
    ):
        answers = [await told(world.own, resource, [body], DRY) for world in worlds.both]
        assert answers[0] != answers[1]


async def test_a_name_that_is_taken_is_told(worlds: Worlds) -> None:
    """The exception, as no answer could hide it: names that are unique among all of a customer."""
    first, _ = worlds.contexts()
    for resource in (ORGANIZATION, ROLE):
        taken = worlds.items[resource.name][-1]
        body = {**example(resource, worlds.both[0]), "name": taken["name"]}
        _, _, faults = await told(first, resource, [body], DRY)
        codes = [fault.code for fault in faults]
        hidden = [FaultCode.out_of_reach] if worlds.connected else [FaultCode.conflict]
        assert codes == hidden
        assert all(isinstance(fault, Fault) for fault in faults)
