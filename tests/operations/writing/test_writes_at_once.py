"""Writes at the same time: each is judged by what the other left."""

from __future__ import annotations

import asyncio

import pytest

from portvakt.errors import Code, Problem
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Filter, Query
from tests.operations.writing.bulk_writes import (
    ATOMIC,
    BY_KEY,
    NOT_ATOMIC,
    answer,
    connection,
    done,
    everything,
    found,
    refusal,
)
from tests.support.stores import (
    ANSWER,
    CONNECTION,
    ORGANIZATION,
    ORGANIZATION_USER,
    TENANT,
    Customer,
    outcomes,
    people,
    ref,
    stored_row,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
