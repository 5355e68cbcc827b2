"""The gate: personal fields are null for an integration that may not see the person."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import pytest_asyncio

from portvakt.operations.consent import decisions
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.schema.decision import ConsentTerms, decide
from portvakt.schema.query import Keyset, Query
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.storage.row_security.asking import (
    ASKERS,
    HISTORIES,
    KINDS,
    NO,
    PERSONS,
    PROTECTED,
    SHARING,
    YES,
    Said,
    asking,
    say,
    with_notices,
)
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ORGANIZATION,
    PERMISSIONS,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    add,
    add_customer,
    address,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(store: Store) -> tuple[Customer, dict[str, tuple[Resource, Any, Any]]]:
    """A customer with a person of each kind, sharing flag and history of answers."""
    customer = await with_notices(await add_customer(store))
    known: dict[str, tuple[Resource, Any, Any]] = {}
    for resource in PERSONS:
        flags = (None, True, False) if SHARING in resource.by_name else (None,)
        for sharing, (said, counts) in product(flags, HISTORIES.values()):
            body: Item = {"first_name": "Hemlig", "phone_number": "0701740605"}
            body |= {SHARING: sharing} if len(flags) > 1 else {"detail_access": 0}
            body |= PERMISSIONS if resource is SUB_TENANT else {}
            body["organization"] = ref(customer.a(ORGANIZATION))
            item = await write.create(customer.own, resource, body)
            await say(customer, resource, item["id"], said)
            known[item["id"]] = (resource, sharing, counts)
    return customer, known


@pytest.mark.parametrize("terms", ASKERS, ids=str)
async def test_reads_follow_the_table(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], terms: ConsentTerms
) -> None:
    """Whoever asks, whatever the person has said: the list shows what the table decides."""
    customer, known = people
    context = asking(customer, terms)
    for resource in PERSONS:
        listed = await read.page(context, resource, Query(keyset=Keyset(1000)))
        shown = {item["id"]: item for item in listed.items}
        for pk, (other, sharing, answer) in known.items():
            if other is resource:
                allowed = decide(terms, sharing, answer.of(terms)).allowed
                personal = {shown[pk][name] for name in ("first_name", "phone_number")}
                assert personal == ({"Hemlig", "0701740605"} if allowed else {None})


@pytest.mark.parametrize("terms", ASKERS[::3], ids=str)
async def test_every_way_of_reading_agrees(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], terms: ConsentTerms
) -> None:
    """Get, filters, search, statistics and exports see what the list sees."""
    customer, known = people
    context = asking(customer, terms)
    for resource in PERSONS:
        visible = {
            pk
            for pk, (other, sharing, answer) in known.items()
            if other is resource and decide(terms, sharing, answer.of(terms)).allowed
        }
        for pk, (other, *_) in known.items():
            if other is resource:
                item = await read.get(context, resource, pk)
                assert item is not None
                assert (item["first_name"] is not None) == (pk in visible)
        found = await read.page(context, resource, Query(search=("hemlig",), keyset=Keyset(1000)))
        assert {item["id"] for item in found.items} == visible
        statistics = await read.statistics(context, resource, Query(search=("hemlig",)))
        assert statistics["count"] == len(visible)
        assert statistics["fields"]["first_name"] == {"distinct": min(1, len(visible)), "null": 0}


@pytest.mark.parametrize("terms", ASKERS, ids=str)
async def test_what_is_told_of_decisions_follows_the_table(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], terms: ConsentTerms
) -> None:
    """`check` and `accessible` agree with the table, asked by the integration and by people."""
    customer, known = people
    integration = customer.a(ACTIVATION)
    await change_activation(customer, terms)
    callers = [customer.own, *([asking(customer, terms)] if terms.active else [])]
    pairs = [
        decisions.Pair(integration, KINDS[other.name], pk) for pk, (other, *_) in known.items()
    ]
    for context in callers:
        told = await decisions.check(context, pairs)
        for one, (_, sharing, answer) in zip(told, known.values(), strict=True):
            decision = decide(terms, sharing, answer.of(terms))
            assert (one["allowed"], one["reason"]) == (decision.allowed, decision.reason.name)
            assert one["mode"] == terms.mode
            assert (one["answer"] is None) == (answer.of(terms) is None)
        assert await decisions.check(context, pairs[:1]) == told[:1]
        allowed = {pk for one, pk in zip(told, known, strict=True) if one["allowed"]}
        for resource in PERSONS:
            seen: list[str] = []
            kind = KINDS[resource.name]
            async with decisions.accessible(context, kind, integration) as export:
                async for items in export.chunks:
                    seen += [item["id"] for item in items]
            assert seen == sorted(seen)
            mine = {pk for pk, (other, *_) in known.items() if other is resource}
            assert allowed & mine == set(seen) & mine


async def change_activation(customer: Customer, terms: ConsentTerms) -> None:
    """Let the activation be as asked for, but for its revision."""
    mode = "NULL" if terms.mode is None else terms.mode
    active, requires = [f"'{int(value)}'" for value in terms[:2]]
    async with customer.context.store.database.transaction() as connection:
        await connection.execute(
            f"UPDATE accounts_integrationuseragent SET is_active = {active},"
            f" require_personal_information_access = {requires},"
            f" personal_information_acceptance_mode = {mode}"
            f" WHERE customer_id = '{customer.id}' AND id = '{customer.a(ACTIVATION)}'"
        )


async def test_what_is_not_there_is_unknown(customer: Customer, stranger: Customer) -> None:
    """So are the persons and integrations of others, and persons who are out of reach."""
    nowhere = "00000000-0000-4000-8000-000000000000"
    mine, person = customer.a(ACTIVATION), customer.a(TENANT)
    hidden = [
        decisions.Pair(mine, "tenant", nowhere),
        decisions.Pair(mine, "tenant", stranger.a(TENANT)),
        decisions.Pair(mine, "tenant", customer.a(SUB_TENANT)),
        decisions.Pair(stranger.a(ACTIVATION), "tenant", person),
        decisions.Pair(nowhere, "tenant", person),
    ]
    for context in (customer.own, customer.context):
        told = await decisions.check(context, hidden)
        assert {one["reason"] for one in told} == {"unknown"}
        assert all(not one["allowed"] and one["mode"] is None for one in told)
    other = decisions.Pair(customer.a(ACTIVATION, 1), "tenant", person)
    await write.update(
        customer.own, TENANT, person, {"organization": ref(customer.a(ORGANIZATION))}
    )
    (told_people,) = await decisions.check(customer.own, [other])
    (told_integration,) = await decisions.check(customer.context, [other])
    assert (told_people["reason"], told_integration["reason"]) == (
        "answer_not_needed",
        "unknown",
    )
    caller = replace(customer.context.caller, level="accounts.tenant", object=person)
    near = replace(customer.context, caller=caller, rechecked=False)
    pairs = [decisions.Pair(mine, "tenant", pk) for pk in customer.ids[TENANT.name][:2]]
    assert [one["reason"] for one in await decisions.check(near, pairs)] == [
        "answer_not_needed",
        "unknown",
    ]


async def test_people_see_everything(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]],
) -> None:
    """Operators and administrators don't ask a person first."""
    customer, known = people
    for resource in PERSONS:
        found = await read.page(
            customer.own, resource, Query(search=("hemlig",), keyset=Keyset(1000))
        )
        assert {item["id"] for item in found.items} == {
            pk for pk, (other, *_) in known.items() if other is resource
        }


# --- addresses and protected identities ----------------------------------------------------------


async def test_an_address_is_seen_with_a_person_who_has_it(customer: Customer) -> None:
    """While one of those who have it may be seen; an address of nobody is not."""
    context = asking(customer, ConsentTerms(active=True, requires=True, mode=2))
    (home,) = await add(customer.own, ADDRESS, [address(7)])
    first, second = customer.ids[TENANT.name][:2]

    async def city() -> str | None:
        item = await read.get(context, ADDRESS, home["id"])
        assert item is not None
        return str(item["city"]) if item["city"] else None

    assert await city() is None
    for tenant in (first, second):
        await write.update(customer.own, TENANT, tenant, {"future_address": ref(home["id"])})
    assert await city() is None
    await say(customer, TENANT, second, [YES])
    assert await city() == "Låtsasby"
    await say(customer, TENANT, second, [NO])
    assert await city() is None


async def test_a_protected_identity_is_its_persons(customer: Customer) -> None:
    """It is seen where the person is, and so is its address."""
    context = asking(customer, ConsentTerms(active=True, requires=True, mode=2))
    (home,) = await add(customer.own, ADDRESS, [address(7)])
    body = {
        "sub_tenant": ref(customer.a(SUB_TENANT)),
        "first_name": "Skyddad",
        "current_registered_address": ref(home["id"]),
    }
    identity = await write.create(customer.own, PROTECTED, body)
    for said, name in ((False, None), (True, "Skyddad")):
        await say(customer, SUB_TENANT, customer.a(SUB_TENANT), [Said(said)])
        item = await read.get(context, PROTECTED, identity["id"])
        assert item is not None
        assert item["first_name"] == name
        assert item["sub_tenant"] == ref(customer.a(SUB_TENANT))
        place = await read.get(context, ADDRESS, home["id"])
        assert place is not None
        assert (place["city"] is not None) == said
