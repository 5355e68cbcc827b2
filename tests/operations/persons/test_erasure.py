"""An erased person: nothing of what was known is left, and the evidence is whole."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from portvakt.errors import FaultCode, Problem
from portvakt.ledger.chain import Signer
from portvakt.ledger.seal import Sealer
from portvakt.ledger.verify import check_database
from portvakt.operations.consent import decisions
from portvakt.operations.consent.decisions import Pair
from portvakt.operations.persons import erase
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.fields import Object, Objects, Text
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.support import samples
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    CONNECTION,
    ORGANIZATION_USER,
    PERMISSIONS,
    RESOURCES,
    SUB_TENANT,
    TENANT,
    Customer,
    address,
    moment,
    new_id,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

IDENTITY = RESOURCES["accounts.protectedidentity"]
ADMINISTRATOR = RESOURCES["platform.administrator"]
SIGNER = Signer(b"s" * 32)
KINDS = {"tenant": TENANT, "sub_tenant": SUB_TENANT, "organization_user": ORGANIZATION_USER}
EVERY = pytest.mark.parametrize("kind", KINDS)

Item = dict[str, Any]


def marked(resource: Resource, marker: str) -> Item:
    """A body with the marker in every field that is erased and takes any text."""
    made: Item = {}
    for field in resource.writable:
        if field.name not in resource.digested:
            continue
        if isinstance(field, Text) and field.format == "email":
            made[field.name] = f"{marker}@example.se"
        elif isinstance(field, Text):
            free = not field.pattern and not field.format and (field.max_length or 99) > 40
            made[field.name] = f"{marker} {field.name}" if free else None
        elif isinstance(field, Object):
            made[field.name] = {"note": marker}
        elif isinstance(field, Objects):
            made[field.name] = [{"note": marker}]
    return made | {"birth_date": "1981-12-18"}


async def person(customer: Customer, kind: str, marker: str) -> Item:
    """A person with all that may hang on one, each with the marker in its texts."""
    context, resource = customer.own, KINDS[kind]
    body = marked(resource, marker)
    if resource is not ORGANIZATION_USER:
        places = [{**address(n), "city": marker, "care_of": marker} for n in (0, 1)]
        homes = [await write.create(context, ADDRESS, place) for place in places]
        names = ("current_registered_address", "future_address")
        body |= {name: ref(home["id"]) for name, home in zip(names, homes, strict=True)}
    made = await write.create(
        context, resource, {**body, **(PERMISSIONS if kind == "sub_tenant" else {}), **DETAIL[kind]}
    )
    link = {"content_type": ref(content_type_id(resource.name)), "object_id": made["id"]}
    integration = customer.context  # which alone can own a connection
    await write.create(integration, CONNECTION, {**link, "external_id": f"{marker} 7"})
    if kind == "organization_user":
        body = {"organization_user": ref(made["id"]), "email": f"{marker}@example.com"}
        await write.create(context, ADMINISTRATOR, body)
    else:
        hidden = await write.create(context, ADDRESS, {**address(3), "city": marker})
        body = {kind: ref(made["id"]), "last_name": marker}
        body |= {"current_registered_address": ref(hidden["id"]), "custom_id": marker}
        await write.create(context, IDENTITY, body)
    return made


DETAIL: dict[str, Item] = {
    "tenant": {},
    "sub_tenant": {},
    "organization_user": {"detail_access": 0},
}


async def everything(store: Store) -> str:
    """The rows of all tables, as text."""
    rows = []
    async with store.database.snapshot() as connection:
        for table in store.tables.metadata.sorted_tables:
            rows += await connection.fetch(f'SELECT * FROM "{table.name}"')
    return "\n".join(str(tuple(row)) for row in rows)


async def seal(store: Store) -> None:
    """Give all events their places."""
    await Sealer(store, SIGNER, clock=moment, new_id=new_id).seal_all()


async def keys(customer: Customer) -> set[str]:
    """The items of the customer that have a key."""
    store = customer.context.store
    found = await store.database.fetch(
        f"SELECT item FROM ledger_key WHERE customer_id = '{customer.id}'"
    )
    return {str(row[0]) for row in found}


@EVERY
async def test_nothing_is_left_of_an_erased_person(
    store: Store, customer: Customer, kind: str
) -> None:
    """In no table, and without a key for what events say; the chain is whole."""
    marker, before = f"x{uuid4().hex[:12]}", await keys(customer)
    made = await person(customer, kind, marker)
    await seal(store)
    assert marker in await everything(store)
    told = await erase.erase(customer.own, KINDS[kind], made["id"])
    await seal(store)
    left = await everything(store)
    for text in (marker, "1981-12-18", "datetime.date(1981, 12, 18)"):
        assert text not in left
    assert await keys(customer) == before
    assert told["first_name"] == "Erased"
    assert (told["outcome"], told["erased_at"]) == ("erased", customer.own.now)
    about = {"platform.administrator": 1, CONNECTION.name: 1}
    if kind != "organization_user":
        about = {IDENTITY.name: 1, ADDRESS.name: 3, CONNECTION.name: 1}
    assert told["removed"] == about
    async with store.database.snapshot() as connection:
        await check_database(store, connection, customer.id, SIGNER)


async def test_the_erasure_is_an_event_and_happens_once(customer: Customer) -> None:
    """Who erased and when is told; to erase again changes nothing and says so."""
    made = await person(customer, "tenant", uuid4().hex)
    await erase.erase(customer.own, TENANT, made["id"])
    again = await erase.erase(customer.own, TENANT, made["id"])
    assert (again["outcome"], again["removed"]) == ("unchanged", {})
    async with customer.context.store.database.snapshot() as connection:
        events = await customer.context.store.events.of_item(
            connection, customer.id, content_type_id(TENANT.name), made["id"]
        )
    assert [event["operation"] for event in events] == ["created", "erased"]
    assert events[-1]["caller"] == "operator"
    assert {*json.loads(events[-1]["before"])} >= {"last_name", "anonymized", "custom_id"}


async def test_what_others_have_too_stays(customer: Customer) -> None:
    """An address of two persons; it goes with the last of them."""
    home = ref(customer.a(ADDRESS))
    body = {"first_name": "Åsa", "current_registered_address": home, "future_address": home}
    first, second = [await write.create(customer.own, TENANT, body) for _ in range(2)]
    assert (await erase.erase(customer.own, TENANT, first["id"]))["removed"] == {}
    assert await read.get(customer.own, ADDRESS, home["id"]) is not None
    told = await erase.erase(customer.own, TENANT, second["id"])
    assert told["removed"] == {ADDRESS.name: 1}


async def test_answers_and_decisions_stay(customer: Customer) -> None:
    """What the person answered counts as before; who spoke for the person isn't known any more."""
    context, pk = customer.own, customer.a(TENANT)
    body: Item = {"answer": False, "integration": ref(customer.a(ACTIVATION))}
    guardian = f"guardian {uuid4()}"
    body |= {"answered_by_tenant": ref(pk), "on_behalf_of": guardian}
    made = await write.create(context, ANSWER, body)
    gone = await write.create(context, ANSWER, body)
    await write.delete(context, ANSWER, gone["id"])
    await write.update(context, ANSWER, made["id"], {"custom_id": "7"})
    made = await read.get(context, ANSWER, made["id"]) or {}
    assert guardian in await everything(customer.context.store)
    pair = Pair(customer.a(ACTIVATION), "tenant", pk)
    before = await decisions.check(context, [pair])
    await erase.erase(context, TENANT, pk)
    assert await decisions.check(context, [pair]) == before
    assert await read.get(context, ANSWER, made["id"]) == made
    assert guardian not in await everything(customer.context.store)


async def refused(context: Any, resource: Resource, *bodies: Item) -> set[str]:
    """Where a bulk write is refused because a person was erased."""
    with pytest.raises(Problem) as raised:
        await write.bulk(context, resource, bodies, Bulk())
    assert {fault.code for fault in raised.value.faults} == {FaultCode.erased}
    return {fault.where for fault in raised.value.faults}


@EVERY
async def test_nothing_personal_is_stored_again(customer: Customer, kind: str) -> None:
    """Neither by an update, nor as an item that is about the person; other fields may change."""
    context, resource, pk = customer.own, KINDS[kind], customer.a(KINDS[kind], 1)
    await erase.erase(context, resource, pk)
    body: Item = {"id": pk, "last_name": "Öberg", "custom_id": "7", "phone_number": None}
    assert await refused(context, resource, body) == {"/0/last_name", "/0/custom_id"}
    assert await refused(customer.context, resource, body) == {"/0/last_name", "/0/custom_id"}
    link = {"content_type": ref(content_type_id(resource.name)), "object_id": pk}
    body = {**link, "external_id": "7"}
    assert await refused(customer.context, CONNECTION, body) == {"/0/object_id"}
    if kind == "organization_user":
        body = {"organization_user": ref(pk), "email": "a@example.com"}
        assert await refused(context, ADMINISTRATOR, body) == {"/0/organization_user"}
    else:
        assert await refused(context, IDENTITY, {kind: ref(pk), "first_name": "Åsa"}) == {
            f"/0/{kind}"
        }
    item = await write.update(context, resource, pk, {"is_active": False, "first_name": "Erased"})
    assert item["is_active"] is False


async def test_deleting_an_item_destroys_its_key(customer: Customer) -> None:
    """So that what its events say can't be compared with guesses any more."""
    made = await write.create(customer.own, TENANT, {"first_name": "Åsa"})
    assert made["id"] in await keys(customer)
    await write.delete(customer.own, TENANT, made["id"])
    assert made["id"] not in await keys(customer)


@EVERY
async def test_any_person_can_be_erased(customer: Customer, kind: str) -> None:
    """Whatever is stored of them: what is left keeps all rules."""
    resource, random = KINDS[kind], Random(kind)
    for body in samples.bodies(random, resource, customer, 20):
        # Addresses are deleted with the first who has them.
        alone = {name: given for name, given in body.items() if not name.endswith("_address")}
        made = await write.create(customer.own, resource, alone)
        told = await erase.erase(customer.own, resource, made["id"])
        for name, value in resource.erased.items():
            assert told[name] == value
