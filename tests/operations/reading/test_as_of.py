"""Answers as of a past moment, compared with what a list showed at that moment."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Filter, Keyset, Page, Query
from tests.support.samples import bodies
from tests.support.stores import ANSWER, Customer, Item, moment, ref

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = Query(page=Page(1, 1000))


async def listed(customer: Customer, query: Query = ALL) -> list[Item]:
    """What a list shows."""
    return (await read.page(customer.own, ANSWER, query)).items


async def history(customer: Customer, random: Random, steps: int) -> dict[str, list[Item]]:
    """Write at random, one second after the other; what a list showed after each moment."""
    shown: dict[str, list[Item]] = {moment(): []}
    for second in range(1, steps + 1):
        known = shown[moment(second - 1)]
        context = replace(customer.own, now=moment(second))
        choice = random.random() if known else 0
        if choice < 0.4:
            new = bodies(random, ANSWER, customer, random.randint(1, 3))
            changed = [{"id": item["id"], "answer": not item["answer"]} for item in known[:1]]
            await write.bulk(context, ANSWER, [*new, *changed], Bulk())
        elif choice < 0.7:
            pk = random.choice(known)["id"]
            await write.update(context, ANSWER, pk, {"custom_id": str(random.randint(1, 3))})
        else:
            await write.delete(context, ANSWER, random.choice(known)["id"])
        shown[moment(second)] = await listed(customer)
    return shown


@pytest.mark.parametrize("seed", range(3))
async def test_a_list_is_what_it_was(customer: Customer, stranger: Customer, seed: int) -> None:
    """At each moment, by list, filter, count, statistics and Get, deleted items included."""
    random = Random(seed)
    shown = await history(customer, random, 15)
    assert await listed(stranger, Query(page=Page(1, 1000), as_of=moment(100))) == []
    for now, items in shown.items():
        assert await listed(customer, Query(page=Page(1, 1000), as_of=now)) == items
        yes = Query(
            filters=(Filter("answer", "", False, True),), keyset=Keyset(1000), count=True, as_of=now
        )
        found = await read.page(customer.own, ANSWER, yes)
        assert found.items == [item for item in items if item["answer"]]
        assert found.total == len(found.items)
        measured = await read.statistics(customer.own, ANSWER, Query(as_of=now))
        assert measured["count"] == len(items)
        for item in items:
            assert await read.get(customer.own, ANSWER, item["id"], now) == item
    gone = {item["id"] for items in shown.values() for item in items} - {
        item["id"] for item in items
    }
    for pk in gone:
        assert await read.get(customer.own, ANSWER, pk, moment(100)) is None


async def test_what_was_never_committed_was_never_there(customer: Customer) -> None:
    """A dry run, a refused write and a write that changes nothing leave no version."""
    body = {
        "answer": True,
        "integration": ref(customer.ids["accounts.integrationuseragent"][0]),
        "answered_by_tenant": ref(customer.ids["accounts.tenant"][0]),
    }
    await write.bulk(customer.own, ANSWER, [body], Bulk(dry_run=True))
    await write.bulk(customer.own, ANSWER, [body, {}], Bulk(atomic=False))
    (made,) = await listed(customer)
    await write.update(customer.own, ANSWER, made["id"], {"answer": True})
    resource_table = customer.own.store.tables.versions[ANSWER.name].name
    statement = f"SELECT count(*) FROM {resource_table} WHERE customer_id = "
    mark = "?" if customer.own.store.database.name == "sqlite" else "$1"
    ((number,),) = await customer.own.store.database.fetch(statement + mark, [customer.id])
    assert number == 1
