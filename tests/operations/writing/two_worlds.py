"""Two worlds that differ only in what an integration may not see, and what is written in both.

What differs: who has which address, what unseen persons are called, and what is there out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from portvakt.errors import Problem
from portvakt.operations.context import Context
from portvakt.operations.persons import erase
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.caller_kinds import INTEGRATION
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.operations import Operation
from portvakt.schema.query import Keyset, Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    COMPANY,
    CONNECTION,
    NOTICE,
    ORGANIZATION,
    ORGANIZATION_USER,
    PERMISSIONS,
    REAL_ESTATE,
    RESOURCES,
    ROLE,
    SEGMENT,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    activation,
    add,
    add_vendor,
    address,
    insert,
    notice,
    ref,
)
from tests.support.worlds import numbered

PROTECTED = RESOURCES["accounts.protectedidentity"]
RELATION = RESOURCES["accounts.subtenanttenantconnection"]
PLACE = RESOURCES["accounts.organizationusersegment"]
NOWHERE = str(UUID(int=(7 << 76) + (2 << 62)))
CATEGORY = "lås"

WRITTEN = [
    resource
    for resource in RESOURCES.values()
    if INTEGRATION in resource.used_by and Operation.bulk in resource.operations
]
RIGHTS = {name: frozenset({"read", "create", "update", "delete"}) for name in RESOURCES}
DRY = Bulk(dry_run=True)
WAYS = (
    DRY,
    Bulk(atomic=False, dry_run=True),
    Bulk(atomic=False, dry_run=True, match=("custom_id",)),
)


@dataclass(frozen=True)
class Worlds:
    """Two customers, and all that either holds: clean items by resource."""

    both: tuple[Customer, Customer]
    items: dict[str, list[Item]]
    connected: bool

    def contexts(self) -> tuple[Context, Context]:
        """The same integration in each world, which gives new items the same ids."""
        first, second = (self._context(customer) for customer in self.both)
        return first, second

    def _context(self, customer: Customer) -> Context:
        caller = replace(
            customer.context.caller,
            consent_terms=ConsentTerms(active=True, requires=True, mode=2),
            level=ORGANIZATION.name,
            object=customer.a(ORGANIZATION),
            rights=RIGHTS,
            connected=self.connected,
        )
        new_id = numbered(1)
        return replace(customer.at(60), caller=caller, rechecked=False, new_id=new_id)


async def shared(customer: Customer) -> None:
    """What both worlds have: items in the integration's organization, and in the other one."""
    own, ids = customer.own, customer.ids
    near, far = map(ref, ids[ORGANIZATION.name])
    for resource in (TENANT, SUB_TENANT, ORGANIZATION_USER, COMPANY, REAL_ESTATE, ROLE, ADDRESS):
        *nearer, last = ids[resource.name]
        bodies = [{"id": pk, "organization": near, "custom_id": pk[-12:]} for pk in nearer]
        await add(own, resource, [*bodies, {"id": last, "organization": far}])
    await add(own, SEGMENT, [{"id": customer.a(SEGMENT), "organization": near}])
    await add(own, ADDRESS, [{**address(n), "organization": near} for n in range(2, 6)])
    willing, silent, *_ = map(ref, ids[TENANT.name])
    mine, others = map(ref, ids[ACTIVATION.name])
    yes = {"answer": True, "integration": mine}
    await add(own, ANSWER, [{**yes, "answered_by_tenant": willing}])
    await add(own, NOTICE, [notice(5, integration=mine), notice(6, integration=others)])
    await add(own, PROTECTED, [{"tenant": silent, "first_name": "Skyddad"}])
    sub_tenant = ref(customer.a(SUB_TENANT))
    await add(own, RELATION, [{"sub_tenant": sub_tenant, "tenant": willing, "stakeholder_type": 0}])
    user = ref(customer.a(ORGANIZATION_USER))
    await add(own, PLACE, [{"segment": ref(customer.a(SEGMENT)), "user": user}])
    keeper = replace(customer.context, rechecked=False)
    for resource in (TENANT, SUB_TENANT, ADDRESS, ORGANIZATION, NOTICE):
        for number, pk in enumerate(ids[resource.name][:3]):
            body = {"content_type": ref(content_type_id(resource.name)), "object_id": pk}
            await write.create(keeper, CONNECTION, {**body, "external_id": f"K{number}"})


async def secrets(store: Store, customer: Customer, number: int, *, connected: bool) -> None:
    """What differs from world to world, and what the integration sees nothing of."""
    own, ids = replace(customer.own, new_id=numbered(number + 2 << 20)), customer.ids
    homes = [item["id"] for item in await near_addresses(customer)]
    far = ref(customer.a(ORGANIZATION, 1))
    _, silent, other, stranger = ids[TENANT.name]
    for place, pk in enumerate((silent, other)):
        home = ref(homes[(place + number) % len(homes)])
        body = {"last_name": f"Hemlig {number}", "current_registered_address": home}
        await write.update(own, TENANT, pk, body)
    sealed = {"requires_sole_category_ownership": True, "number": 8, "state": "published"}
    others = ids[ACTIVATION.name][1]
    if number == 0:
        return
    (person,) = await add(own, TENANT, [{"first_name": "Ny", "organization": far}])
    await add(own, PROTECTED, [{"tenant": ref(stranger), "first_name": "Skyddad"}])
    if connected:  # their identities aren't, whose persons are
        for pk in (ids[TENANT.name][0], other):
            await add(own, PROTECTED, [{"tenant": ref(pk), "first_name": "Skyddad"}])
    answer = {"answer": True, "integration": ref(others)}
    await add(own, ANSWER, [{**answer, "answered_by_tenant": ref(pk)} for pk in (silent, stranger)])
    await add(own, NOTICE, [notice(7, integration=ref(others))])
    await erase.erase(own, SUB_TENANT, ids[SUB_TENANT.name][1])
    await erase.erase(own, TENANT, person["id"])
    made = {"service": customer.vendor.service, **sealed}
    (version,) = await insert(store, RESOURCES["platform.serviceversion"], [made])
    rival = activation(replace(customer.vendor, version=version), ids[ORGANIZATION.name][1], 3)
    rival |= {"activation_object_id": ids[ORGANIZATION.name][1], "category": CATEGORY}
    await add(own, ACTIVATION, [rival])
    vendor = replace((await add_vendor(store)), service=customer.vendor.service)
    caller = replace(customer.context.caller, application=vendor.application)
    connection = {"content_type": ref(content_type_id(TENANT.name)), "external_id": "K0"}
    stranger_at = replace(own, caller=caller)
    await write.create(stranger_at, CONNECTION, {**connection, "object_id": other})


async def near_addresses(customer: Customer) -> list[Item]:
    """The addresses of the integration's organization, in one order in both worlds."""
    found = await read.page(customer.own, ADDRESS, Query(keyset=Keyset(1000)))
    near = ref(customer.a(ORGANIZATION))
    return [item for item in found.items if item["organization"] == near]


def example(resource: Resource, customer: Customer) -> Item:
    """A new item that the integration may leave behind, but for what it refers to."""
    near = {"organization": ref(customer.a(ORGANIZATION))}
    tenant, sub_tenant = ref(customer.a(TENANT)), ref(customer.a(SUB_TENANT))
    mine, user = ref(customer.a(ACTIVATION)), ref(customer.a(ORGANIZATION_USER))
    tenants = ref(content_type_id(TENANT.name))
    bodies: dict[str, Item] = {
        ADDRESS.name: address(9) | near,
        TENANT.name: {"first_name": "Ny", **near},
        SUB_TENANT.name: {"first_name": "Ny", **PERMISSIONS, **near},
        ORGANIZATION_USER.name: {"first_name": "Ny", "detail_access": 0, **near},
        PROTECTED.name: {"first_name": "Ny", "tenant": tenant},
        RELATION.name: {"sub_tenant": sub_tenant, "tenant": tenant, "stakeholder_type": 1},
        PLACE.name: {"segment": ref(customer.a(SEGMENT)), "user": user},
        ANSWER.name: {"answer": True, "integration": mine, "answered_by_tenant": tenant},
        NOTICE.name: notice(7, integration=mine),
        CONNECTION.name: {
            "content_type": tenants,
            "object_id": customer.a(TENANT),
            "external_id": "K0",
        },
    }
    return bodies.get(resource.name, {"name": "Ny", **near})


def candidates(worlds: Worlds, resource: Resource) -> dict[str, list[Any]]:
    """What each field could be given of what either world holds, as it travels."""
    found: dict[str, list[Any]] = {}
    for field in resource.writable:
        values = [item.get(field.name) for item in worlds.items[resource.name]]
        distinct = {str(value): value for value in values if value is not None}
        found[field.name] = list(distinct.values())[:4]
    for field in resource.references:
        held = worlds.items.get(field.target)
        if held:
            found[field.name] = [ref(item["id"]) for item in held] + [ref(NOWHERE)]
    for link in resource.links:
        found[link.name] = [[ref(item["id"])] for item in worlds.items[link.target]]
    for kind, pk in resource.generic_references:
        targets = (TENANT, SUB_TENANT, ADDRESS, ACTIVATION, ANSWER)
        found[kind] = [ref(content_type_id(target.name)) for target in targets]
        people = (*worlds.items[TENANT.name], *worlds.items[SUB_TENANT.name])
        found[pk] = [item["id"] for item in people] + [NOWHERE]
    if resource is ACTIVATION:
        found["category"] = [CATEGORY, "annan"]
        found["is_active"] = [True, False]
    return found


def pointing(resource: Resource) -> list[str]:
    """The fields that name other items, or by which others are told apart."""
    generic = (name for pair in resource.generic_references for name in pair)
    keys = (name for unique in resource.unique for name in unique.fields)
    names = {field.name for field in resource.pointing} | {*generic} | {*keys} | {"category"}
    return [field.name for field in resource.writable if field.name in names]


def alternatives(resource: Resource, name: str) -> Item:
    """What else must be null where one of several fields is given."""
    others = {
        "answered_by_sub_tenant": "answered_by_tenant",
        "answered_by_organization_user": "answered_by_tenant",
        "sub_tenant": "tenant" if resource is PROTECTED else "",
    }
    return {others[name]: None} if others.get(name) else {}


def asked_one_by_one(worlds: Worlds, resource: Resource) -> Iterator[Item]:
    """Each reference and key with each value, in a new item and in a stored one or two."""
    known = candidates(worlds, resource)
    new = example(resource, worlds.both[0])
    stored = [item["id"] for item in worlds.items[resource.name]]
    for name in pointing(resource):
        for value in known[name]:
            body = {**alternatives(resource, name), name: value}
            if not resource.made_by_people:
                yield {**new, **body}
            for pk in stored[:2]:
                yield {"id": pk, **body}


def asked_at_random(worlds: Worlds, resource: Resource, number: int) -> Iterator[list[Item]]:
    """Bulk writes of some items with some values that either world holds."""
    random, known = Random(f"{resource.name} {number}"), candidates(worlds, resource)
    new = example(resource, worlds.both[0])
    stored = [item["id"] for item in worlds.items[resource.name]]
    named = {name: values for name, values in known.items() if values}
    for _ in range(number):
        bodies = []
        for _ in range(random.randint(1, 3)):
            names = random.sample(list(named), random.randint(1, min(4, len(named))))
            said = {name: random.choice([*named[name], None]) for name in names}
            fresh = not resource.made_by_people and random.random() < 0.5
            bodies.append({**(new if fresh else {"id": random.choice(stored)}), **said})
        yield bodies


async def told(context: Context, resource: Resource, bodies: list[Item], how: Bulk) -> Any:
    """All that a bulk write answers."""
    try:
        changes = await write.bulk(context, resource, bodies, how)
    except Problem as problem:
        return problem.code, str(problem), problem.faults
    return [
        (one.outcome, one.target, one.faults)
        if one.faults
        else (one.outcome, write.answered(context, resource, one, evidence=True))
        for one in changes
    ]


async def told_of_one(context: Context, resource: Resource, body: Item) -> Any:
    """All that the write of a single item answers."""
    fields = {name: value for name, value in body.items() if name != "id"}
    try:
        if "id" in body:
            return await write.update(context, resource, body["id"], fields, evidence=True)
        return await write.create(context, resource, fields, evidence=True)
    except Problem as problem:
        return problem.code, str(problem), problem.faults
