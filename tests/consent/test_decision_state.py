"""The answer that decides for each pair of an integration and a person, however it is written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.storage.store import Store
from tests.support.answering import PAIRS, PERSONS, Key, Model, Pair, fields_of, step
from tests.support.stores import (
    ANSWER,
    TENANT,
    Customer,
    Item,
    moment,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

quick = settings(
    max_examples=25,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


async def decisions(customer: Customer) -> dict[Key, tuple[Any, ...]]:
    """The stored decisions of a customer, by pair."""
    rows = await customer.context.store.database.fetch(
        "SELECT integration, kind, person, answer, yes, revision, since FROM integrations_decision"
        f" WHERE customer_id = '{customer.id}'"
    )
    load = customer.context.store.dialect.load
    times = {k.name: v for k, v in load.items()}
    return {
        (str(row[0]), str(row[1]), str(row[2])): (
            str(row[3]),
            bool(row[4]),
            row[5],
            times["time"](row[6]) if "time" in times else row[6],
        )
        for row in rows
    }


@given(data=st.data())
@quick
async def test_the_state_follows_every_write(store: Store, data: st.DataObject) -> None:
    """Creates, updates, moves, bulk writes, dry runs and deletes: the state is the model's."""
    customer, stranger = await two_customers(store)
    model = Model(customer)
    for number in range(data.draw(st.integers(1, 12))):
        await step(data, model, customer.at(number))
        assert await decisions(customer) == model.expected()
    assert await decisions(stranger) == {}


# --- examples ------------------------------------------------------------------------------------

PAIR, OTHER = PAIRS[0], PAIRS[1]


async def answer(customer: Customer, pair: Pair, yes: bool) -> str:
    """A new answer's id."""
    body = {**fields_of(customer, pair), "answer": yes}
    return str((await write.create(customer.context, ANSWER, body))["id"])


def key(customer: Customer, pair: Pair) -> Key:
    """A pair as it is stored."""
    model = Model(customer, deciding={pair: ("", False, 0, "")})
    (found,) = model.expected()
    return found


async def test_an_older_answer_does_not_come_back(customer: Customer) -> None:
    """When the answer that decides is deleted the pair has none, though an older one is there."""
    await answer(customer, PAIR, yes=True)
    newer = await answer(customer, PAIR, yes=False)
    await write.delete(customer.context, ANSWER, newer)
    assert await decisions(customer) == {}


async def test_what_is_not_said_anew_decides_nothing(customer: Customer) -> None:
    """An old yes that gets a note does not overrule a newer no."""
    older = await answer(customer, PAIR, yes=True)
    newer = await answer(customer, PAIR, yes=False)
    await write.update(customer.context, ANSWER, older, {"custom_id": "a note", "answer": True})
    assert (await decisions(customer))[key(customer, PAIR)][0] == newer


async def test_the_later_item_of_a_bulk_decides(customer: Customer) -> None:
    """Of two answers of one pair in one request."""
    said = fields_of(customer, PAIR)
    sent = [{**said, "answer": yes} for yes in (True, False, True)]
    changes = await write.bulk(customer.context, ANSWER, sent, Bulk())
    found = (await decisions(customer))[key(customer, PAIR)]
    assert found == (changes[2].item["id"], True, 1, moment())


async def test_two_that_leave_one_pair_leave_it_without_an_answer(customer: Customer) -> None:
    """Whichever of them decided."""
    first, second = [await answer(customer, PAIR, yes=True) for _ in range(2)]
    moved = [{"id": pk, **fields_of(customer, OTHER)} for pk in (second, first)]
    await write.bulk(customer.context, ANSWER, moved, Bulk())
    found = await decisions(customer)
    assert {pair: decided[0] for pair, decided in found.items()} == {key(customer, OTHER): first}


async def test_a_refused_write_changes_nothing(customer: Customer) -> None:
    """An atomic bulk write with one fault leaves every decision as it was."""
    await answer(customer, PAIR, yes=True)
    before = await decisions(customer)
    said = fields_of(customer, PAIR)
    with pytest.raises(Problem):
        await write.bulk(
            customer.context, ANSWER, [{**said, "answer": False}, {"answer": True}], Bulk()
        )
    assert await decisions(customer) == before


async def test_a_person_who_answered_can_not_be_deleted(customer: Customer) -> None:
    """The answers refer to the person, so that no decision is about nobody."""
    await answer(customer, PAIR, yes=True)
    with pytest.raises(Problem, match="in_use"):
        await write.delete(customer.own, TENANT, customer.a(TENANT))


async def test_writes_at_once_leave_the_last_one_deciding(customer: Customer) -> None:
    """Many callers write, move and delete answers of the same pairs; nobody waits in a circle.

    Afterwards each decision is made by an answer that is there, says the same, and is on the pair.
    """
    known = [await answer(customer, pair, yes=True) for pair in PAIRS[:6]]

    async def work(number: int) -> None:
        context = replace(customer.context, now=moment(number))
        pairs = PAIRS[:6] if number % 2 else PAIRS[5::-1]
        sent: list[Item] = [
            {
                "id": pk,
                "answer": bool(number % 3),
                **fields_of(customer, pairs[(place + number) % 6]),
            }
            for place, pk in enumerate(known[: 3 + number % 3])
        ]
        sent += [{**fields_of(customer, pair), "answer": bool(number % 3)} for pair in pairs[:4]]
        changes = await write.bulk(context, ANSWER, sent, Bulk())
        await write.delete(context, ANSWER, changes[-1].item["id"])

    await asyncio.gather(*(work(number) for number in range(8)))
    found = await decisions(customer)
    assert found
    for pair, (pk, yes, *_) in found.items():
        stored = await write.update(customer.own, ANSWER, pk, {})
        person = next(stored[name]["id"] for name in PERSONS if stored[name])
        assert (stored["integration"]["id"], person) == (pair[0], pair[2])
        assert stored["answer"] is yes
