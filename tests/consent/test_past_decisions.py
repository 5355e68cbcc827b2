"""What is told of past decisions is what was told when they were made."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations.consent import decisions, decisions_as_of
from portvakt.operations.consent.decisions import Pair
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.decision import UNKNOWN
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.support.answering import PAIRS, PERSONS, Model, fields_of, joined, people
from tests.support.answering import step as write_answers
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    NOTICE,
    Customer,
    Item,
    moment,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = int(os.environ.get("PORTVAKT_TEST_EXAMPLES", "8"))
"""How many histories are tried on each database; many take a while."""

KINDS = {name: name.removeprefix("answered_by_") for name in PERSONS}
LATER = 1_000
FIRST = Filter("version", "", False, 1)

quick = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


def pairs_of(customer: Customer) -> list[Pair]:
    """Each pair that is written of, as it is asked about."""
    return [
        Pair(customer.a(ACTIVATION, integration), KINDS[name], customer.a(PERSONS[name], person))
        for integration, name, person in PAIRS
    ]


def integration(customer: Customer, seconds: float) -> Context:
    """A request of the first integration, which holds whether it is suspended or not."""
    return replace(customer.at(seconds), rechecked=False)


async def seen(context: Context, resource: Resource, asked: str, then: str) -> set[str]:
    """Whom the integration `asked` might see at a past moment."""
    kind = next(KINDS[name] for name, other in PERSONS.items() if other is resource)
    found: list[str] = []
    async with decisions_as_of.accessible(context, kind, asked, then) as export:
        async for items in export.chunks:
            found += [item["id"] for item in items]
    assert found == sorted(set(found))
    return set(found)


async def tell(data: st.DataObject, model: Model, number: int) -> None:
    """Say how long an answer counts and what it was given to; or change what there is to tell."""
    context = people(model.customer, number)
    about = {
        one["id"]: one["integration"] for one in (await read.page(context, NOTICE, Query())).items
    }
    notices = [*about]
    kinds = ["notice", *(["evidence", "evidence"] if model.answers else [])]
    kinds += ["no notice"] if notices else []
    kind = data.draw(st.sampled_from(kinds))
    if kind == "notice":
        first = data.draw(st.sampled_from([None, ref(model.customer.a(ACTIVATION))]))
        material = data.draw(st.booleans())
        body: Item = {"version": number + 2, "language": "sv", "text": "x", "integration": first}
        await write.create(context, NOTICE, {**body, "material_change": material})
    elif kind == "no notice":
        with suppress(Problem):  # where an answer names it
            await write.delete(context, NOTICE, data.draw(st.sampled_from(notices)))
    else:
        body = {"expires_at": data.draw(st.sampled_from([None, moment(number + 2)]))}
        told = data.draw(st.sampled_from([None, *notices]))
        body["notice"] = told and ref(told)
        pk = data.draw(st.sampled_from([*model.answers]))
        with suppress(Problem):  # where the notice is about another integration
            await write.update(context, ANSWER, pk, body)
            model.bound.discard(pk)
            if told and about[told]:
                model.bound.add(pk)


async def change(data: st.DataObject, customer: Customer, version: str, context: Context) -> None:
    """Change an activation or a person in what decides."""
    versions = (version, customer.vendor.version)
    bodies: list[Item] = [
        *({"personal_information_acceptance_mode": mode} for mode in (0, 1, 2, None)),
        *({"is_active": active} for active in (True, False)),
        *({"service_version_id": one} for one in versions),
    ]
    if data.draw(st.booleans()):
        pk = customer.a(ACTIVATION, data.draw(st.integers(0, 1)))
        await write.update(context, ACTIVATION, pk, data.draw(st.sampled_from(bodies)))
        return
    resource = data.draw(st.sampled_from([*PERSONS.values()]))
    flag = resource.person.sharing if resource.person else None
    if flag:
        body = {flag: data.draw(st.sampled_from([True, False, None]))}
        await write.update(context, resource, customer.a(resource), body)


async def delete_all(customer: Customer, seconds: float) -> None:
    """Delete all answers and notices, then the persons and the second activation."""
    context = people(customer, seconds)
    for answer in (await read.page(context, ANSWER, Query())).items:
        await write.delete(context, ANSWER, answer["id"])
    for notice in (await read.page(context, NOTICE, Query())).items:
        await write.delete(context, NOTICE, notice["id"])
    for resource in PERSONS.values():
        for place in (0, 1):
            await write.delete(context, resource, customer.a(resource, place))
    async with context.store.database.transaction() as connection:
        await connection.execute(
            f"DELETE FROM platform_credential WHERE integration = '{customer.a(ACTIVATION, 1)}'"
        )
    await write.delete(context, ACTIVATION, customer.a(ACTIVATION, 1))


@given(data=st.data())
@quick
async def test_the_past_is_told_as_it_was(store: Store, data: st.DataObject) -> None:
    """Whatever was written since, one pair or all, by people or by the integration itself.

    What people are told stays so when answers, notices, persons and activations are gone.
    """
    customer, version = await joined(store, data.draw(st.sampled_from([2, 1, None])))
    model, pairs = Model(customer), pairs_of(customer)
    told: list[list[Item]] = []
    for number in range(1, data.draw(st.integers(2, 14))):
        context = people(customer, number)
        kind = data.draw(st.sampled_from(["answer", "answer", "tell", "change"]))
        if kind == "answer":
            await write_answers(data, model, context)
        elif kind == "tell":
            await tell(data, model, number)
        else:
            await change(data, customer, version, context)
        told.append(await decisions.check(context, pairs))
    own = [pair.integration == customer.a(ACTIVATION) for pair in pairs]
    unknown = decisions.render_decision(UNKNOWN)
    for number, items in enumerate(told, 1):
        context = integration(customer, LATER)
        mine = [one if is_own else unknown for one, is_own in zip(items, own, strict=True)]
        assert await decisions_as_of.check(context, pairs, moment(number + 0.5)) == mine
    await delete_all(customer, LATER)
    context = people(customer, LATER)
    assert await decisions_as_of.check(context, pairs, moment(LATER)) == [unknown] * len(pairs)
    assert await decisions_as_of.check(context, pairs, moment(-1)) == [unknown] * len(pairs)
    for number, items in enumerate(told, 1):
        assert await decisions_as_of.check(context, pairs, moment(number)) == items
        await agree(customer, pairs, items, moment(number + 0.5))


async def agree(customer: Customer, pairs: Sequence[Pair], told: Sequence[Item], then: str) -> None:
    """The lists of who might be seen hold those who were allowed, and nobody who was not."""
    context = people(customer, LATER + 1)
    for asked in customer.ids[ACTIVATION.name]:
        found: set[str] = set()
        for resource in PERSONS.values():
            found |= await seen(context, resource, asked, then)
        about = [(p, one) for p, one in zip(pairs, told, strict=True) if p.integration == asked]
        assert {p.person for p, one in about if one["allowed"]} == found & {
            p.person for p, _ in about
        }


async def test_an_answer_that_is_over_was_not_yet(store: Store) -> None:
    """A yes counts as of the moments before it expired, and before persons were told more."""
    customer, _ = await joined(store, 2)
    pair, body = pairs_of(customer)[:1], fields_of(customer, PAIRS[0])
    (first,) = (await read.page(customer.own, NOTICE, Query(filters=(FIRST,)))).items
    evidence = {"notice": ref(first["id"]), "expires_at": moment(3)}
    item = await write.create(people(customer, 1), ANSWER, {**body, "answer": True, **evidence})
    await write.update(people(customer, 5), ANSWER, item["id"], {"expires_at": None})
    told = {"version": 9, "language": "sv", "text": "x", "material_change": True}
    later = await write.create(people(customer, 7), NOTICE, told)
    await write.delete(people(customer, 9), NOTICE, later["id"])
    found = [
        (await decisions_as_of.check(people(customer, LATER), pair, moment(at)))[0]["allowed"]
        for at in (0.9, 1, 2.9, 3, 4.9, 5, 6.9, 7, 8.9, 9)
    ]
    assert found == [False, True, True, False, False, True, True, False, False, True]


@pytest.mark.parametrize("seed", range(2))
async def test_writers_at_once_leave_one_past(store: Store, seed: int) -> None:
    """Of requests at the same time, whose times tell nothing of who came first, on one pair.

    After each round everybody has the decision that is told as of then for ever.
    """
    customer, _ = await joined(store, 2)
    random, pairs = Random(seed), pairs_of(customer)
    known: list[str] = []

    async def work(seconds: float, what: str) -> None:
        context = people(customer, seconds)
        body = {**fields_of(customer, PAIRS[0]), "answer": what == "yes"}
        if what == "withdraw" and known:
            await write.delete(context, ANSWER, known.pop())
        elif what == "move" and known:
            body |= fields_of(customer, random.choice(PAIRS[:2]))
            await write.update(context, ANSWER, random.choice(known[:3]), body)
        elif what == "bulk":
            bodies = [body, {**body, **fields_of(customer, PAIRS[1])}, {**body, "answer": True}]
            changes = await write.bulk(context, ANSWER, bodies, Bulk())
            known.extend(one.item["id"] for one in changes)
        else:
            known.append((await write.create(context, ANSWER, body))["id"])

    told: list[list[Item]] = []
    for number in range(1, 7):
        work_of = [random.choice(["yes", "no", "withdraw", "move", "bulk"]) for _ in range(8)]
        outcomes: list[Any] = await asyncio.gather(
            *(work(number + random.random() / 2, what) for what in work_of), return_exceptions=True
        )
        assert {str(one)[:9] for one in outcomes if one is not None} <= {"not_found"}
        told.append(await decisions.check(people(customer, number + 0.5), pairs))
    for number, items in enumerate(told, 1):
        assert (
            await decisions_as_of.check(people(customer, LATER), pairs, moment(number + 0.5))
            == items
        )
    assert len({str(items) for items in told}) > 1
