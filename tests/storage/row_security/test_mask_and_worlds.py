"""Two worlds that differ only in what may not be seen answer every question alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.decision import ConsentTerms, decide
from portvakt.schema.query import Keyset, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.storage.row_security.asking import (
    HISTORIES,
    PERSONS,
    PROTECTED,
    SHARING,
    quick,
    say,
    with_notices,
)
from tests.support import samples
from tests.support.stores import (
    ADDRESS,
    CONNECTION,
    ORGANIZATION,
    ORGANIZATION_USER,
    REAL_ESTATE,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    add,
    add_customer,
    clean_item,
    ref,
)
from tests.support.worlds import numbered, twin

pytestmark = pytest.mark.asyncio(loop_scope="module")


LOOKED_AT = (TENANT, SUB_TENANT, ORGANIZATION_USER, PROTECTED, ADDRESS, CONNECTION)
LEVELS = {
    None: "",
    "sales.organization": ORGANIZATION.name,
    "objects.realestate": REAL_ESTATE.name,
}


class Worlds:
    """Two customers that differ only in what the integration may not see."""

    def __init__(self, mode: int, first: Customer, second: Customer) -> None:
        self.mode = mode
        self.both = (first, second)
        self.items: dict[str, list[Item]] = {}

    def contexts(self, level: str | None) -> tuple[Context, Context]:
        """The same integration, in each world, activated at a level."""
        made = []
        for customer in self.both:
            place = customer.ids[LEVELS[level]][0] if level else ""
            caller = replace(
                customer.context.caller,
                consent_terms=ConsentTerms(active=True, requires=True, mode=self.mode),
                level=level,
                object=place,
            )
            context = replace(customer.at(60), caller=caller, rechecked=False, new_id=numbered(1))
            made.append(context)
        return made[0], made[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[1, 2])
async def worlds(store: Store, request: pytest.FixtureRequest) -> Worlds:
    """Random persons, answers, addresses and connections; then other secrets in the second."""
    mode: int = request.param
    random = Random(mode)
    first = await with_notices(await add_customer(store))
    ids: dict[str, Sequence[str]] = {**first.ids}
    first = replace(first, ids=ids)
    for resource, number in ((ADDRESS, 8), (TENANT, 9), (SUB_TENANT, 9), (ORGANIZATION_USER, 5)):
        made = await add(first.own, resource, samples.bodies(random, resource, first, number))
        ids[resource.name] = [*ids[resource.name], *(item["id"] for item in made)]
    terms = ConsentTerms(active=True, requires=True, mode=mode)
    denied: list[tuple[Resource, str]] = []
    for resource in PERSONS:
        for pk in first.ids[resource.name]:
            said, counts = random.choice(list(HISTORIES.values()))
            await say(first, resource, pk, said)
            item = await read.get(first.own, resource, pk)
            assert item is not None
            if not decide(terms, item.get(SHARING), counts.of(terms)).allowed:
                denied.append((resource, pk))
    denied += await protect(random, first, denied)
    await connect(random, first)
    shown = await addresses_seen(first, denied)
    second = await twin(store, first)
    hidden = [(ADDRESS, pk) for pk in first.ids[ADDRESS.name] if pk not in shown]
    for resource, pk in (*denied, *hidden):
        other = samples.body(random, resource, second)
        secrets = {name: other.get(name) for name in resource.personal if name in other}
        if "corporate_name" in resource.personal:  # as `sni_number`, which is seen, demands
            secrets["corporate_name"] = f"Hemligt {random.randrange(5)}"
        cleared = {
            field.name: None
            for field in resource.writable
            if field.personal and field.nullable and field.name not in secrets
        }
        await write.update(second.own, resource, pk, {**cleared, **secrets})
    made_worlds = Worlds(mode, first, second)
    for resource in LOOKED_AT:
        for world in made_worlds.both:
            found = await read.page(world.own, resource, Query(keyset=Keyset(1000)))
            known = made_worlds.items.setdefault(resource.name, [])
            known += [clean_item(resource, item) for item in found.items]
    return made_worlds


async def protect(
    random: Random, customer: Customer, denied: list[tuple[Resource, str]]
) -> list[tuple[Resource, str]]:
    """Protect some identities; those of persons who are denied."""
    found = []
    for resource, name in ((TENANT, "tenant"), (SUB_TENANT, "sub_tenant")):
        for pk in customer.ids[resource.name][::3]:
            home = random.choice(customer.ids[ADDRESS.name])
            body = {"first_name": "Skyddad", "current_registered_address": ref(home)}
            (item,) = await add(customer.own, PROTECTED, [{**body, name: ref(pk)}])
            if (resource, pk) in denied:
                found.append((PROTECTED, item["id"]))
    return found


async def connect(random: Random, customer: Customer) -> None:
    """Connect addresses with ids of another system."""
    context = replace(customer.context, rechecked=False)
    for pk in customer.ids[ADDRESS.name]:
        body = {
            "content_type": ref(content_type_id(ADDRESS.name)),
            "object_id": pk,
            "external_id": str(random.randrange(10**6)),
        }
        await write.create(context, CONNECTION, body)


async def addresses_seen(customer: Customer, denied: list[tuple[Resource, str]]) -> set[str]:
    """The addresses of those who are not denied."""
    seen = set()
    for resource in (TENANT, SUB_TENANT, PROTECTED):
        found = await read.page(customer.own, resource, Query(keyset=Keyset(1000)))
        for item in found.items:
            if (resource, item["id"]) not in denied:
                places = [item[name] for name in resource.personal if name.endswith("_address")]
                seen |= {place["id"] for place in places if place}
    return seen


async def told(context: Context, resource: Resource, query: Query) -> list[Any]:
    """All that the ways of asking for a list tell."""
    whole = replace(query, keyset=Keyset(7))
    page = await read.page(context, resource, replace(whole, count=True))
    answers: list[Any] = [page, await read.statistics(context, resource, query)]
    while page.last is not None:
        page = await read.page(context, resource, replace(query, keyset=Keyset(7, page.last)))
        answers.append(page)
    async with read.export(context, resource, query) as export:
        answers += [items async for items in export.chunks]
    return answers


@given(data=st.data())
@settings(quick, max_examples=12)
async def test_no_question_tells_the_worlds_apart(worlds: Worlds, data: st.DataObject) -> None:
    """Filters, searches, orders, cursors, counts and statistics, on what either world holds."""
    resource = data.draw(st.sampled_from(LOOKED_AT))
    items = worlds.items[resource.name]
    places = worlds.both[0].ids[REAL_ESTATE.name]
    query = Query(
        filters=tuple(data.draw(st.lists(samples.filters(resource, items), max_size=2))),
        order=data.draw(samples.orders(resource)),
        search=data.draw(st.one_of(st.just(()), samples.words(resource, items))),
        realestates=data.draw(st.sampled_from([None, None, tuple(places[:2])])),
    )
    first, second = worlds.contexts(data.draw(st.sampled_from(list(LEVELS))))
    assert await told(first, resource, query) == await told(second, resource, query)


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [2], indirect=True)  # the mode is a value in the statements
async def test_what_is_reached_does_not_tell_the_worlds_apart(worlds: Worlds) -> None:
    """Addresses are reached by those who have them, where these are seen; so are connections."""
    places = tuple(worlds.both[0].ids[REAL_ESTATE.name][:2])
    for level in LEVELS:
        first, second = worlds.contexts(level)
        for resource in LOOKED_AT:
            for query in (Query(), Query(realestates=places)):
                assert await told(first, resource, query) == await told(second, resource, query)


@st.composite
def sent(draw: st.DrawFn, resource: Resource, items: list[Item]) -> Item:
    """The body of an update with some values that either world holds, or none.

    Not of the flag by which a person forbids it: who may write that may lift it, and sees then.
    """
    item, other = draw(st.sampled_from(items)), draw(st.sampled_from(items))
    known = [field.name for field in resource.writable if field.name != SHARING]
    names = draw(st.sets(st.sampled_from(known), max_size=4))
    body: Item = {"id": item["id"]}
    for name in names:
        value = draw(st.sampled_from([item[name], other[name], None]))
        body[name] = None if value is None else resource.by_name[name].render(value)
    return body


@given(data=st.data())
@settings(quick, max_examples=12)
async def test_no_write_tells_the_worlds_apart(worlds: Worlds, data: st.DataObject) -> None:
    """Outcomes, faults and what comes back of updates, on values that either world holds."""
    resource = data.draw(st.sampled_from([one for one in LOOKED_AT if one.personal]))
    items = worlds.items[resource.name]
    bodies = data.draw(
        st.lists(sent(resource, items), min_size=1, max_size=3, unique_by=lambda one: one["id"])
    )
    how = Bulk(atomic=False, dry_run=True)
    answers = []
    for context in worlds.contexts(data.draw(st.sampled_from([None, "sales.organization"]))):
        changes = await write.bulk(context, resource, bodies, how)
        answers.append([(one.outcome, one.faults, one.faults or one.shown) for one in changes])
    assert answers[0] == answers[1]


async def test_the_worlds_differ(worlds: Worlds) -> None:
    """They do, for who sees everything."""
    first, second = [
        await read.page(world.own, TENANT, Query(keyset=Keyset(1000))) for world in worlds.both
    ]
    assert first != second


async def test_no_delete_tells_the_worlds_apart(worlds: Worlds) -> None:
    """Addresses, whoever has them."""
    first, second = worlds.contexts(None)
    for pk in worlds.both[0].ids[ADDRESS.name]:
        said = []
        for context in (first, second):
            with pytest.raises(Problem) as refused:
                await write.delete(context, ADDRESS, pk)
            said.append((refused.value.code, str(refused.value)))
        assert said[0] == said[1]
