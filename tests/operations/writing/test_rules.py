"""Rules hold twice: in what an operation accepts, and in what the database lets in at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from portvakt.errors import Code, IntegrityViolation, Problem
from portvakt.operations.context import RecheckFailed
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.operators import Kind
from portvakt.schema.query import Filter, Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtLeastOneOf, AtMostOneOf
from portvakt.storage.sql.rows import new_row
from portvakt.storage.sql.tables import CUSTOMER, constraint_name, unique_names
from tests.support import samples
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    CONNECTION,
    CREDENTIAL,
    ORGANIZATION,
    ORGANIZATION_USER,
    RESOURCES,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    add,
    blank,
    credential,
    new_id,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSONS = {
    "answered_by_tenant": TENANT,
    "answered_by_organization_user": ORGANIZATION_USER,
    "answered_by_sub_tenant": SUB_TENANT,
}
COMBINATIONS = [
    dict(zip(PERSONS, chosen, strict=True)) for chosen in product((False, True), repeat=3)
]
OWN = [
    resource
    for resource in RESOURCES.values()
    if not resource.platform and not resource.append_only
]
"""What callers write; a log has no foreign keys, and rows that only we add."""


def shown(combination: dict[str, bool]) -> str:
    """The combination as a test's name."""
    chosen = [name.removeprefix("answered_by_") for name, yes in combination.items() if yes]
    return "+".join(chosen) or "nobody"


def persons(customer: Customer, combination: dict[str, bool]) -> dict[str, str | None]:
    """The answer's persons as clean values."""
    return {name: customer.a(PERSONS[name]) if yes else None for name, yes in combination.items()}


def sent(values: dict[str, str | None]) -> dict[str, Any]:
    """The same as they travel."""
    return {name: value and ref(value) for name, value in values.items()}


def expected(combination: dict[str, bool]) -> list[tuple[str, str]]:
    """The faults of a combination: none if exactly one is set."""
    chosen = [name for name, yes in combination.items() if yes]
    if not chosen:
        return [("/answered_by_tenant", "at_least_one")]
    return [(f"/{name}", "excludes") for name in chosen] if chosen[1:] else []


def found(problem: Problem) -> list[tuple[str, str]]:
    """The faults' pointers and codes."""
    return [(fault.where, fault.code.value) for fault in problem.faults]


# --- exactly one person answers ------------------------------------------------------------------


@pytest.mark.parametrize("combination", COMBINATIONS, ids=shown)
async def test_exactly_one_person_answers(customer: Customer, combination: dict[str, bool]) -> None:
    """In a create, in a bulk write, and in the merged item of an update."""
    values = sent(persons(customer, combination))
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION)), **values}
    first = sent(persons(customer, {**COMBINATIONS[0], "answered_by_tenant": True}))
    known = await write.create(customer.context, ANSWER, {**body, **first})
    attempts = [
        write.create(customer.context, ANSWER, body),
        write.bulk(customer.context, ANSWER, [body], Bulk()),
        write.update(customer.context, ANSWER, known["id"], values),
        write.bulk(customer.context, ANSWER, [{"id": known["id"], **values}], Bulk()),
    ]
    for place, attempt in enumerate(attempts):
        if not expected(combination):
            await attempt
            continue
        with pytest.raises(Problem) as caught:
            await attempt
        assert caught.value.code is Code.invalid
        prefix = "/0" if place % 2 else ""
        assert found(caught.value) == [(prefix + w, c) for w, c in expected(combination)]


async def test_the_merged_item_counts(customer: Customer) -> None:
    """What an update leaves out is as it was stored; to change the person takes both fields."""
    person = {"answered_by_tenant": ref(customer.a(TENANT))}
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION)), **person}
    pk = (await write.create(customer.context, ANSWER, body))["id"]
    other = {"answered_by_sub_tenant": ref(customer.a(SUB_TENANT))}
    with pytest.raises(Problem) as caught:
        await write.update(customer.context, ANSWER, pk, other)
    names = ("/answered_by_tenant", "/answered_by_sub_tenant")
    assert found(caught.value) == [(name, "excludes") for name in names]
    with pytest.raises(Problem) as caught:
        await write.update(customer.context, ANSWER, pk, {"answered_by_tenant": None})
    assert found(caught.value) == [("/answered_by_tenant", "at_least_one")]
    moved = await write.update(customer.context, ANSWER, pk, {**other, "answered_by_tenant": None})
    assert moved == body | {"id": pk, "created_at": customer.context.now} | {
        "answered_by_organization_user": None,
        "answered_by_tenant": None,
        "organization": None,
        "custom_id": None,
        **other,
    }


# --- what the database refuses by itself ---------------------------------------------------------


async def store_row(
    customer: Customer, resource: Resource, clean: dict[str, Any], **columns: Any
) -> None:
    """Insert a row as it is, past every check of ours."""
    row = new_row(resource, customer.id, clean, now=customer.context.now, revision=1) | columns
    store = customer.context.store
    async with store.database.transaction() as connection:
        await store.row_writer.insert(connection, resource, [row])


async def clean(customer: Customer, resource: Resource, **more: Any) -> dict[str, Any]:
    """A stored item under a new id: what the database lets in, but for `more`."""
    if resource is CREDENTIAL:
        return {**blank(CREDENTIAL), **credential(customer.a(ACTIVATION)), **more}
    known = await add(
        customer.own, resource, [samples.body(Random(resource.name), resource, customer)]
    )
    await write.delete(customer.own, resource, known[0]["id"])
    return {**known[0], "id": new_id(), **more}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=shown)
async def test_the_database_lets_exactly_one_person_answer(
    customer: Customer, combination: dict[str, bool]
) -> None:
    """Its own constraint refuses every other combination, and is named."""
    item = await clean(customer, ANSWER, **persons(customer, combination))
    if not expected(combination):
        await store_row(customer, ANSWER, item)
        return
    with pytest.raises(IntegrityViolation) as caught:
        await store_row(customer, ANSWER, item)
    rule = AtMostOneOf if any(combination.values()) else AtLeastOneOf
    name = constraint_name("ck", ANSWER, rule.__name__.lower(), *PERSONS)
    assert caught.value.constraint == name


BAD_VALUES = [
    (ANSWER, "custom_id", "å" * 129, "length"),
    (CONNECTION, "external_id", "", "length"),
    (CONNECTION, "external_id", "å" * 1025, "length"),
    (TENANT, "email", "x" * 255, "length"),
    (ORGANIZATION_USER, "detail_access", 3, "options"),
    (ORGANIZATION_USER, "detail_access", -1, "options"),
    (ACTIVATION, "personal_information_acceptance_mode", 3, "options"),
    (CREDENTIAL, "key_number", 0, "range"),
]


@pytest.mark.parametrize(
    ("resource", "name", "value", "kind"),
    BAD_VALUES,
    ids=lambda value: value.model if isinstance(value, Resource) else str(value)[:12],
)
async def test_the_database_knows_lengths_and_options(
    customer: Customer, resource: Resource, name: str, value: Any, kind: str
) -> None:
    """A value out of bounds is refused by the constraint that says so; lengths are code points."""
    item = await clean(customer, resource, **{name: value})
    with pytest.raises(IntegrityViolation) as caught:
        await store_row(customer, resource, item)
    assert caught.value.constraint == constraint_name("ck", resource, name, kind)


async def test_the_longest_values_fit(customer: Customer) -> None:
    """What is just within bounds is stored, in the longest characters there are."""
    item = await clean(customer, CONNECTION, external_id="😀" * 1024, custom_id="😀" * 128)
    await store_row(customer, CONNECTION, item)
    stored = await read.get(customer.context, CONNECTION, item["id"])
    assert stored is not None
    assert (stored["external_id"], stored["custom_id"]) == ("😀" * 1024, "😀" * 128)


@pytest.mark.parametrize("resource", OWN, ids=lambda resource: resource.model)
async def test_the_database_demands_what_is_not_null(
    customer: Customer, resource: Resource
) -> None:
    """Each column of a field that may not be null refuses null."""
    item = await clean(customer, resource)
    for field in resource.fields:
        if not field.nullable and field.kind is not Kind.references:
            with pytest.raises(IntegrityViolation):
                await store_row(customer, resource, item, **{field.name: None})
    for column in (CUSTOMER, "revision", "updated_at"):
        with pytest.raises(IntegrityViolation):
            await store_row(customer, resource, item, **{column: None})
    await store_row(customer, resource, item)


def alone(resource: Resource, name: str) -> dict[str, None]:
    """Nulls for the fields that may not be set beside this one."""
    return {
        other: None
        for rule in resource.rules
        if isinstance(rule, AtMostOneOf) and name in rule.fields
        for other in rule.fields
    }


def references() -> Iterator[tuple[Resource, str]]:
    """Every reference between items of customers."""
    for resource in OWN:
        for reference in resource.references:
            if not RESOURCES[reference.target].platform:
                yield resource, reference.name


@pytest.mark.parametrize(
    ("resource", "name"),
    list(references()),
    ids=lambda value: value.model if isinstance(value, Resource) else value,
)
async def test_the_database_keeps_customers_apart(
    customer: Customer, stranger: Customer, resource: Resource, name: str
) -> None:
    """A reference leads to an item of the same customer or is refused, whoever writes it."""
    target = {reference.name: reference.target for reference in resource.references}[name]
    item = await clean(customer, resource)
    item |= alone(resource, name)
    for foreign in (stranger.ids[target][0], str(uuid4())):
        with pytest.raises(IntegrityViolation):
            await store_row(customer, resource, {**item, name: foreign})
    await store_row(customer, resource, {**item, name: customer.ids[target][0]})


@pytest.mark.parametrize(
    "resource",
    [resource for resource in OWN if resource.unique],
    ids=lambda resource: resource.model,
)
async def test_the_database_keeps_unique_keys(
    customer: Customer, stranger: Customer, resource: Resource
) -> None:
    """A second row with the key is refused; another customer may have it."""
    foreign: Item = {
        reference.name: None for reference in resource.references if reference.nullable
    }
    foreign |= {link.name: [] for link in resource.links}
    foreign |= {
        reference.name: stranger.a(RESOURCES[reference.target])
        for reference in resource.references
        if not reference.nullable and reference.target in stranger.ids
    }
    for unique in resource.unique:
        item = await clean(customer, resource)
        for name in unique.fields:
            if item[name] is None:
                field = resource.by_name[name]
                value = field.parse(samples.value(Random(name), field, customer.ids))
                item |= alone(resource, name) | {name: value}
        await store_row(customer, resource, item)
        with pytest.raises(IntegrityViolation) as caught:
            await store_row(customer, resource, {**item, "id": new_id()})
        assert caught.value.constraint in unique_names(resource)
        if not set(unique.fields) & foreign.keys():
            other = {**item, **foreign}
            await store_row(stranger, resource, other)
            await write.delete(stranger.own, resource, other["id"])
        await write.delete(customer.own, resource, item["id"])


async def test_what_is_referred_to_stays(customer: Customer) -> None:
    """An item that others refer to can't be deleted; one that a generic pair names can."""
    with pytest.raises(Problem) as caught:
        await write.delete(customer.context, ACTIVATION, customer.a(ACTIVATION))
    assert caught.value.code is Code.in_use
    await write.delete(customer.context, ORGANIZATION, customer.a(ORGANIZATION))


async def test_items_of_others_can_be_neither_read_nor_written(
    customer: Customer, stranger: Customer
) -> None:
    """Get, update and delete know nothing of another customer's item."""
    for resource in (TENANT, ACTIVATION, ORGANIZATION):
        pk = stranger.a(resource)
        before = await read.get(stranger.context, resource, pk)
        assert await read.get(customer.context, resource, pk) is None
        asked = Query(filters=(Filter("id", "in", False, (pk,)),), page=Page(1, 10))
        assert (await read.page(customer.context, resource, asked)).items == []
        for attempt in (
            write.update(customer.context, resource, pk, {"custom_id": "mine"}),
            write.delete(customer.context, resource, pk),
        ):
            with pytest.raises(Problem) as caught:
                await attempt
            assert caught.value.code is Code.not_found
        assert await read.get(stranger.context, resource, pk) == before


# --- the proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "change"),
    [
        (CREDENTIAL, {"revoked_at": "2026-11-01T00:00:00Z"}),
        (CREDENTIAL, {"expires_at": "2026-11-23T10:00:00Z"}),
        (ACTIVATION, {"is_active": False}),
        (ACTIVATION, {"clashing_priority": 99}),
    ],
    ids=lambda value: value.model if isinstance(value, Resource) else next(iter(value)),
)
async def test_nothing_is_done_without_proof(
    customer: Customer, resource: Resource, change: dict[str, Any]
) -> None:
    """A credential that holds no longer, at its revision, reads and writes nothing more."""
    await write.update(customer.own, resource, customer.a(resource), change)
    context, pk = customer.context, customer.a(TENANT)
    for attempt in (
        read.get(context, TENANT, pk),
        read.page(context, TENANT, Query(page=Page(1, 10))),
        read.page(context, TENANT, Query(count=True)),
        read.statistics(context, TENANT, Query()),
        write.create(context, TENANT, {"first_name": "x"}),
        write.update(context, TENANT, pk, {"first_name": "x"}),
        write.delete(context, TENANT, pk),
        write.bulk(context, TENANT, [], Bulk()),
    ):
        with pytest.raises(RecheckFailed):
            await attempt
    with pytest.raises(RecheckFailed):
        async with read.export(context, TENANT, Query()):
            pass


async def test_the_proof_of_another_customer_is_none(
    customer: Customer, stranger: Customer
) -> None:
    """A credential proves its own customer only."""
    caller = replace(customer.context.caller, customer=stranger.id)
    with pytest.raises(RecheckFailed):
        await read.page(replace(customer.context, caller=caller), TENANT, Query(page=Page(1, 1)))
