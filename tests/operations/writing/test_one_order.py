"""Requests at once leave one order, whoever is asked: items, events, decisions, history."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from portvakt.ledger.seal import Sealer
from portvakt.operations import lock_order
from portvakt.operations.consent import decisions, decisions_as_of
from portvakt.operations.consent.decisions import Pair
from portvakt.operations.context import Context
from portvakt.operations.reading import history
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.operations.writing.sequence import LONG
from portvakt.schema.operators import Kind
from portvakt.storage.statements.decision_writer import DecisionWriter
from portvakt.storage.statements.row_writer import RowWriter
from portvakt.storage.store import Store
from tests.support.answering import joined
from tests.support.sealing import sealer
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    TENANT,
    Customer,
    moment,
    new_id,
    ref,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 8


def people(customer: Customer, seconds: float) -> Context:
    """A request of people that came so many seconds after the beginning."""
    return replace(customer.own, now=moment(seconds))


def answer(customer: Customer, place: int, *, yes: bool) -> dict[str, Any]:
    """The body of a tenant's answer to the customer's first activation."""
    integration, person = ref(customer.a(ACTIVATION)), ref(customer.a(TENANT, place))
    return {"answer": yes, "integration": integration, "answered_by_tenant": person}


async def in_log(store: Store, customer: Customer, items: Sequence[str]) -> list[tuple[str, int]]:
    """The items' events in the order of the sealed log: item, revision."""
    await sealer(store).seal_all()
    rows = await store.database.fetch(
        "SELECT object_id, event_revision FROM common_eventlog"
        f" WHERE customer_id = '{customer.id}' ORDER BY position"
    )
    return [(str(pk), revision) for pk, revision in rows if str(pk) in items]


async def changes(store: Store, customer: Customer, place: int) -> list[tuple[str, str]]:
    """The changes of what decides of a tenant, in their order: answer, since when."""
    rows = await store.database.fetch(
        "SELECT answer, since FROM integrations_decision_past"
        f" WHERE customer_id = '{customer.id}' AND person = '{customer.a(TENANT, place)}'"
        " ORDER BY number"
    )
    clean = store.dialect.load.get(Kind.time, str)
    return [(str(pk), clean(since)) for pk, since in rows]


@pytest.mark.parametrize("seed", range(3))
async def test_answers_of_one_person_at_once_have_one_order(store: Store, seed: int) -> None:
    """Eight requests in any order of their times: all lists of them agree on who was last."""
    customer, _ = await joined(store, 1)
    random = Random(seed)
    for place in range(2):
        bodies = [answer(customer, place, yes=bool(number % 2)) for number in range(AT_ONCE)]
        times = random.sample(range(1, AT_ONCE + 1), AT_ONCE)
        made = await asyncio.gather(
            *(
                write.create(people(customer, at), ANSWER, body)
                for at, body in zip(times, bodies, strict=True)
            )
        )
        items = {item["id"]: item for item in made}
        by_time = sorted(made, key=lambda item: str(item["created_at"]))
        assert len({item["created_at"] for item in made}) == AT_ONCE
        order = [(item["id"], item["created_at"]) for item in by_time]
        assert await changes(store, customer, place) == order
        assert await in_log(store, customer, [*items]) == [(pk, 1) for pk, _ in order]
        pair = Pair(customer.a(ACTIVATION), "tenant", customer.a(TENANT, place))
        for pk, at in order:
            (then,) = await decisions_as_of.check(people(customer, 100), [pair], at)
            assert then["answer"] == {"id": pk}
        (now,) = await decisions.check(people(customer, 100), [pair])
        assert now["answer"] == {"id": order[-1][0]}


@pytest.mark.parametrize("seed", range(3))
async def test_revisions_of_one_item_have_one_order(store: Store, seed: int) -> None:
    """No revision is older than the one before it, in the item's history and in the log."""
    customer, _ = await two_customers(store)
    made = await write.create(people(customer, 0), ANSWER, answer(customer, 0, yes=True))
    times = Random(seed).sample(range(1, AT_ONCE + 1), AT_ONCE)

    async def change(at: int) -> None:
        body = {"custom_id": f"{at}", "answer": bool(at % 2)}
        await write.update(people(customer, at), ANSWER, made["id"], body)

    await asyncio.gather(*map(change, times))
    told = await history.of_item(people(customer, 100), ANSWER, made["id"])
    assert told is not None
    moments = [one["at"] for one in told]
    assert moments == sorted(moments)
    assert await in_log(store, customer, [made["id"]]) == [
        (made["id"], revision) for revision in range(1, AT_ONCE + 2)
    ]


async def test_long_writes_for_the_same_persons_have_one_order(store: Store) -> None:
    """Those that are overtaken are done again, as often as that happens."""
    customer, _ = await joined(store, 1)
    bodies = [answer(customer, number % 2, yes=number % 3 > 0) for number in range(60)]
    for turn in range(3):
        times = Random(turn).sample(range(10 * turn + 1, 10 * turn + 5), 4)
        requests = (people(customer, at) for at in times)
        await asyncio.gather(*(write.bulk(one, ANSWER, bodies, Bulk()) for one in requests))
    for place in range(2):
        found = await changes(store, customer, place)
        since = [at for _, at in found]
        items = [pk for pk, _ in found]
        assert since == sorted({*since})
        assert len(items) == 3 * 4
        assert await in_log(store, customer, items) == [(pk, 1) for pk in items]


async def test_of_long_writes_at_once_the_earlier_locks_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process none of them is overtaken, however late the earlier one gets to its pairs."""
    customer, _ = await joined(store, 1)
    bodies = [answer(customer, 0, yes=True)] * LONG
    inserted, times = list[str](), list[str]()

    async def slowly(self: RowWriter, *given: Any) -> None:
        at = given[2][0]["created_at"]
        inserted.append(at)
        await insert(self, *given)
        await asyncio.sleep(0.2 * (at == min(inserted)))

    async def noting(self: DecisionWriter, connection: Any, rows: Any) -> None:
        times.append(rows[0]["since"])
        await decide(self, connection, rows)

    insert, decide = RowWriter.insert, DecisionWriter.decide
    monkeypatch.setattr(RowWriter, "insert", slowly)
    monkeypatch.setattr(DecisionWriter, "decide", noting)
    requests = (people(customer, at) for at in (1, 2, 3))
    await asyncio.gather(*(write.bulk(one, ANSWER, bodies, Bulk()) for one in requests))
    assert times == sorted({*times})
    assert len(times) == 3


async def test_a_turn_comes_though_those_ahead_never_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has an end, and whoever waits is later than each of those ahead."""
    monkeypatch.setattr(lock_order, "_SECONDS", 0.01)
    first = lock_order.Turn(moment(5), [])
    second = lock_order.Turn(moment(1), [first])
    await second.come()
    assert second.at > first.at == moment(5)


class Interrupted(Sealer):
    """A sealer that lets something else be done after its first batch."""

    def __init__(self, store: Store, between: Any) -> None:
        super().__init__(store, None, clock=moment, new_id=new_id)
        self._batch, self._between = 4, between

    async def _seal_batch(self, *where: Any) -> Any:
        found = await super()._seal_batch(*where)
        if self._between is not None:
            between, self._between = self._between, None
            await between()
        return found


async def test_a_round_of_sealing_has_one_order(store: Store) -> None:
    """What is committed between two batches of a round doesn't overtake what it followed."""
    if store.dialect.name == "sqlite":
        return  # one transaction at a time
    customer, _ = await two_customers(store)
    await sealer(store).seal_all()
    made = await write.create(people(customer, 0), ANSWER, answer(customer, 0, yes=True))
    async with write.together(customer.own) as slow:
        await write.update(slow, ANSWER, made["id"], {"answer": False})
        many = [answer(customer, 1, yes=True) for _ in range(6)]
        await write.bulk(people(customer, 1), ANSWER, many, Bulk())
        ended = asyncio.Event()

        async def between() -> None:
            ended.set()
            await written

        sealing = asyncio.ensure_future(Interrupted(store, between).seal_all())

        async def change() -> None:
            await ended.wait()
            await write.update(people(customer, 9), ANSWER, made["id"], {"answer": True})

        written = asyncio.ensure_future(change())
        await ended.wait()
    await sealing
    assert await in_log(store, customer, [made["id"]]) == [(made["id"], n) for n in (1, 2, 3)]
