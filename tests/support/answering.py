"""Answers written at random, and which of them decides, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.registry import content_type_id
from portvakt.storage.store import Store
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    ORGANIZATION,
    ORGANIZATION_USER,
    SERVICE_VERSION,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    insert,
    moment,
    ref,
    two_customers,
)

PERSONS = {
    "answered_by_tenant": TENANT,
    "answered_by_sub_tenant": SUB_TENANT,
    "answered_by_organization_user": ORGANIZATION_USER,
}
Pair = tuple[int, str, int]
"""The place of an integration, the field that names the person, and the place of the person."""
Key = tuple[str, str, str]
"""A pair as it is stored: the integration, the kind of person, the person."""

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
        if before is not None and self.is_another(pk, pair, yes):
            self.bound.discard(pk)
        self.answers[pk] = (pair, yes, revision, note)
        if before is not None and before[:2] == (pair, yes):
            return
        if before is not None and before[0] != pair:
            self._leave(before[0], pk)
        self.deciding[pair] = (pk, yes, revision, now)

    def is_another(self, pk: str, pair: Pair, yes: bool) -> bool:
        """Whether that isn't what the person said any more: what was told goes with it."""
        before, said, *_ = self.answers[pk]
        return before[1:] != pair[1:] or said != yes

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
        how = Bulk(dry_run=kind == "dry")
        with refusal(model, drawn):
            changes = await write.bulk(context, ANSWER, sent, how)
            for change, (_, said) in zip(changes, drawn, strict=True):
                if kind == "bulk":
                    tell(model, change.item["id"], said, context.now)


def refusal(
    model: Model, drawn: Sequence[tuple[str | None, Item]]
) -> AbstractContextManager[object]:
    """Expects that a write is refused which leads an answer away from its notice's integration."""

    def is_led_away(pk: str, said: Item) -> bool:
        before, yes, *_ = model.answers[pk]
        pair = said.get("pair", before)
        return pair[0] != 0 and not model.is_another(pk, pair, said.get("yes", yes))

    moved = any(pk in model.bound and is_led_away(pk, said) for pk, said in drawn if pk)
    return pytest.raises(Problem) if moved else nullcontext()


async def joined(store: Store, mode: int | None) -> tuple[Customer, str]:
    """A customer whose integrations reach the persons of `PAIRS`; a version that asks nothing."""
    customer, _ = await two_customers(store)
    for pk in customer.ids[ACTIVATION.name]:
        await write.update(
            people(customer, 0.5), ACTIVATION, pk, {"personal_information_acceptance_mode": mode}
        )
    body = {"organization": ref(customer.a(ORGANIZATION))}
    for resource in PERSONS.values():
        for place in (0, 1):
            await write.update(customer.own, resource, customer.a(resource, place), body)
    row = {"service": customer.vendor.service, "number": 8, "state": "published"}
    (version,) = await insert(
        store, SERVICE_VERSION, [{**row, "require_personal_information_access": False}]
    )
    return customer, version


def people(customer: Customer, seconds: float) -> Context:
    """A request of people that comes so many seconds after the beginning."""
    return replace(customer.own, now=moment(seconds))
