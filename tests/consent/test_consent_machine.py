"""Many callers write answers, notices and activations at random, while time passes.

After each step, whatever tells what is decided is compared with a model that is kept naively; in
the end so are the histories and what every earlier moment was. `PORTVAKT_TEST_EXAMPLES` sets how
many such lives are lived on each database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Problem
from portvakt.operations.consent import decisions
from portvakt.operations.context import Context
from portvakt.operations.reading import history, read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.query import Keyset, Query
from portvakt.storage.store import Store
from tests.consent.model import (
    INTEGRATIONS,
    KINDS,
    PAIRS,
    PEOPLE,
    PERSONS,
    SHARING,
    Answer,
    Model,
    Pair,
    Told,
)
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    NOTICE,
    ORGANIZATION,
    Customer,
    Item,
    add_customer,
    moment,
    notice,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIVES = settings(
    max_examples=int(os.environ.get("PORTVAKT_TEST_EXAMPLES", "20")),
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


# --- what callers do -----------------------------------------------------------------------------


def context_of(model: Model, caller: int, now: str) -> Context:
    """The requests of people, or of an integration that writes what is about itself."""
    context = replace(model.customer.context, now=now, rechecked=False)
    if caller == PEOPLE:
        return replace(context, caller=replace(context.caller, kind=OPERATOR))
    granted = frozenset(("read", "create", "update", "delete"))
    resources = (ANSWER, NOTICE, *KINDS.values())
    scope = replace(
        context.caller,
        activation=model.customer.a(ACTIVATION, caller),
        rights=dict.fromkeys((one.name for one in resources), granted),
        consent_terms=ConsentTerms(model.active[caller], requires=True, mode=model.modes[caller]),
    )
    return replace(context, caller=scope)


def body_of(customer: Customer, answer: Answer, *, name: bool = True) -> Item:
    """The body that says all of an answer; integrations say no name."""
    persons: Item = {f"answered_by_{kind}": None for kind in KINDS}
    kind, place = answer.pair.person
    return {
        **persons,
        f"answered_by_{kind}": ref(customer.a(KINDS[kind], place)),
        "integration": ref(customer.a(ACTIVATION, answer.pair.integration)),
        "answer": answer.yes,
        "notice": answer.notice and ref(answer.notice),
        "expires_at": answer.expires_at,
        "method": answer.method,
        "custom_id": answer.note,
        **({"on_behalf_of": answer.name} if name else {}),
    }


@st.composite
def answers(
    draw: st.DrawFn, model: Model, second: int, caller: int, before: Answer | None
) -> Answer:
    """An answer, new or like the one before in most of what it says; now and then a wrong one."""
    changing = draw(st.sets(st.sampled_from(Answer._fields), max_size=2)) if before else ()
    careless = draw(st.integers(0, 9)) == 0
    pairs = [pair for pair in PAIRS if careless or caller in (PEOPLE, pair.integration)]
    pair = draw(st.sampled_from(pairs)) if not before or "pair" in changing else before.pair
    notices = [
        pk
        for pk, told in model.notices.items()
        if careless or told.about in (None, pair.integration)
    ]
    ends = [None, None, *(moment(second + after) for after in (-1, 0, 1, 4, 20))]
    made = Answer(
        pair,
        draw(st.booleans()),
        draw(st.sampled_from([*notices, *notices, None])),
        draw(st.sampled_from(ends)),
        draw(st.sampled_from([None, "paper", "portal"])),
        draw(st.sampled_from([None, "Eva"])),
        draw(st.sampled_from([None, "a"])),
    )
    if before is None:
        return made
    changed = {name: getattr(made, name) for name in changing}
    if before.notice not in (None, *notices):  # it is about the integration that was
        changed["notice"] = made.notice
    return before._replace(**changed)


class Life:
    """One run: draws what happens, does it, and tells the model."""

    def __init__(self, data: st.DataObject, model: Model) -> None:
        self.data = data
        self.model = model
        self.second = 0

    def choose(self, *options: Any) -> Any:
        """One of the options."""
        return self.data.draw(st.sampled_from(options))

    @property
    def now(self) -> str:
        """The present moment."""
        return moment(self.second)

    async def step(self) -> None:
        """Something happens, some time later."""
        self.second += self.choose(0, 1, 1, 5)
        happens = [*[self.write_some] * 3, self.write_one, *[self.add_notice] * 2]
        happens += [self.set_mode, self.set_sharing]
        happens += [self.delete_answer] if self.model.answers else []
        happens += [self.delete_notice] if self.model.notices else []
        await self.choose(*happens)()
        # Writes of one moment that follow each other do so by microseconds (decision record 46).
        self.model.moments[moment(self.second + 0.5)] = dict(self.model.answers)

    async def write_one(self) -> None:
        """Create or update one answer."""
        await self._write(1)

    async def write_some(self) -> None:
        """Create and update some answers at once."""
        await self._write(self.data.draw(st.integers(1, 5)))

    async def _write(self, most: int) -> None:
        model = self.model
        caller = self.choose(PEOPLE, *INTEGRATIONS)
        mine = [
            pk
            for pk, answer in model.answers.items()
            if caller in (PEOPLE, answer.pair.integration) or self.choose(*[False] * 9, True)
        ]
        known = self.data.draw(
            st.lists(st.sampled_from([None, None, *mine]), min_size=1, max_size=most)
        )
        targets = [pk for place, pk in enumerate(known) if pk is None or pk not in known[:place]]
        wanted = []
        for pk in targets:
            before = model.answers.get(pk or "")
            after = self.data.draw(answers(model, self.second, caller, before))
            if caller != PEOPLE:  # who sees no name says none; another answer clears the one there
                kept = before and (before.pair, before.yes) == (after.pair, after.yes)
                after = after._replace(name=before.name if before and kept else None)
            wanted.append((before, after))
        sent = [
            body_of(model.customer, after, name=caller == PEOPLE) | ({"id": pk} if pk else {})
            for pk, (_, after) in zip(targets, wanted, strict=True)
        ]
        context = context_of(model, caller, self.now)
        good = all(model.allows(caller, before, after) for before, after in wanted)
        how = Bulk(dry_run=self.choose(False, False, False, True))
        if not good:
            with pytest.raises(Problem):
                await write.bulk(context, ANSWER, sent, how)
            return
        changes = await write.bulk(context, ANSWER, sent, how)
        if not how.dry_run:
            for change, (_, after) in zip(changes, wanted, strict=True):
                model.put(change.item["id"], after)

    async def delete_answer(self) -> None:
        """Withdraw an answer."""
        pk, caller = self.choose(*self.model.answers), self.choose(PEOPLE, *INTEGRATIONS)
        context = context_of(self.model, caller, self.now)
        if caller not in (PEOPLE, self.model.answers[pk].pair.integration):
            with pytest.raises(Problem, match="not_found"):
                await write.delete(context, ANSWER, pk)
            return
        await write.delete(context, ANSWER, pk)
        self.model.delete(pk)

    async def add_notice(self) -> None:
        """A notice is published, by people or by the integration that it is about."""
        told = Told(
            self.data.draw(st.integers(1, 6)), self.choose(False, True), self.choose(None, 0, 1)
        )
        caller = self.choose(PEOPLE, *INTEGRATIONS)
        about = None if told.about is None else ref(self.model.customer.a(ACTIVATION, told.about))
        body = notice(told.version, material_change=told.material, integration=about)
        context = context_of(self.model, caller, self.now)
        taken = [(one.version, one.about) for one in self.model.notices.values()]
        if (told.version, told.about) in taken or caller not in (PEOPLE, told.about):
            with pytest.raises(Problem):
                await write.create(context, NOTICE, body)
            return
        self.model.notices[(await write.create(context, NOTICE, body))["id"]] = told

    async def delete_notice(self) -> None:
        """A notice goes, unless an answer names it."""
        pk = self.choose(*self.model.notices)
        context = context_of(self.model, PEOPLE, self.now)
        if any(answer.notice == pk for answer in self.model.answers.values()):
            with pytest.raises(Problem, match="in_use"):
                await write.delete(context, NOTICE, pk)
            return
        await write.delete(context, NOTICE, pk)
        del self.model.notices[pk]

    async def set_mode(self) -> None:
        """An activation gets another mode, or is suspended or resumed."""
        place, mode = self.choose(*INTEGRATIONS), self.choose(0, 1, 2, None)
        await self.activate(place, mode, active=self.choose(True, True, True, False))

    async def activate(self, place: int, mode: int | None, *, active: bool) -> None:
        """Let an activation be so."""
        body = {"personal_information_acceptance_mode": mode, "is_active": active}
        context = context_of(self.model, PEOPLE, self.now)
        await write.update(context, ACTIVATION, self.model.customer.a(ACTIVATION, place), body)
        self.model.modes[place], self.model.active[place] = mode, active

    async def set_sharing(self) -> None:
        """A person says whether anybody may see something at all."""
        person = self.choose(*(one for one in PERSONS if one.kind != "organization_user"))
        flag = self.choose(None, True, False)
        pk = self.model.customer.a(KINDS[person.kind], person.place)
        context = context_of(self.model, PEOPLE, self.now)
        await write.update(context, KINDS[person.kind], pk, {SHARING: flag})
        self.model.sharing[person] = flag


# --- what is compared ----------------------------------------------------------------------------


async def compare_decisions(model: Model, now: str) -> None:
    """`check`, the list of who is accessible, and what reads show: all say what the model says."""
    customer = model.customer
    people = context_of(model, PEOPLE, now)
    asked = [
        decisions.Pair(customer.a(ACTIVATION, integration), kind, customer.a(KINDS[kind], place))
        for integration, (kind, place) in PAIRS
    ]
    told = await decisions.check(people, asked)
    found = [(one["allowed"], one["reason"], one["answer"] and one["answer"]["id"]) for one in told]
    assert found == [model.decision(pair, now) for pair in PAIRS]
    for integration in INTEGRATIONS:
        context = context_of(model, integration, now)
        for kind, resource in KINDS.items():
            allowed = {
                customer.a(resource, person.place)
                for person in PERSONS
                if person.kind == kind and model.decision(Pair(integration, person), now)[0]
            }
            known = {customer.a(resource, one.place) for one in PERSONS if one.kind == kind}
            shown = await read.page(context, resource, Query(keyset=Keyset(100)))
            named = {item["id"] for item in shown.items if item["first_name"] is not None}
            assert named & known == allowed
            pk = customer.a(ACTIVATION, integration)
            async with decisions.accessible(people, kind, pk) as export:
                seen = [item["id"] async for items in export.chunks for item in items]
            assert {*seen} & known == allowed


def as_items(model: Model, then: dict[str, Answer]) -> Iterator[tuple[str, Item]]:
    """Answers as they travel, but for what is no part of them."""
    for pk, answer in then.items():
        yield pk, body_of(model.customer, answer)


async def compare_past(model: Model, now: str) -> None:
    """Each moment's answers are as they were, and each answer's history is whole."""
    context = context_of(model, PEOPLE, now)
    for then, known in model.moments.items():
        query = Query(keyset=Keyset(1000), as_of=then, evidence=True)
        listed = (await read.page(context, ANSWER, query)).items
        wanted = dict(as_items(model, known))
        assert {item["id"] for item in listed} == wanted.keys()
        for item in listed:
            assert {name: item[name] for name in wanted[item["id"]]} == wanted[item["id"]]
    for pk, operations in model.writes.items():
        told = await history.of_item(context, ANSWER, pk)
        assert told is not None
        assert [(one["operation"], one["revision"]) for one in told] == [
            (operation, number) for number, operation in enumerate(operations, start=1)
        ]


@given(data=st.data())
@LIVES
async def test_whatever_happens_all_agree(store: Store, data: st.DataObject) -> None:
    """State, gate, `check`, `accessible`, past moments and history are the model's."""
    customer = await add_customer(store)
    for person in PERSONS:
        organized = {"organization": ref(customer.a(ORGANIZATION))}
        resource = KINDS[person.kind]
        await write.update(customer.own, resource, customer.a(resource, person.place), organized)
    model = Model(customer)
    for version, pk in enumerate(customer.ids[NOTICE.name], start=1):
        model.notices[pk] = Told(version, material=False, about=None)
    life = Life(data, model)
    for place, mode in zip(INTEGRATIONS, (1, 2), strict=True):
        await life.activate(place, mode, active=True)
    for _ in range(data.draw(st.integers(4, 20))):
        await life.step()
        await compare_decisions(model, life.now)
    for later in (1, 4, 20):
        await compare_decisions(model, moment(life.second + later))
    await compare_past(model, moment(life.second + 30))
