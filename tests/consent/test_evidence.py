"""What an answer was given to, how, and until when; and the notices that it may name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from portvakt.errors import Code, FaultCode, Problem
from portvakt.ingest import loading
from portvakt.ingest.loading import Line
from portvakt.operations.consent import decisions
from portvakt.operations.context import Context
from portvakt.operations.reading import history, read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Keyset, Query
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    NOTICE,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    add,
    moment,
    notice,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIDENCE: Item = {
    "method": "phone",
    "expires_at": moment(3600),
    "on_behalf_of": "Eva Exempel, god man",
}


def body(customer: Customer, **said: Any) -> Item:
    """A tenant's yes to the customer's activation."""
    return {
        "answer": True,
        "integration": ref(customer.a(ACTIVATION)),
        "answered_by_tenant": ref(customer.a(TENANT)),
        **said,
    }


def bounded(customer: Customer, *rights: str) -> Context:
    """The activation's requests, with these rights to notices and answers."""
    granted = frozenset(("read", "create", "update", "delete", *rights))
    caller = replace(customer.context.caller, rights={NOTICE.name: granted, ANSWER.name: granted})
    return replace(customer.context, caller=caller, rechecked=False)


def codes(problem: Problem) -> set[tuple[str, str]]:
    """The place and the code of each fault."""
    return {(fault.where, fault.code.value) for fault in problem.faults}


# --- additive fields -----------------------------------------------------------------------------


async def test_evidence_is_shown_where_it_is_asked_for(customer: Customer) -> None:
    """By Get, list, export, writes and a past moment; otherwise an item has its nine fields."""
    context, resource = customer.own, ANSWER
    said = {**EVIDENCE, "notice": ref(customer.a(NOTICE))}
    plain = await write.create(context, resource, body(customer, **said))
    assert list(plain) == list(resource.by_name)
    assert len(plain) == 9
    whole = {**plain, "notice": said["notice"], **EVIDENCE}
    query = Query(keyset=Keyset(10))
    asked = replace(query, evidence=True)
    for evidence, item in ((False, plain), (True, whole)):
        for moment_asked in (None, moment(1)):
            found = await read.get(context, resource, plain["id"], moment_asked, evidence=evidence)
            assert found == item
        assert (await read.page(context, resource, asked if evidence else query)).items == [item]
        async with read.export(context, resource, Query(evidence=evidence)) as export:
            assert [items async for items in export.chunks] == [[item]]
        again = await write.update(context, resource, plain["id"], {}, evidence=evidence)
        assert again == item
    (change,) = await write.bulk(context, resource, [whole], Bulk())
    assert change.outcome == "unchanged"
    told = await history.of_item(context, resource, plain["id"])
    assert told is not None
    changed = told[0]["changed"]
    assert changed["notice"]["after"] == said["notice"]
    assert changed["method"]["after"] == "phone"
    assert len(changed["on_behalf_of"]["after"]["digest"]) == 64


async def test_who_spoke_for_a_person_is_for_who_keeps_all_answers(customer: Customer) -> None:
    """Others set it, but see it neither in items nor in history, nor by what is unchanged."""
    rights = {ANSWER.name: frozenset({"create", "read", "update"})}
    context = replace(customer.context, caller=replace(customer.context.caller, rights=rights))
    made = await write.create(context, ANSWER, body(customer, **EVIDENCE), evidence=True)
    assert list(made) == [name for name in ANSWER.known if name != "on_behalf_of"]
    assert await read.get(context, ANSWER, made["id"], evidence=True) == made
    told = await history.of_item(context, ANSWER, made["id"])
    assert told is not None
    assert "on_behalf_of" not in told[0]["changed"]
    for value, outcome in (
        (EVIDENCE["on_behalf_of"], "updated"),
        ("Någon annan", "updated"),
        (None, "unchanged"),
    ):
        sent = {"id": made["id"], "on_behalf_of": value}
        (change,) = await write.bulk(context, ANSWER, [sent], Bulk(dry_run=True))
        assert change.outcome == outcome
    for everybodys in (customer.context, customer.own):
        seen = await read.get(everybodys, ANSWER, made["id"], evidence=True)
        assert seen is not None
        assert seen["on_behalf_of"] == EVIDENCE["on_behalf_of"]


async def test_an_answer_without_a_name_needs_no_key(customer: Customer) -> None:
    """Only a value that enters an event as a digest costs a look for its item's key."""
    store = customer.context.store
    found = []
    for said in ({"method": "api"}, {"on_behalf_of": "Eva"}):
        made = await write.create(customer.own, ANSWER, body(customer, **said))
        async with store.database.snapshot() as connection:
            found.append(len(await store.events.keys(connection, customer.id, [made["id"]])))
    assert found == [0, 1]


# --- what says something -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "decides"),
    [
        ({"expires_at": moment(60)}, True),
        ({"method": "paper"}, True),
        ({"notice": 1}, True),
        ({"on_behalf_of": "Eva"}, False),
        ({"custom_id": "a"}, False),
    ],
)
async def test_new_evidence_restates_an_answer(
    customer: Customer, changed: Item, decides: bool
) -> None:
    """An older yes decides again if it is given anew, but not by a name or a note on it."""
    older = await write.create(customer.own, ANSWER, body(customer))
    newer = await write.create(customer.own, ANSWER, body(customer, answer=False))
    if "notice" in changed:
        changed = {"notice": ref(customer.a(NOTICE, changed["notice"]))}
    await write.update(customer.own, ANSWER, older["id"], changed)
    pair = decisions.Pair(customer.a(ACTIVATION), "tenant", customer.a(TENANT))
    (told,) = await decisions.check(customer.context, [pair])
    assert told["answer"] == ref((older if decides else newer)["id"])


NONE: Item = dict.fromkeys(("notice", *EVIDENCE))


async def by_update(context: Context, pk: str, said: Item) -> Item:
    """The change as an update of one item."""
    return await write.update(context, ANSWER, pk, said, evidence=True)


async def by_bulk(context: Context, pk: str, said: Item) -> Item:
    """The change as one of a bulk write."""
    (change,) = await write.bulk(context, ANSWER, [{"id": pk, **said}], Bulk())
    return write.answered(context, ANSWER, change, evidence=True)


async def by_match(context: Context, _: str, said: Item) -> Item:
    """The change by the item's own key."""
    how = Bulk(match=("custom_id",))
    (change,) = await write.bulk(context, ANSWER, [{"custom_id": "A1", **said}], how)
    return write.answered(context, ANSWER, change, evidence=True)


async def by_import(context: Context, pk: str, said: Item) -> Item:
    """The change as a line of a file."""
    line = Line(1, {"custom_id": "A1", **said})
    (loaded,) = await loading.load(context, ANSWER, [line], ("custom_id",))
    assert loaded.outcome == "updated"
    item = await read.get(context, ANSWER, pk, evidence=True)
    assert item is not None
    return item


@pytest.mark.parametrize("change", [by_update, by_bulk, by_match, by_import])
@pytest.mark.parametrize("rest", [{}, {"method": "phone"}, {"expires_at": moment(60)}], ids=str)
async def test_what_was_said_of_a_yes_is_not_said_of_a_no(
    customer: Customer, change: Callable[[Context, str, Item], Awaitable[Item]], rest: Item
) -> None:
    """A write that changes the answer clears what was said of the other one, and keeps the rest.

    The versions before and the events still have it.
    """
    told = {"notice": ref(customer.a(NOTICE)), **EVIDENCE, "custom_id": "A1"}
    made = await write.create(customer.own, ANSWER, body(customer, **told))
    pk = made["id"]
    said = await change(customer.at(60), pk, {"answer": False, **rest})
    assert said == {**made, "answer": False, **NONE, **rest, "custom_id": "A1"}
    stored = await read.get(customer.own, ANSWER, pk, evidence=True)
    assert stored == said
    before = await read.get(customer.own, ANSWER, pk, moment(59), evidence=True)
    assert before == {**made, **told}
    (_, revision) = await history.of_item(customer.own, ANSWER, pk) or []
    assert {"answer", "on_behalf_of"} <= revision["changed"].keys()
    (unchanged,) = await write.bulk(customer.own, ANSWER, [{"id": pk, "answer": False}], Bulk())
    assert unchanged.outcome == "unchanged"


async def test_the_same_answer_keeps_its_evidence(customer: Customer) -> None:
    """Whoever says it again, or something else of it."""
    made = await write.create(customer.own, ANSWER, body(customer, **EVIDENCE))
    for said in ({"answer": True}, body(customer), {"custom_id": "A2"}):
        await write.update(customer.own, ANSWER, made["id"], said)
    item = await read.get(customer.own, ANSWER, made["id"], evidence=True)
    assert item == {**made, "notice": None, **EVIDENCE, "custom_id": "A2"}


async def test_what_was_said_of_one_person_is_not_said_of_another(customer: Customer) -> None:
    """An answer that is moved keeps nothing of how the other one was given.

    To another integration it keeps a notice about all of them.
    """
    notices = {"notice": ref(customer.a(NOTICE)), **EVIDENCE}
    moves: list[Item] = [
        {"answered_by_tenant": ref(customer.a(TENANT, 1))},
        {"answered_by_tenant": None, "answered_by_sub_tenant": ref(customer.a(SUB_TENANT))},
        {"integration": ref(customer.a(ACTIVATION, 1))},
    ]
    for moved in moves:
        told = body(customer, **notices)
        made = await write.create(customer.own, ANSWER, told, evidence=True)
        item = await write.update(customer.own, ANSWER, made["id"], moved, evidence=True)
        kept = {"notice": made["notice"]} if "integration" in moved else {}
        assert item == {**made, **moved, **NONE, **kept}


async def test_who_may_not_see_who_spoke_clears_it_too(customer: Customer) -> None:
    """Also where the null is sent back that stands for it."""
    made = await write.create(customer.own, ANSWER, body(customer, **EVIDENCE))
    sent = {"answer": False, "on_behalf_of": None}
    await write.update(bounded(customer), ANSWER, made["id"], sent)
    item = await read.get(customer.own, ANSWER, made["id"], evidence=True)
    assert item is not None
    assert (item["answer"], item["on_behalf_of"]) == (False, None)


async def test_an_answer_ends_by_itself(customer: Customer) -> None:
    """At the very moment at which it expires, without a write; a new end brings it back."""
    pair = decisions.Pair(customer.a(ACTIVATION), "tenant", customer.a(TENANT))
    made = await write.create(customer.own, ANSWER, body(customer, expires_at=moment(10)))
    answers = []
    for seconds in (0, 9.999999, 10, 11):
        context = customer.at(seconds)
        (told,) = await decisions.check(context, [pair])
        answers.append(told["answer"] and told["answer"]["id"])
    assert answers == [made["id"], made["id"], None, None]
    await write.update(customer.own, ANSWER, made["id"], {"expires_at": None})
    (told,) = await decisions.check(context, [pair])
    assert (told["answer"], told["revision"]) == (ref(made["id"]), 2)


# --- notices -------------------------------------------------------------------------------------


async def test_an_answer_names_a_notice_about_its_integration(
    customer: Customer, stranger: Customer
) -> None:
    """Or about all; also when a write changes only one of the two. Others' are not there."""
    first, second = customer.ids[ACTIVATION.name][:2]
    mine, others = [
        item["id"]
        for item in await add(
            customer.own, NOTICE, [notice(3, integration=ref(pk)) for pk in (first, second)]
        )
    ]
    made = await write.create(customer.own, ANSWER, body(customer, notice=ref(mine)))
    wrong = {("/integration", FaultCode.mismatch.value)}
    missing = {("/notice", FaultCode.not_found.value)}
    for changed, expected in (
        ({"notice": ref(others)}, wrong),
        ({"integration": ref(second)}, wrong),
        ({"notice": ref(stranger.a(NOTICE))}, missing),
    ):
        with pytest.raises(Problem) as refused:
            await write.update(customer.own, ANSWER, made["id"], changed)
        assert codes(refused.value) == expected
    with pytest.raises(Problem) as refused:  # not even that it is about another integration
        await write.update(bounded(customer), ANSWER, made["id"], {"notice": ref(others)})
    assert codes(refused.value) == missing
    both = {"notice": ref(others), "integration": ref(second)}
    await write.update(customer.own, ANSWER, made["id"], both)
    await write.update(customer.own, ANSWER, made["id"], {"notice": ref(customer.a(NOTICE))})


async def test_what_a_notice_says_never_changes(customer: Customer) -> None:
    """Each field that says something is refused, all at once; it stays while an answer names it."""
    pk = customer.a(NOTICE)
    changed = {
        "version": 7,
        "language": "en",
        "text": "Annat.",
        "material_change": True,
        "integration": ref(customer.a(ACTIVATION)),
    }
    with pytest.raises(Problem) as refused:
        await write.update(customer.own, NOTICE, pk, changed)
    assert codes(refused.value) == {(f"/{name}", "sealed") for name in changed}
    assert (await write.update(customer.own, NOTICE, pk, {"custom_id": "a"}))["custom_id"] == "a"
    made = await write.create(customer.own, ANSWER, body(customer, notice=ref(pk)))
    with pytest.raises(Problem) as refused:
        await write.delete(customer.own, NOTICE, pk)
    assert refused.value.code is Code.in_use
    await write.delete(customer.own, ANSWER, made["id"])
    await write.delete(customer.own, NOTICE, pk)


async def test_a_version_is_there_once_in_a_language(customer: Customer) -> None:
    """For each integration, and for all: null counts as one of them."""
    mine = ref(customer.a(ACTIVATION))
    good = [
        notice(1, integration=mine),
        notice(1, language="en"),
        notice(1, integration=mine, language="en"),
    ]
    await add(customer.own, NOTICE, good)
    for again in (notice(1), good[0]):
        with pytest.raises(Problem) as refused:
            await write.create(customer.own, NOTICE, again)
        assert refused.value.code is Code.conflict
    twice = [notice(5), notice(5), notice(6, integration=mine), notice(6)]
    changes = await write.bulk(customer.own, NOTICE, twice, Bulk(atomic=False))
    assert [change.outcome for change in changes] == ["refused", "refused", "created", "created"]


async def test_a_notice_for_all_is_not_written_by_one(customer: Customer) -> None:
    """An integration sees it, and writes its own; for all only with the right `all`."""
    pk, mine = customer.a(NOTICE), ref(customer.a(ACTIVATION))
    others = {"integration": ref(customer.a(ACTIVATION, 1))}
    (hidden,) = await add(customer.own, NOTICE, [notice(4, **others)])
    context = bounded(customer)
    own = await write.create(context, NOTICE, notice(4, integration=mine))
    listed = await read.page(context, NOTICE, Query(keyset=Keyset(10)))
    assert {item["id"] for item in listed.items} == {*customer.ids[NOTICE.name], own["id"]}
    assert await read.get(context, NOTICE, hidden["id"]) is None
    refusing = {("/integration", FaultCode.out_of_reach.value)}
    for write_it in (
        write.create(context, NOTICE, notice(9, material_change=True)),
        write.update(context, NOTICE, pk, {"custom_id": "mine"}),
    ):
        with pytest.raises(Problem) as refused:
            await write_it
        assert codes(refused.value) == refusing
    with pytest.raises(Problem) as refused:
        await write.delete(context, NOTICE, pk)
    assert refused.value.code is Code.forbidden
    with pytest.raises(Problem) as refused:  # an answer is never everybody's: it lacks a field
        lacking = {name: value for name, value in body(customer).items() if name != "integration"}
        await write.create(context, ANSWER, lacking)
    assert codes(refused.value) == {("/integration", "required")}
    await write.delete(context, NOTICE, own["id"])
    everyones = bounded(customer, "all")
    made = await write.create(everyones, NOTICE, notice(9, material_change=True))
    await write.delete(everyones, NOTICE, made["id"])
