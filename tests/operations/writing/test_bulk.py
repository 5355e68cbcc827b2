"""Bulk writes: all or nothing, every fault at once, and no way to another customer's items."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from portvakt.errors import Code, Fault, Problem
from portvakt.operations import read, write
from portvakt.operations.changes import Change
from portvakt.operations.context import Context
from portvakt.operations.write import Bulk
from portvakt.schema.query import Filter, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    APARTMENT,
    CONNECTION,
    ORGANIZATION,
    ORGANIZATION_USER,
    SUB_TENANT,
    TENANT,
    Customer,
    activation,
    outcomes,
    people,
    ref,
    stored_row,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

Item = dict[str, Any]

ATOMIC = Bulk()
NOT_ATOMIC = Bulk(atomic=False)
BY_KEY = ("content_type", "object_id", "external_id")
TENANTS = content_type_id(TENANT.name)


def answer(customer: Customer, place: int = 0, **more: Any) -> Item:
    """The body of a tenant's answer to the customer's first activation."""
    person = ref(customer.a(TENANT, place))
    return {
        "answer": True,
        "integration": ref(customer.a(ACTIVATION)),
        "answered_by_tenant": person,
        **more,
    }


def connection(customer: Customer, external_id: str, place: int = 0, **more: Any) -> Item:
    """The body of a connection of a tenant."""
    return {
        "content_type": ref(TENANTS),
        "object_id": customer.a(TENANT, place),
        "external_id": external_id,
        **more,
    }


async def everything(context: Context, resource: Resource) -> list[Item]:
    """All items that the context can see."""
    return (await read.page(context, resource, Query())).items


async def done(context: Context, resource: Resource, bodies: list[Any], how: Bulk = ATOMIC) -> Any:
    """The items that a bulk write answers."""
    return [change.item for change in await write.bulk(context, resource, bodies, how)]


async def refusal(
    context: Context, resource: Resource, bodies: list[Any], how: Bulk = ATOMIC
) -> Problem:
    """How a bulk write is refused; it must have written nothing."""
    before = await everything(context, resource)
    with pytest.raises(Problem) as caught:
        await write.bulk(context, resource, bodies, how)
    assert caught.value.code is Code.invalid
    assert await everything(context, resource) == before
    return caught.value


def found(faults: tuple[Fault, ...] | list[Fault]) -> Counter[tuple[str, str]]:
    """The faults' pointers and codes."""
    return Counter((fault.where, fault.code.value) for fault in faults)


# --- all or nothing ------------------------------------------------------------------------------


async def test_an_array_may_create_and_update(customer: Customer) -> None:
    """An item with an id updates that item, in part; one without creates one; in request order."""
    first, second = await done(customer.context, ANSWER, [answer(customer), answer(customer, 1)])
    bodies = [
        {"id": second["id"], "answer": False},
        answer(customer, 2, custom_id="new"),
        {"id": first["id"], "custom_id": "Å"},
    ]
    changes = await write.bulk(customer.at(1), ANSWER, bodies, ATOMIC)
    assert outcomes(changes) == ["updated", "created", "updated"]
    assert changes[0].item == second | {"answer": False}
    assert changes[2].item == first | {"custom_id": "Å"}
    assert len(await everything(customer.context, ANSWER)) == 3
    stored = [await read.get(customer.context, ANSWER, change.item["id"]) for change in changes]
    assert [item and item["custom_id"] for item in stored] == [None, "new", "Å"]


async def test_an_empty_array_writes_nothing(customer: Customer) -> None:
    """`[]` gives `[]`."""
    assert await write.bulk(customer.context, ANSWER, [], ATOMIC) == []


async def test_every_fault_of_every_item_is_reported(customer: Customer) -> None:
    """One bad item is enough for nothing to be written, and all faults come with their index."""
    (known,) = await done(customer.context, ANSWER, [answer(customer)])
    problem = await refusal(
        customer.context,
        ANSWER,
        [
            answer(customer, 1),
            {"answer": "yes", "integration": ref(str(uuid4())), "custom_id": "x" * 129},
            {"id": known["id"], "answer": None, "answered_by_sub_tenant": ref(str(uuid4()))},
            "nothing",
            {"id": str(uuid4()), "answer": False},
            answer(customer, custom_idd="x", answered_by_tenant={"id": "?"}),
        ],
    )
    assert found(problem.faults) == Counter(
        [
            ("/1/answer", "type"),
            ("/1/integration", "not_found"),
            ("/1/custom_id", "too_long"),
            ("/1/answered_by_tenant", "at_least_one"),
            ("/2/answer", "null"),
            ("/2/answered_by_sub_tenant", "not_found"),
            ("/2/answered_by_tenant", "excludes"),
            ("/2/answered_by_sub_tenant", "excludes"),
            ("/3", "type"),
            ("/4/id", "not_found"),
            ("/5/custom_idd", "unknown_field"),
            ("/5/answered_by_tenant/id", "format"),
        ]
    )


async def test_an_unreadable_id_is_one_fault(customer: Customer) -> None:
    """Which item was meant is not known, so nothing else is said of it."""
    problem = await refusal(customer.context, ANSWER, [{"id": "?", "answer": False}])
    assert found(problem.faults) == {("/0/id", "format"): 1}


async def test_the_same_id_twice_names_both_positions(customer: Customer) -> None:
    """Neither of two changes of one item is written."""
    (known,) = await done(customer.context, ANSWER, [answer(customer)])
    pk = known["id"]
    bodies = [{"id": pk, "answer": False}, answer(customer, 1), {"id": pk.upper(), "answer": True}]
    problem = await refusal(customer.context, ANSWER, bodies)
    assert found(problem.faults) == {("/0/id", "repeated_id"): 1, ("/2/id", "repeated_id"): 1}
    assert all("0, 2" in fault.detail for fault in problem.faults)


async def test_the_same_unique_key_twice_names_both_positions(customer: Customer) -> None:
    """Also where one of the two is a stored item's, changed in part."""
    (known,) = await done(customer.context, CONNECTION, [connection(customer, "old")])
    bodies = [
        connection(customer, "new"),
        connection(customer, "other"),
        {"id": known["id"], "external_id": "new"},
    ]
    problem = await refusal(customer.context, CONNECTION, bodies)
    expected = {("/0/external_id", "repeated_key"): 1, ("/2/external_id", "repeated_key"): 1}
    assert found(problem.faults) == expected
    assert all("0, 2" in fault.detail for fault in problem.faults)


async def test_a_stored_unique_key_conflicts(customer: Customer) -> None:
    """A key that a stored item has is a conflict, however long; the item itself may keep it."""
    longest = "å" * 1024
    (known,) = await done(customer.context, CONNECTION, [connection(customer, longest)])
    problem = await refusal(customer.context, CONNECTION, [connection(customer, longest)])
    assert found(problem.faults) == {("/0/external_id", "conflict"): 1}
    again = {**connection(customer, longest), "id": known["id"], "hidden": True}
    (change,) = await write.bulk(customer.context, CONNECTION, [again], ATOMIC)
    assert change.outcome == "updated"
    alike = connection(customer, longest[:-1] + "Å")
    assert outcomes(await write.bulk(customer.context, CONNECTION, [alike], ATOMIC)) == ["created"]


async def test_without_atomic_the_good_items_are_written(customer: Customer) -> None:
    """Exactly those: each other one keeps its faults."""
    (known,) = await done(customer.context, ANSWER, [answer(customer)])
    bodies = [
        answer(customer, 1),
        {"answer": True},
        {"id": known["id"], "answer": False},
        {"id": str(uuid4()), "answer": False},
        {"id": known["id"].replace("-", "")},
    ]
    changes = await write.bulk(customer.context, ANSWER, bodies, NOT_ATOMIC)
    assert outcomes(changes) == ["created", "refused", "updated", "refused", "refused"]
    assert found(changes[3].faults) == {("/id", "not_found"): 1}
    stored = {item["id"]: item for item in await everything(customer.context, ANSWER)}
    assert set(stored) == {known["id"], changes[0].item["id"]}
    assert stored[known["id"]]["answer"] is False


async def test_a_create_ignores_what_is_read_only(customer: Customer) -> None:
    """A client may send back what it read, or what it made up."""
    for pk in (str(uuid4()), "?", 5):
        body = answer(customer, id=pk, created_at="?")
        item = await write.create(customer.context, ANSWER, body)
        assert item["id"] != pk
        assert item["created_at"] == customer.context.now


# --- other customers -----------------------------------------------------------------------------


async def test_items_of_others_are_not_found(customer: Customer, stranger: Customer) -> None:
    """As id, as reference and as object: as if they didn't exist, and they stay as they were."""
    theirs = await done(stranger.context, ANSWER, [answer(stranger)])
    problem = await refusal(
        customer.context,
        ANSWER,
        [
            {"id": theirs[0]["id"], "answer": False},
            answer(customer, answered_by_tenant=ref(stranger.a(TENANT))),
            answer(customer, integration=ref(stranger.a(ACTIVATION))),
            answer(customer, organization=ref(stranger.a(ORGANIZATION))),
        ],
    )
    unknown = await refusal(
        customer.context,
        ANSWER,
        [
            {"id": str(uuid4()), "answer": False},
            answer(customer, answered_by_tenant=ref(str(uuid4()))),
            answer(customer, integration=ref(str(uuid4()))),
            answer(customer, organization=ref(str(uuid4()))),
        ],
    )
    assert problem.faults == unknown.faults
    assert {fault.code.value for fault in problem.faults} == {"not_found"}
    assert [item["answer"] for item in await everything(stranger.context, ANSWER)] == [True]


async def test_an_item_of_another_resource_is_not_found(customer: Customer) -> None:
    """A reference must lead to an item of the right resource."""
    wrong = answer(customer, answered_by_tenant=ref(customer.a(SUB_TENANT)))
    problem = await refusal(customer.context, ANSWER, [wrong])
    assert found(problem.faults) == {("/0/answered_by_tenant", "not_found"): 1}


async def test_objects_must_exist_where_we_hold_them(
    customer: Customer, stranger: Customer
) -> None:
    """An object of a resource that we hold must be the customer's; of others any id will do."""
    bodies = [
        connection(customer, "a", object_id=stranger.a(TENANT)),
        connection(customer, "b", object_id=customer.a(SUB_TENANT)),
        connection(customer, "c", object_id=str(uuid4())),
        connection(customer, "d", object_id=str(uuid4()), content_type=ref(APARTMENT)),
        connection(customer, "e", content_type=ref(str(uuid4()))),
        connection(customer, "f"),
    ]
    changes = await write.bulk(customer.context, CONNECTION, bodies, NOT_ATOMIC)
    missing = {("/object_id", "not_found"): 1}
    expected = [missing, missing, missing, {}, {("/content_type", "not_found"): 1}, {}]
    assert [found(change.faults) for change in changes] == expected


async def test_a_unique_key_is_the_customers_own(customer: Customer, stranger: Customer) -> None:
    """What another customer has named conflicts with nothing here."""
    await done(stranger.own, ORGANIZATION, [{"name": "Öster"}])
    await done(customer.own, ORGANIZATION, [{"name": "Öster"}])
    problem = await refusal(customer.own, ORGANIZATION, [{"name": "Öster"}])
    assert found(problem.faults) == {("/0/name", "conflict"): 1}


async def test_a_match_finds_nothing_of_others(customer: Customer, stranger: Customer) -> None:
    """`_match` looks at the caller's own items only: another customer's stay as they are."""
    body = answer(stranger, custom_id="same")
    theirs = await done(stranger.context, ANSWER, [body])
    own = answer(customer, custom_id="same", answer=False)
    changes = await write.bulk(customer.context, ANSWER, [own], Bulk(match=("custom_id",)))
    assert outcomes(changes) == ["created"]
    stored = await read.get(stranger.context, ANSWER, theirs[0]["id"])
    assert stored is not None
    assert stored["answer"] is True


async def test_rows_of_another_application_are_not_found(
    customer: Customer,
) -> None:
    """A connection belongs to the application that made it."""
    (known,) = await done(customer.context, CONNECTION, [connection(customer, "x")])
    scope = replace(customer.context.scope, application=str(uuid4()))
    other = replace(customer.own, scope=scope)
    problem = await refusal(other, CONNECTION, [{"id": known["id"], "hidden": True}])
    assert found(problem.faults) == {("/0/id", "not_found"): 1}
    assert await read.get(other, CONNECTION, known["id"]) is None
    with pytest.raises(Problem, match="not_found"):
        await write.delete(other, CONNECTION, known["id"])
    same = connection(customer, "x", application_id=customer.vendor.application)
    (change,) = await write.bulk(other, CONNECTION, [same], Bulk(match=BY_KEY))
    assert (change.outcome, change.item["application_id"]) == ("created", scope.application)


# --- what is written -----------------------------------------------------------------------------


async def test_ten_thousand_mixed_items(customer: Customer) -> None:
    """The largest request works, in seconds."""
    began = time.process_time()
    bodies = [connection(customer, f"E{n}", n % 4) for n in range(5000)]
    known = await done(customer.context, CONNECTION, bodies)
    mixed: list[Item] = [{"id": item["id"], "hidden": True} for item in known]
    mixed += [connection(customer, f"F{n}", n % 4) for n in range(5000)]
    changes = await write.bulk(customer.at(1), CONNECTION, mixed[::-1], ATOMIC)
    assert Counter(outcomes(changes)) == {"created": 5000, "updated": 5000}
    statistics = await read.statistics(customer.context, CONNECTION, Query())
    assert statistics["fields"]["hidden"] == {"true": 5000, "false": 5000, "null": 0}
    assert time.process_time() - began < 15  # of the processor, however busy the machine is


async def test_a_dry_run_writes_nothing(customer: Customer) -> None:
    """And answers what the real run would, but for the ids of what it would create."""
    (known,) = await done(customer.context, ANSWER, [answer(customer)])
    bodies = [{"id": known["id"], "answer": False}, answer(customer, 1), {"id": known["id"]}]
    for size, how in ((2, ATOMIC), (3, NOT_ATOMIC)):
        before = await everything(customer.context, ANSWER)
        dry = await write.bulk(customer.at(1), ANSWER, bodies[:size], replace(how, dry_run=True))
        assert await everything(customer.context, ANSWER) == before
        wet = await write.bulk(customer.at(1), ANSWER, bodies[:size], how)
        assert [told(change) for change in dry] == [told(change) for change in wet]
    problem = await refusal(customer.context, ANSWER, [{}], Bulk(dry_run=True))
    assert problem.faults == (await refusal(customer.context, ANSWER, [{}])).faults


def told(change: Change) -> tuple[Any, ...]:
    """What a caller is told of a change, without the id of a new item."""
    new = {"id"} if change.outcome == "created" else set()
    item = {name: value for name, value in change.item.items() if name not in new}
    return change.index, change.outcome, item, change.faults


async def test_a_dry_run_finds_what_the_database_would_refuse(customer: Customer) -> None:
    """It does everything but commit."""
    bodies = [connection(customer, "x")]
    dry = await write.bulk(customer.context, CONNECTION, bodies, Bulk(dry_run=True))
    assert outcomes(dry) == ["created"]
    await done(customer.context, CONNECTION, bodies)
    problem = await refusal(customer.context, CONNECTION, bodies, Bulk(dry_run=True))
    assert found(problem.faults) == {("/0/external_id", "conflict"): 1}


async def test_unchanged_items_are_not_written(customer: Customer) -> None:
    """Neither their revision nor the time of their last change moves."""
    (known,) = await done(customer.context, ANSWER, [answer(customer, custom_id="Å")])
    same = {**answer(customer, custom_id="Å"), "id": known["id"], "created_at": "long ago"}
    before = await stored_row(customer, ANSWER, known["id"])
    (change,) = await write.bulk(customer.at(60), ANSWER, [same], ATOMIC)
    assert change.outcome == "unchanged"
    assert change.item == known
    assert await stored_row(customer, ANSWER, known["id"]) == before
    same["custom_id"] = "å"
    (change,) = await write.bulk(customer.at(60), ANSWER, [same], ATOMIC)
    after = await stored_row(customer, ANSWER, known["id"])
    assert change.outcome == "updated"
    assert (after["revision"], after["updated_at"]) == (2, customer.at(60).now)
    assert (after["created_at"], after["custom_id_folded"]) == (before["created_at"], "å")


@pytest.mark.parametrize(
    ("stored", "given", "outcome"),
    [
        ({"a": 1}, {"a": True}, "updated"),
        ({"a": [0]}, {"a": [False]}, "updated"),
        ({"a": 1, "b": {"c": None}}, {"b": {"c": None}, "a": 1}, "unchanged"),
        ({"a": {}}, {"a": []}, "updated"),
        ({}, None, "updated"),
        ({"å": "\U0010ffff'\"\\"}, {"å": "\U0010ffff'\"\\"}, "unchanged"),
    ],
)
async def test_free_objects_are_compared_as_json(
    customer: Customer, stored: Any, given: Any, outcome: str
) -> None:
    """`true` is not `1`, and the order of keys says nothing."""
    pk = customer.a(ACTIVATION, 1)
    name = "activation_variables"
    await done(customer.own, ACTIVATION, [{"id": pk, name: stored}])
    (change,) = await write.bulk(customer.own, ACTIVATION, [{"id": pk, name: given}], ATOMIC)
    assert change.outcome == outcome
    item = await read.get(customer.own, ACTIVATION, pk)
    assert item is not None
    assert repr(item[name]) == repr(given) or outcome == "unchanged"


# --- matching ------------------------------------------------------------------------------------


async def test_a_match_by_unique_key_updates(customer: Customer) -> None:
    """What matches is updated or left alone, what doesn't is created; in one array."""
    old = [connection(customer, "a"), connection(customer, "b"), connection(customer, "å" * 1024)]
    known = await done(customer.context, CONNECTION, old)
    bodies = [
        connection(customer, "å" * 1024),
        connection(customer, "b", hidden=True),
        connection(customer, "a", 1),
        {"id": known[0]["id"], "custom_id": "direct"},
    ]
    changes = await write.bulk(customer.context, CONNECTION, bodies, Bulk(match=BY_KEY))
    assert outcomes(changes) == ["unchanged", "updated", "created", "updated"]
    assert [changes[place].item["id"] for place in (0, 1, 3)] == [
        known[2]["id"],
        known[1]["id"],
        known[0]["id"],
    ]


@pytest.mark.parametrize(
    "resource", [ANSWER, CONNECTION, TENANT, ACTIVATION], ids=lambda resource: resource.model
)
async def test_a_match_by_custom_id_updates(customer: Customer, resource: Resource) -> None:
    """On any resource."""
    bodies = {
        ANSWER.name: answer(customer),
        CONNECTION.name: connection(customer, "x"),
        TENANT.name: people(1)[0],
        ACTIVATION.name: activation(customer.vendor, customer.a(ORGANIZATION), 5),
    }
    body = {**bodies[resource.name], "custom_id": "mine"}
    how = Bulk(match=("custom_id",))
    (new,) = await write.bulk(customer.own, resource, [body], how)
    (same,) = await write.bulk(customer.own, resource, [body], how)
    assert (new.outcome, same.outcome) == ("created", "unchanged")
    assert same.item == new.item


async def test_an_item_without_the_matched_field_is_created(customer: Customer) -> None:
    """Absent or null, it matches nothing: neither a stored null nor another such item."""
    how = Bulk(match=("custom_id",))
    bodies = [answer(customer), answer(customer, custom_id=None)]
    for _ in range(2):
        changes = await write.bulk(customer.context, ANSWER, bodies, how)
        assert outcomes(changes) == ["created", "created"]
    assert len(await everything(customer.context, ANSWER)) == 4


async def test_a_match_of_several_is_a_conflict(customer: Customer) -> None:
    """Which of them was meant can't be known."""
    await done(customer.context, ANSWER, [answer(customer, n, custom_id="twice") for n in (0, 1)])
    bodies = [answer(customer, custom_id="twice", answer=False)]
    problem = await refusal(customer.context, ANSWER, bodies, Bulk(match=("custom_id",)))
    assert found(problem.faults) == {("/0/custom_id", "conflict"): 1}


async def test_a_matched_key_may_occur_once_in_an_array(customer: Customer) -> None:
    """Two items that match alike are refused, and each names both positions."""
    bodies = [answer(customer, custom_id="x"), answer(customer), answer(customer, 1, custom_id="x")]
    problem = await refusal(customer.context, ANSWER, bodies, Bulk(match=("custom_id",)))
    expected = {("/0/custom_id", "repeated_key"): 1, ("/2/custom_id", "repeated_key"): 1}
    assert found(problem.faults) == expected
    assert all("0, 2" in fault.detail for fault in problem.faults)


async def test_a_repeated_match_is_one_fault_each(customer: Customer) -> None:
    """That two items have one key is not said twice, by the match and by the unique key."""
    bodies = [connection(customer, "x"), connection(customer, "x")]
    problem = await refusal(customer.context, CONNECTION, bodies, Bulk(match=BY_KEY))
    assert [fault.where for fault in problem.faults] == ["/0/external_id", "/1/external_id"]


async def test_a_match_and_an_id_may_not_mean_the_same_item(customer: Customer) -> None:
    """One item is changed once."""
    (known,) = await done(customer.context, ANSWER, [answer(customer, custom_id="x")])
    bodies = [{"id": known["id"], "answer": False}, answer(customer, custom_id="x")]
    problem = await refusal(customer.context, ANSWER, bodies, Bulk(match=("custom_id",)))
    assert found(problem.faults) == {("/0/id", "repeated_id"): 1, ("/1/id", "repeated_id"): 1}


# --- at the same time ----------------------------------------------------------------------------


async def test_two_writers_of_one_key(customer: Customer) -> None:
    """One wins, the other is told of a conflict."""
    for attempt in range(5):
        bodies = [connection(customer, f"{attempt}-{n}") for n in range(60)]
        results = await asyncio.gather(
            write.bulk(customer.context, CONNECTION, bodies, ATOMIC),
            write.bulk(customer.context, CONNECTION, bodies[::-1], ATOMIC),
            return_exceptions=True,
        )
        (problem,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(problem, Problem)
        assert problem.code is Code.invalid
        assert {fault.code.value for fault in problem.faults} == {"conflict"}
        assert len(problem.faults) == 60
    assert len(await everything(customer.context, CONNECTION)) == 5 * 60


async def test_two_creations_of_one_key(customer: Customer) -> None:
    """Without a bulk too: the second is a conflict that names the key."""
    results = await asyncio.gather(
        *(write.create(customer.context, CONNECTION, connection(customer, "x")) for _ in range(4)),
        return_exceptions=True,
    )
    problems = [result for result in results if isinstance(result, Problem)]
    assert len(problems) == 3
    for problem in problems:
        assert problem.code is Code.conflict
        assert found(problem.faults) == {("/external_id", "conflict"): 1}


async def test_a_key_that_no_check_knows(customer: Customer) -> None:
    """What the database alone refuses is a conflict of one item, and a refusal of many."""
    database, mark = customer.context.store.database, "once"
    table = customer.context.store.tables[ANSWER].name
    index = f"CREATE UNIQUE INDEX ix_once ON {table} (custom_id) WHERE custom_id = '{mark}'"
    bodies = [answer(customer, place, custom_id=mark) for place in (0, 1)]
    async with database.transaction() as connected:
        await connected.execute(index)
    try:
        for how in (ATOMIC, NOT_ATOMIC):
            await refusal(customer.context, ANSWER, bodies, how)
        await write.create(customer.context, ANSWER, bodies[0])
        with pytest.raises(Problem) as caught:
            await write.create(customer.context, ANSWER, bodies[1])
        assert caught.value.code is Code.conflict
    finally:
        async with database.transaction() as connected:
            await connected.execute("DROP INDEX ix_once")


async def test_two_matching_writers_of_one_key(customer: Customer) -> None:
    """Where items match, the second writer finds what the first has written."""
    bodies = [connection(customer, f"{n}") for n in range(60)]
    how = Bulk(match=BY_KEY)
    results = await asyncio.gather(
        *(write.bulk(customer.context, CONNECTION, bodies, how) for _ in range(3))
    )
    assert sorted(set(outcomes(result)).pop() for result in results) == [
        "created",
        "unchanged",
        "unchanged",
    ]


async def test_writers_in_different_orders_all_succeed(customer: Customer) -> None:
    """Updates of the same items, whatever their order, wait for each other and are all done."""
    known = [item["id"] for item in await done(customer.own, TENANT, people(60))]
    for attempt in range(3):
        orders = [known, known[::-1], known[30:] + known[:30], known[::2] + known[1::2]]
        writes = [
            write.bulk(
                customer.context,
                TENANT,
                [{"id": pk, "custom_id": f"{attempt}-{writer}"} for pk in order],
                ATOMIC,
            )
            for writer, order in enumerate(orders)
        ]
        results = await asyncio.gather(*writes)
        assert {outcome for result in results for outcome in outcomes(result)} == {"updated"}
        asked = Query(filters=(Filter("custom_id", "startswith", False, f"{attempt}-"),))
        items = (await read.page(customer.context, TENANT, asked)).items
        assert len(items) == 60
        assert len({item["custom_id"] for item in items}) == 1  # the last writer's, in all of them
    row = await stored_row(customer, TENANT, known[0])
    assert row["revision"] == 1 + 3 * 4


async def test_referring_and_changing_at_once(customer: Customer) -> None:
    """Answers of tenants and changes of the same tenants, in opposite orders, are all done."""
    known = [item["id"] for item in await done(customer.own, TENANT, people(60))]
    for attempt in range(3):
        answers = [answer(customer, answered_by_tenant=ref(pk)) for pk in known[::-1]]
        changes = [{"id": pk, "custom_id": f"{attempt}"} for pk in known]
        results = await asyncio.gather(
            write.bulk(customer.context, ANSWER, answers, ATOMIC),
            write.bulk(customer.context, TENANT, changes, ATOMIC),
            write.bulk(customer.context, ANSWER, answers[::-1], ATOMIC),
            write.bulk(
                customer.context, TENANT, [{**c, "last_name": "x"} for c in changes], Bulk()
            ),
        )
        assert [len(result) for result in results] == [60] * 4


async def test_a_person_deleted_meanwhile_is_not_found(customer: Customer) -> None:
    """Either the answer comes first and the person is in use, or the person is gone."""
    for _ in range(5):
        (user,) = await done(
            customer.own, ORGANIZATION_USER, [{"first_name": "x", "detail_access": 0}]
        )
        body = answer(customer)
        del body["answered_by_tenant"]
        body["answered_by_organization_user"] = ref(user["id"])
        results = await asyncio.gather(
            write.create(customer.context, ANSWER, body),
            write.delete(customer.context, ORGANIZATION_USER, user["id"]),
            return_exceptions=True,
        )
        (problem,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(problem, Problem)
        assert problem.code in (Code.in_use, Code.invalid)


async def test_writes_of_people_can_be_one_transaction(customer: Customer) -> None:
    """All are kept, or none; each sees what the ones before it wrote."""
    names = [{"name": "One"}, {"name": "Two"}]

    async def number() -> int:
        statistics = await read.statistics(customer.own, ORGANIZATION, Query())
        return int(statistics["count"])

    before = await number()
    async with write.together(customer.own) as whole:
        for body in names:
            await write.create(whole, ORGANIZATION, body)
    assert await number() == before + 2
    with pytest.raises(Problem):
        async with write.together(customer.own) as whole:
            await write.create(whole, ORGANIZATION, {"name": "Three"})
            await write.create(whole, ORGANIZATION, {"name": "Three"})
    assert await number() == before + 2


async def test_an_integrations_writes_are_not_one_transaction(customer: Customer) -> None:
    """Theirs may have to be undone one by one."""
    with pytest.raises(ValueError, match="a transaction each"):
        async with write.together(customer.context):
            pass
