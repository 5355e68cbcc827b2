"""Bulk writes find the items to update by a key."""

from __future__ import annotations

import pytest

from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.resource import Resource
from tests.operations.writing.bulk_writes import (
    BY_KEY,
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
    CONNECTION,
    ORGANIZATION,
    TENANT,
    Customer,
    activation,
    outcomes,
    people,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
