"""What an activation sees of random data, in every way of asking, compared with a naive walk.

At each level, as one that may see all rows of its object, as one that sees answers about itself
alone, and as one that sees only what its application has connected with an id of its own.
"""

from __future__ import annotations

import json
from asyncio import Event
from random import Random
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from portvakt.api.streaming import LINES, ExportAnswer, Streams
from portvakt.errors import FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.reading.resolve import resolve
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk, Change
from portvakt.schema import decision
from portvakt.schema.caller import Caller as Scope
from portvakt.schema.query import Filter, Keyset, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import ALL_ROWS
from portvakt.storage.store import Store
from tests.support.naive_reach import (
    ACTIVATIONS,
    ANSWERS,
    CONNECTIONS,
    PEOPLE,
    REGISTRY,
    Caller,
    Item,
    Naive,
)
from tests.support.random_items import LEVELS, Maker
from tests.support.stores import CUSTOMER, add_vendor, insert, moment, new_id

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SEEDS = (3, 11)
BOUNDS = ("all", "own", "connected")
EVERY_WAY = (ANSWERS, CONNECTIONS, ACTIVATIONS, "accounts.tenant", "accounts.protectedidentity")
DRY = Bulk(atomic=False, dry_run=True)
RIGHTS = frozenset({"read", "create", "update", "delete"})


class World(NamedTuple):
    """A customer with random items, and the application that asks."""

    customer: str
    application: str
    items: dict[str, list[Item]]
    store: Store


class Asker(NamedTuple):
    """An activation, what it sees, and what it could connect."""

    context: Context
    naive: Naive
    caller: Caller
    connecting: Caller

    def sees(self, name: str) -> set[str]:
        """The ids of a resource's items that it should see."""
        return self.naive.seen(name, self.caller)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(store: Store) -> list[World]:
    """Customers with random items, one for each seed."""
    made = [await _world(store, seed) for seed in SEEDS]
    async with store.database.transaction() as connection:
        await connection.execute("ANALYZE")  # or else the databases guess, and plan badly
    return made


async def _world(store: Store, seed: int) -> World:
    vendors = await add_vendor(store), await add_vendor(store)
    (customer,) = await insert(store, CUSTOMER, [{"name": f"Slump {seed}"}])
    applications = vendors[0].application, vendors[1].application
    items = Maker(Random(seed), applications).make()
    for name, given in items.items():
        await insert(store, REGISTRY.resources[name], given, customer)
    return World(customer, applications[0], items, store)


def ask(world: World, level: str, bound: str) -> Asker:
    """An activation at a level, on the object there that reaches the most."""
    objects = [item["id"] for item in world.items[level]]
    naives = [Naive(world.items, level, pk) for pk in objects]
    pk, naive = max(
        zip(objects, naives, strict=True),
        key=lambda pair: len(pair[1].reached(ANSWERS)) + len(pair[1].reached(ACTIVATIONS)),
    )
    own = next(iter(sorted(naive.reached(ACTIVATIONS))), world.items[ACTIVATIONS][0]["id"])
    granted = RIGHTS if bound == "own" else RIGHTS | {ALL_ROWS}
    caller = Scope(
        customer=world.customer,
        application=world.application,
        activation=own,
        level=level,
        object=pk,
        rights=dict.fromkeys(world.items, granted),
        connected=bound == "connected",
        consent_terms=decision.ConsentTerms(active=True, requires=True, mode=0),
    )
    mine = own if bound == "own" else None
    return Asker(
        Context(world.store, caller, moment(), new_id),
        naive,
        Caller(world.items, world.application, mine, connected=bound == "connected"),
        Caller(world.items, world.application, mine),
    )


async def listed(context: Context, resource: Resource, query: Query | None = None) -> set[str]:
    """The ids that a whole list holds."""
    async with read.export(context, resource, query or Query()) as export:
        return {item["id"] async for items in export.chunks for item in items}


async def in_lines(context: Context, resource: Resource, query: Query) -> list[Any]:
    """What a whole list answers as lines of JSON."""
    sent: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    async def receive() -> Any:
        await Event().wait()  # the client stays

    export = read.export(context, resource, query)
    answer = ExportAnswer(export, LINES, Streams(1, 30))
    await answer({"type": "http", "method": "GET"}, receive, send)
    return [json.loads(line) for line in b"".join(sent).splitlines()]


async def tried(context: Context, resource: Resource, bodies: list[Any]) -> list[Change]:
    """What would become of each item of a bulk write."""
    return await write.bulk(context, resource, bodies, DRY)


def faulted(change: Change, where: str) -> bool:
    """Whether something that a change names isn't found."""
    return any(
        fault.code is FaultCode.not_found and fault.where == where for fault in change.faults
    )


EACH = pytest.mark.parametrize(
    ("level", "bound"), [(level, bound) for level in LEVELS for bound in BOUNDS]
)
EACH_ONCE = pytest.mark.parametrize(
    ("level", "bound"),
    [(level, bound) for place, level in enumerate(LEVELS) for bound in BOUNDS[place % 2 :: 2]],
)
"""Every level and every bound, but not each with each: they are conditions beside one another."""


@EACH
async def test_lists_hold_what_is_seen(worlds: list[World], level: str, bound: str) -> None:
    """Of every resource no item more and none fewer."""
    for world in worlds:
        asker = ask(world, level, bound)
        for name in world.items:
            found = await listed(asker.context, REGISTRY.resources[name])
            assert found == asker.sees(name), name


@EACH_ONCE
async def test_every_way_of_reading_agrees(worlds: list[World], level: str, bound: str) -> None:
    """Get, count, statistics, pages, lines, filters, search and resolve."""
    world = worlds[0]
    asker = ask(world, level, bound)
    for name in EVERY_WAY:
        await check_reading(asker, REGISTRY.resources[name], world.items[name])
    entries = [
        {"content_type": {"id": item["content_type"]}, by: item[by]}
        for item in world.items[CONNECTIONS]
        for by in ("object_id", "external_id")
    ]
    answers = await resolve(asker.context, REGISTRY.resources[CONNECTIONS], entries)
    assert {item["id"] for items in answers for item in items} == asker.sees(CONNECTIONS)


async def check_reading(asker: Asker, resource: Resource, items: list[Item]) -> None:
    """The ways of reading one resource."""
    context, seen = asker.context, asker.sees(resource.name)
    for pk in [*sorted(seen)[:2], *(item["id"] for item in items[::6])]:
        assert (await read.get(context, resource, pk) is not None) == (pk in seen)
    for pk in [items[0]["id"], *sorted(seen)[:1]]:
        assert await listed(context, resource, Query(search=(pk,))) & {pk} == {pk} & seen
    assert (await read.statistics(context, resource, Query()))["count"] == len(seen)
    page = await read.page(context, resource, Query(keyset=Keyset(1000), count=True))
    assert ({item["id"] for item in page.items}, page.total) == (seen, len(seen))
    assert await in_lines(context, resource, Query()) == page.items
    slim = await in_lines(context, resource, Query(slim=True))
    assert slim == [{"id": item["id"]} for item in page.items]
    if resource.versions:  # nothing has changed since
        then = Query(keyset=Keyset(1000), as_of=moment(1))
        assert {item["id"] for item in (await read.page(context, resource, then)).items} == seen
        assert await listed(context, resource, Query(as_of=moment(1))) == seen
        assert (await read.statistics(context, resource, Query(as_of=moment(1))))["count"] == (
            len(seen)
        )
    some = tuple(item["id"] for item in items[::3])
    for negated in (False, True):
        asked = Query(filters=(Filter("id", "in", negated, some),))
        expected = seen - set(some) if negated else seen & set(some)
        assert await listed(context, resource, asked) == expected


@EACH_ONCE
async def test_every_way_of_writing_agrees(worlds: list[World], level: str, bound: str) -> None:
    """What isn't seen can be neither updated, matched, deleted nor named in an answer."""
    world = worlds[1]
    asker = ask(world, level, bound)
    for name in EVERY_WAY:
        resource, seen = REGISTRY.resources[name], asker.sees(name)
        ids = [item["id"] for item in world.items[name]]
        changes = await tried(asker.context, resource, [{"id": pk} for pk in ids])
        assert {pk for pk, one in zip(ids, changes, strict=True) if not faulted(one, "/id")} == (
            seen
        )
        await check_match(asker, resource, world.items[name])
        for pk in [pk for pk in ids if pk not in seen][:2]:
            for attempt in (
                write.update(asker.context, resource, pk, {"custom_id": "mine"}),
                write.delete(asker.context, resource, pk),
            ):
                with pytest.raises(Problem, match="not_found"):
                    await attempt
    await check_answers(asker, world)
    await check_connections(asker, world)


async def check_match(asker: Asker, resource: Resource, items: list[Item]) -> None:
    """`_match` finds exactly what is seen."""
    how = Bulk(atomic=False, dry_run=True, match=("custom_id",))
    seen = asker.sees(resource.name)
    if resource.made_by_people:  # what isn't found would be new, which is refused as a whole
        for item in [item for item in items if item["id"] not in seen][:2]:
            with pytest.raises(Problem, match="forbidden"):
                await write.bulk(asker.context, resource, [{"custom_id": item["custom_id"]}], how)
        items = [item for item in items if item["id"] in seen]
    bodies = [{"custom_id": item["custom_id"]} for item in items]
    changes = await write.bulk(asker.context, resource, bodies, how)
    assert {change.target for change in changes} - {None} == seen


async def check_answers(asker: Asker, world: World) -> None:
    """An answer can name the persons and integrations that the caller sees."""
    resource = REGISTRY.resources[ANSWERS]
    named = {**PEOPLE, "integration": ACTIVATIONS}
    for field, kind in named.items():
        ids = [item["id"] for item in world.items[kind]]
        bodies = [{"answer": True, field: {"id": pk}} for pk in ids]
        changes = await tried(asker.context, resource, bodies)
        found = {
            pk for pk, change in zip(ids, changes, strict=True) if not faulted(change, f"/{field}")
        }
        assert found == asker.sees(kind), field


async def check_connections(asker: Asker, world: World) -> None:
    """What isn't connected yet can be, if it is within reach otherwise; nothing else can."""
    resource = REGISTRY.resources[CONNECTIONS]
    for kind, items in world.items.items():
        ids = [item["id"] for item in items]
        bodies = [
            {"content_type": {"id": content_type_id(kind)}, "object_id": pk, "external_id": "new"}
            for pk in ids
        ]
        changes = await tried(asker.context, resource, bodies)
        found = {pk for pk, change in zip(ids, changes, strict=True) if change.outcome != "refused"}
        assert found == asker.naive.seen(kind, asker.connecting), kind


async def test_the_random_data_tells_bounds_apart(worlds: list[World]) -> None:
    """Each bound hides something that another one shows, so that a fault would be seen."""
    for name in (ANSWERS, "accounts.tenant"):
        counts = {
            bound: sum(
                len(ask(world, level, bound).sees(name)) for world in worlds for level in LEVELS
            )
            for bound in BOUNDS
        }
        assert 0 < counts["connected"] < counts["all"], (name, counts)
        assert counts["own"] > 0, (name, counts)
