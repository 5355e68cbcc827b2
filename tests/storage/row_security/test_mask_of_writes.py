"""The gate holds for writes too: what is answered shows no more than a read does."""

from __future__ import annotations

import pytest

from portvakt.errors import Problem
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.resource import Resource
from tests.storage.row_security.asking import SHARING, asking
from tests.support.stores import (
    ADDRESS,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


UNASKED = ConsentTerms(active=True, requires=True, mode=2)


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
    context = asking(customer, ConsentTerms(active=True, requires=True, mode=0))
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
        (change,) = await write.bulk(context, TENANT, [{"id": pk, **body}], Bulk())
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
    (change,) = await write.bulk(context, resource, [item], Bulk())
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
