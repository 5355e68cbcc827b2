"""Bulk writes: all or nothing, every fault at once, and no way to another customer's items."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from portvakt.errors import Problem
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk, Change
from portvakt.schema.query import Query
from tests.operations.writing.bulk_writes import (
    ATOMIC,
    BY_KEY,
    NOT_ATOMIC,
    Item,
    answer,
    connection,
    done,
    everything,
    found,
    refusal,
)
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    APARTMENT,
    CONNECTION,
    ORGANIZATION,
    SUB_TENANT,
    TENANT,
    Customer,
    outcomes,
    ref,
    stored_row,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    caller = replace(customer.context.caller, application=str(uuid4()))
    other = replace(customer.own, caller=caller)
    problem = await refusal(other, CONNECTION, [{"id": known["id"], "hidden": True}])
    assert found(problem.faults) == {("/0/id", "not_found"): 1}
    assert await read.get(other, CONNECTION, known["id"]) is None
    with pytest.raises(Problem, match="not_found"):
        await write.delete(other, CONNECTION, known["id"])
    same = connection(customer, "x", application_id=customer.vendor.application)
    (change,) = await write.bulk(other, CONNECTION, [same], Bulk(match=BY_KEY))
    assert (change.outcome, change.item["application_id"]) == ("created", caller.application)


# --- what is written -----------------------------------------------------------------------------


@pytest.mark.slow
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
