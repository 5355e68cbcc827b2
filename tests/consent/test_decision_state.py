"""The answer that decides for each pair of an integration and a person, however it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations import write
from portvakt.operations.context import Context
from portvakt.schema.registry import content_type_id
from portvakt.storage.store import Store
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    ORGANIZATION_USER,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    moment,
    ref,
    two_customers,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSONS = {
    "answered_by_tenant": TENANT,
    "answered_by_sub_tenant": SUB_TENANT,
    "answered_by_organization_user": ORGANIZATION_USER,
}
Pair = tuple[int, str, int]
"""The place of an integration, the field that names the person, and the place of the person."""
Key = tuple[str, str, str]
"""A pair as it is stored: the integration, the kind of person, the person."""

quick = settings(
    max_examples=25,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)

PAIRS: list[Pair] = [
    (integration, name, person) for integration in (0, 1) for name in PERSONS for person in (0, 1)
]


def fields_of(customer: Customer, pair: Pair) -> Item:
    """The fields of an answer that name its pair."""
    integration, name, person = pair
    persons: Item = dict.fromkeys(PERSONS)
    return {
        **persons,
        "integration": ref(customer.a(ACTIVATION, integration)),
        name: ref(customer.a(PERSONS[name], person)),
    }


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


# --- a model -------------------------------------------------------------------------------------


@dataclass
class Model:
    """What answers there are and which decide, kept naively.

    `bound`: the answers whose notice is about the first integration, so that they can't leave it.
    """

    customer: Customer
    answers: dict[str, tuple[Pair, bool, int, str | None]] = field(default_factory=dict)
    deciding: dict[Pair, tuple[str, bool, int, str]] = field(default_factory=dict)
    bound: set[str | None] = field(default_factory=set)

    def put(self, pk: str, pair: Pair, yes: bool, note: str | None, now: str) -> None:
        """An answer is created or overwritten."""
        before = self.answers.get(pk)
        if before == (pair, yes, before[2] if before else 0, note):
            return
        revision = before[2] + 1 if before else 1
        self.answers[pk] = (pair, yes, revision, note)
        if before is not None and before[:2] == (pair, yes):
            return
        if before is not None and before[0] != pair:
            self._leave(before[0], pk)
        self.deciding[pair] = (pk, yes, revision, now)

    def delete(self, pk: str) -> None:
        """An answer goes."""
        pair, *_ = self.answers.pop(pk)
        self._leave(pair, pk)

    def _leave(self, pair: Pair, pk: str) -> None:
        if pair in self.deciding and self.deciding[pair][0] == pk:
            del self.deciding[pair]

    def expected(self) -> dict[Key, tuple[Any, ...]]:
        """The decisions as they should be stored."""
        return {
            (
                self.customer.a(ACTIVATION, integration),
                content_type_id(PERSONS[name].name),
                self.customer.a(PERSONS[name], person),
            ): decided
            for (integration, name, person), decided in self.deciding.items()
        }


@st.composite
def bodies(draw: st.DrawFn, known: list[str]) -> tuple[str | None, Item]:
    """The answer to write (None: a new one), and what to say."""
    pk = draw(st.sampled_from([None, *known]))
    said: Item = {}
    if pk is None or draw(st.booleans()):
        said["pair"] = draw(st.sampled_from(PAIRS))
    if pk is None or draw(st.booleans()):
        said["yes"] = draw(st.booleans())
    if draw(st.booleans()):
        said["note"] = draw(st.sampled_from(["a", "b", None]))
    return pk, said


def body_of(customer: Customer, said: Item) -> Item:
    """The body that says it."""
    body: Item = {}
    if "pair" in said:
        body |= fields_of(customer, said["pair"])
    if "yes" in said:
        body["answer"] = said["yes"]
    if "note" in said:
        body["custom_id"] = said["note"]
    return body


def tell(model: Model, pk: str, said: Item, now: str) -> None:
    """Do in the model what a body says."""
    pair, yes, _, note = model.answers.get(pk, (PAIRS[0], False, 0, None))
    model.put(pk, said.get("pair", pair), said.get("yes", yes), said.get("note", note), now)


async def step(data: st.DataObject, model: Model, context: Context) -> None:
    """Write something, at random, and tell the model."""
    known = list(model.answers)
    kinds = ["create", "bulk", "dry", *(["update", "delete"] if known else [])]
    kind = data.draw(st.sampled_from(kinds))
    customer = model.customer
    if kind == "create":
        said = {"pair": data.draw(st.sampled_from(PAIRS)), "yes": data.draw(st.booleans())}
        item = await write.create(context, ANSWER, body_of(customer, said))
        tell(model, item["id"], said, context.now)
    elif kind == "update":
        pk, said = data.draw(bodies(known).filter(lambda drawn: drawn[0] is not None))
        with refusal(model, [(pk, said)]):
            await write.update(context, ANSWER, str(pk), body_of(customer, said))
            tell(model, str(pk), said, context.now)
    elif kind == "delete":
        pk = data.draw(st.sampled_from(known))
        await write.delete(context, ANSWER, pk)
        model.delete(pk)
    else:
        drawn = data.draw(
            st.lists(bodies(known), max_size=6, unique_by=lambda one: one[0] or object())
        )
        sent = [body_of(customer, said) | ({"id": pk} if pk else {}) for pk, said in drawn]
        how = write.Bulk(dry_run=kind == "dry")
        with refusal(model, drawn):
            changes = await write.bulk(context, ANSWER, sent, how)
            for change, (_, said) in zip(changes, drawn, strict=True):
                if kind == "bulk":
                    tell(model, change.item["id"], said, context.now)


def refusal(
    model: Model, drawn: Sequence[tuple[str | None, Item]]
) -> AbstractContextManager[object]:
    """Expects that a write is refused which leads an answer away from its notice's integration."""
    moved = any(pk in model.bound and "pair" in said and said["pair"][0] for pk, said in drawn)
    return pytest.raises(Problem) if moved else nullcontext()


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
    changes = await write.bulk(customer.context, ANSWER, sent, write.Bulk())
    found = (await decisions(customer))[key(customer, PAIR)]
    assert found == (changes[2].item["id"], True, 1, moment())


async def test_two_that_leave_one_pair_leave_it_without_an_answer(customer: Customer) -> None:
    """Whichever of them decided."""
    first, second = [await answer(customer, PAIR, yes=True) for _ in range(2)]
    moved = [{"id": pk, **fields_of(customer, OTHER)} for pk in (second, first)]
    await write.bulk(customer.context, ANSWER, moved, write.Bulk())
    found = await decisions(customer)
    assert {pair: decided[0] for pair, decided in found.items()} == {key(customer, OTHER): first}


async def test_a_refused_write_changes_nothing(customer: Customer) -> None:
    """An atomic bulk write with one fault leaves every decision as it was."""
    await answer(customer, PAIR, yes=True)
    before = await decisions(customer)
    said = fields_of(customer, PAIR)
    with pytest.raises(Problem):
        await write.bulk(
            customer.context, ANSWER, [{**said, "answer": False}, {"answer": True}], write.Bulk()
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
        changes = await write.bulk(context, ANSWER, sent, write.Bulk())
        await write.delete(context, ANSWER, changes[-1].item["id"])

    await asyncio.gather(*(work(number) for number in range(8)))
    found = await decisions(customer)
    assert found
    for pair, (pk, yes, *_) in found.items():
        stored = await write.update(customer.own, ANSWER, pk, {})
        person = next(stored[name]["id"] for name in PERSONS if stored[name])
        assert (stored["integration"]["id"], person) == (pair[0], pair[2])
        assert stored["answer"] is yes
