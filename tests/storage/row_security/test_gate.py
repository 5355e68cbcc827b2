"""The gate: personal fields are null for an integration that may not see the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations import decisions, read, write
from portvakt.operations.context import Context
from portvakt.schema.decision import Asker, decide
from portvakt.schema.query import Keyset, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.support import samples
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    CONNECTION,
    NOTICE,
    ORGANIZATION,
    ORGANIZATION_USER,
    PERMISSIONS,
    REAL_ESTATE,
    RESOURCES,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    add,
    add_customer,
    address,
    clean_item,
    moment,
    notice,
    ref,
)
from tests.support.worlds import numbered, twin

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED = RESOURCES["accounts.protectedidentity"]
PERSONS = (TENANT, SUB_TENANT, ORGANIZATION_USER)
SHARING = "allows_external_personal_information_sharing"
KINDS = {
    TENANT.name: "tenant",
    SUB_TENANT.name: "sub_tenant",
    ORGANIZATION_USER.name: "organization_user",
}


class Said(NamedTuple):
    """A yes or no (None: the answer before is deleted), the place of its notice, and its end."""

    yes: bool | None
    notice: int | None = None
    expires_at: str | None = None


class Counts(NamedTuple):
    """Which answer counts where only a yes does (`strict`), and elsewhere."""

    strict: bool | None
    lenient: bool | None

    def of(self, asker: Asker) -> bool | None:
        """Which answer counts for this activation."""
        return self.strict if asker.strict else self.lenient


YES, NO, WITHDRAWN = Said(True), Said(False), Said(None)
NOTHING = Counts(None, None)
HISTORIES: dict[str, tuple[list[Said], Counts]] = {
    "none": ([], NOTHING),
    "yes": ([YES], Counts(True, True)),
    "no": ([NO], Counts(False, False)),
    "yes, no": ([YES, NO], Counts(False, False)),
    "no, yes": ([NO, YES], Counts(True, True)),
    "yes, withdrawn": ([YES, WITHDRAWN], NOTHING),
    "no, yes, withdrawn": ([NO, YES, WITHDRAWN], NOTHING),
    "yes until now": ([Said(True, expires_at=moment())], NOTHING),
    "no until now": ([YES, Said(False, expires_at=moment(-1))], NOTHING),
    "yes for an hour": ([NO, Said(True, expires_at=moment(3600))], Counts(True, True)),
    "yes to what was said before": ([Said(True, notice=0)], Counts(None, True)),
    "no to what was said before": ([Said(False, notice=1)], Counts(None, False)),
    "yes to what changed": ([Said(True, notice=2)], Counts(True, True)),
    "no to what was said after": ([Said(False, notice=3)], Counts(False, False)),
    "yes to the latest until now": ([Said(True, notice=3, expires_at=moment())], NOTHING),
}
"""What was said one after the other, and what counts."""
ASKERS = [Asker(*each) for each in product((True, False), (True, False), (0, 1, 2, None))]

quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def asking(customer: Customer, asker: Asker) -> Context:
    """The integration's requests, as if its activation were another."""
    return replace(customer.context, scope=replace(customer.context.scope, asker=asker))


async def with_notices(customer: Customer) -> Customer:
    """The customer with more notices: the third says that something material has changed.

    The integration's fourth doesn't; the material ninth is another integration's.
    """
    mine, others = [ref(pk) for pk in customer.ids[ACTIVATION.name][:2]]
    further = [
        notice(3, integration=mine, material_change=True),
        notice(4, integration=mine),
        notice(9, integration=others, material_change=True),
    ]
    made = [item["id"] for item in await add(customer.own, NOTICE, further)]
    known = {**customer.ids, NOTICE.name: [*customer.ids[NOTICE.name], *made]}
    return replace(customer, ids=known)


async def say(customer: Customer, resource: Resource, pk: str, said: list[Said]) -> None:
    """Let a person answer the integration, and take answers back."""
    answers: list[str] = []
    for yes, place, expires_at in said:
        if yes is None:
            await write.delete(customer.own, ANSWER, answers[-1])
            continue
        body = {
            "answer": yes,
            "integration": ref(customer.a(ACTIVATION)),
            f"answered_by_{KINDS[resource.name]}": ref(pk),
            "notice": None if place is None else ref(customer.a(NOTICE, place)),
            "expires_at": expires_at,
        }
        answers.append((await write.create(customer.own, ANSWER, body))["id"])


# --- the table -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("asker", ASKERS, ids=str)
async def test_reads_follow_the_table(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], asker: Asker
) -> None:
    """Whoever asks, whatever the person has said: the list shows what the table decides."""
    customer, known = people
    context = asking(customer, asker)
    for resource in PERSONS:
        listed = await read.page(context, resource, Query(keyset=Keyset(1000)))
        shown = {item["id"]: item for item in listed.items}
        for pk, (other, sharing, answer) in known.items():
            if other is resource:
                allowed = decide(asker, sharing, answer.of(asker)).allowed
                personal = {shown[pk][name] for name in ("first_name", "phone_number")}
                assert personal == ({"Hemlig", "0701740605"} if allowed else {None})


@pytest.mark.parametrize("asker", ASKERS[::3], ids=str)
async def test_every_way_of_reading_agrees(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], asker: Asker
) -> None:
    """Get, filters, search, statistics and exports see what the list sees."""
    customer, known = people
    context = asking(customer, asker)
    for resource in PERSONS:
        visible = {
            pk
            for pk, (other, sharing, answer) in known.items()
            if other is resource and decide(asker, sharing, answer.of(asker)).allowed
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


@pytest.mark.parametrize("asker", ASKERS, ids=str)
async def test_what_is_told_of_decisions_follows_the_table(
    people: tuple[Customer, dict[str, tuple[Resource, Any, Any]]], asker: Asker
) -> None:
    """`check` and `accessible` agree with the table, asked by the integration and by people."""
    customer, known = people
    integration = customer.a(ACTIVATION)
    await change_activation(customer, asker)
    callers = [customer.own, *([asking(customer, asker)] if asker.active else [])]
    pairs = [
        decisions.Pair(integration, KINDS[other.name], pk) for pk, (other, *_) in known.items()
    ]
    for context in callers:
        told = await decisions.check(context, pairs)
        for one, (_, sharing, answer) in zip(told, known.values(), strict=True):
            decision = decide(asker, sharing, answer.of(asker))
            assert (one["allowed"], one["reason"]) == (decision.allowed, decision.reason.name)
            assert one["mode"] == asker.mode
            assert (one["answer"] is None) == (answer.of(asker) is None)
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


async def change_activation(customer: Customer, asker: Asker) -> None:
    """Let the activation be as asked for, but for its revision."""
    mode = "NULL" if asker.mode is None else asker.mode
    active, requires = [f"'{int(value)}'" for value in asker[:2]]
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
    scope = replace(customer.context.scope, level="accounts.tenant", object=person)
    near = replace(customer.context, scope=scope, proven=False)
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
    context = asking(customer, Asker(active=True, requires=True, mode=2))
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
    context = asking(customer, Asker(active=True, requires=True, mode=2))
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


# --- writes --------------------------------------------------------------------------------------

UNASKED = Asker(active=True, requires=True, mode=2)


async def test_what_is_written_may_be_unseen(customer: Customer) -> None:
    """A load of persons is written, and comes back without what is personal."""
    context = asking(customer, UNASKED)
    made = await write.create(context, TENANT, {"first_name": "Ny", "custom_id": "7"})
    assert (made["first_name"], made["custom_id"]) == (None, "7")
    changed = await write.update(context, TENANT, made["id"], {"last_name": "Nyare"})
    assert changed["last_name"] is None
    stored = await read.get(customer.own, TENANT, made["id"])
    assert stored is not None
    assert (stored["first_name"], stored["last_name"]) == ("Ny", "Nyare")


async def test_an_answer_counts_for_the_write_itself(customer: Customer) -> None:
    """What is answered to a write is gated by the decision after it."""
    context = asking(customer, Asker(active=True, requires=True, mode=0))
    pk = customer.a(TENANT)
    for sharing, name in ((False, None), (True, "Åsa 0")):
        changed = await write.update(context, TENANT, pk, {SHARING: sharing})
        assert changed["first_name"] == name


async def test_whether_it_was_the_same_is_not_told(customer: Customer) -> None:
    """A personal field that isn't seen always counts as changed; others say so if they aren't."""
    context = asking(customer, UNASKED)
    pk = customer.a(TENANT)
    bodies: list[tuple[Item, str]] = [
        ({"first_name": "Åsa 0"}, "updated"),
        ({"first_name": "Någon"}, "updated"),
        ({"custom_id": None}, "unchanged"),
    ]
    for body, outcome in bodies:
        (change,) = await write.bulk(context, TENANT, [{"id": pk, **body}], write.Bulk())
        assert change.outcome == outcome


async def test_rules_don_t_tell_what_is_stored(customer: Customer) -> None:
    """One on names that aren't seen is judged as if there were none, and only if it is touched."""
    context = asking(customer, UNASKED)
    pk = customer.a(SUB_TENANT)
    await write.update(customer.own, SUB_TENANT, pk, {"corporate_name": "Bolaget"})
    with pytest.raises(Problem, match="1 fault"):
        await write.update(context, SUB_TENANT, pk, {"sni_number": "68201"})
    body = {"sni_number": "68201", "corporate_name": "Bolaget"}
    assert (await write.update(context, SUB_TENANT, pk, body))["sni_number"] == "68201"
    await write.update(context, SUB_TENANT, pk, {"custom_id": "x"})


@pytest.mark.parametrize("resource", [TENANT, ADDRESS], ids=lambda one: one.model)
async def test_who_sends_back_what_was_read_clears_nothing(
    customer: Customer, resource: Resource
) -> None:
    """A null that stands for what isn't seen changes nothing, also where null can't be stored."""
    context = asking(customer, UNASKED)
    pk = customer.a(resource)
    before = await read.get(customer.own, resource, pk)
    item = await read.get(context, resource, pk)
    assert item is not None
    assert item != before
    (change,) = await write.bulk(context, resource, [item], write.Bulk())
    assert change.outcome == "unchanged"
    changed = await write.update(context, resource, pk, {**item, "custom_id": "new"})
    assert changed == {**item, "custom_id": "new"}
    assert await read.get(customer.own, resource, pk) == {**(before or {}), "custom_id": "new"}


async def test_an_address_of_persons_is_not_deleted_by_who_sees_none(customer: Customer) -> None:
    """Whether somebody has it would be told otherwise."""
    context = asking(customer, UNASKED)
    free, taken = customer.ids[ADDRESS.name]
    await write.update(customer.own, TENANT, customer.a(TENANT), {"future_address": ref(taken)})
    told = []
    for pk in (free, taken):
        with pytest.raises(Problem, match="in_use") as refused:
            await write.delete(context, ADDRESS, pk)
        told.append(str(refused.value))
    assert told[0] == told[1]
    await write.delete(customer.own, ADDRESS, free)


# --- no inference --------------------------------------------------------------------------------

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
            scope = replace(
                customer.context.scope,
                asker=Asker(active=True, requires=True, mode=self.mode),
                level=level,
                object=place,
            )
            context = replace(customer.at(60), scope=scope, proven=False, new_id=numbered(1))
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
    asker = Asker(active=True, requires=True, mode=mode)
    denied: list[tuple[Resource, str]] = []
    for resource in PERSONS:
        for pk in first.ids[resource.name]:
            said, counts = random.choice(list(HISTORIES.values()))
            await say(first, resource, pk, said)
            item = await read.get(first.own, resource, pk)
            assert item is not None
            if not decide(asker, item.get(SHARING), counts.of(asker)).allowed:
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
    context = replace(customer.context, proven=False)
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
    how = write.Bulk(atomic=False, dry_run=True)
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
