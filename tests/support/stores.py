"""Stores to test with: a schema, and customers with the same kinds of data.

`create_schema` is the one place that makes the tables. A test takes fresh customers
(`two_customers`) in a database that it shares with others: every row belongs to a customer, so
they don't meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.schema import CreateIndex, CreateTable
from uuid_utils.compat import uuid7

from portvakt.errors import FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk, Change
from portvakt.resources import load
from portvakt.schema.caller import UNBOUNDED, Caller, Recheck
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import RIGHTS
from portvakt.schema.values import render_time
from portvakt.storage.sql.ledger_tables import all_guards
from portvakt.storage.sql.rows import new_row
from portvakt.storage.sql.tables import columns_of
from portvakt.storage.store import Store

BEGIN = datetime(2026, 11, 23, 10, tzinfo=UTC)

APARTMENT = content_type_id("objects.apartment")
"""The content type of items that another system holds."""

RESOURCES = load().resources
ALL_RIGHTS = dict.fromkeys(RESOURCES, frozenset(RIGHTS))
"""Of an integration that may do everything."""
ANSWER = RESOURCES["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTION = RESOURCES["integrations.integrationserviceidconnection"]
NOTICE = RESOURCES["integrations.notice"]
ACTIVATION = RESOURCES["accounts.integrationuseragent"]
ORGANIZATION_USER = RESOURCES["accounts.organizationuser"]
TENANT = RESOURCES["accounts.tenant"]
SUB_TENANT = RESOURCES["accounts.subtenant"]
ORGANIZATION = RESOURCES["sales.organization"]
ADDRESS = RESOURCES["common.address"]
COMPANY = RESOURCES["organization.company"]
REAL_ESTATE = RESOURCES["objects.realestate"]
SEGMENT = RESOURCES["organization.segment"]
ROLE = RESOURCES["organization.role"]
CREDENTIAL = RESOURCES["platform.credential"]
CUSTOMER = RESOURCES["platform.customer"]
CONTENT_TYPE = RESOURCES["platform.contenttype"]
APPLICATION = RESOURCES["platform.application"]
SERVICE = RESOURCES["platform.service"]
SERVICE_VERSION = RESOURCES["platform.serviceversion"]

Item = dict[str, Any]


def new_id() -> str:
    """An id; a later one sorts after an earlier one."""
    return str(uuid7())


def moment(seconds: float = 0) -> str:
    """A clean time, some seconds after the beginning of all tests."""
    return render_time(BEGIN + timedelta(seconds=seconds))


def ref(pk: str) -> dict[str, str]:
    """A reference as it travels."""
    return {"id": pk}


async def create_schema(store: Store) -> None:
    """Make the tables of an empty database."""
    core = store.dialect.core
    async with store.database.transaction() as connection:
        for table in store.tables.metadata.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=core)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                await connection.execute(str(CreateIndex(index).compile(dialect=core)))
        for guard in all_guards(store.dialect.name, store.tables.append_only):
            await connection.execute(guard)


def blank(resource: Resource) -> Item:
    """The defaults of a new clean item."""
    defaults = {field.name: field.default for field in resource.fields}
    return {**defaults, "id": new_id(), "created_at": moment()}


async def insert(
    store: Store, resource: Resource, rows: Sequence[Mapping[str, Any]], customer: str = ""
) -> list[str]:
    """Store clean items without the operation, with their internal fields; their ids."""
    now = moment()
    items = [{**blank(resource), **row} for row in rows]
    async with store.database.transaction() as connection:
        complete = [new_row(resource, customer, item, now=now, revision=1) for item in items]
        await store.row_writer.insert(connection, resource, complete)
    return [str(item["id"]) for item in items]


async def seed_platform(store: Store) -> None:
    """The content types that every installation knows."""
    known = store.registry.content_types.items()
    await insert(store, CONTENT_TYPE, [{"id": pk, "name": name} for pk, name in known])


@dataclass(frozen=True)
class Vendor:
    """An application with one version of one service, registered on the platform."""

    application: str
    service: str
    version: str


async def add_vendor(store: Store, *, require_personal_information_access: bool = True) -> Vendor:
    """A new application of a new name."""
    named = {"name": f"application {uuid4()}", "visibility": "public"}
    (application,) = await insert(store, APPLICATION, [named])
    level = content_type_id("sales.organization")
    service_row = {"application": application, "name": "sync", "level": level}
    (service,) = await insert(store, SERVICE, [service_row])
    version_row = {
        "service": service,
        "number": 7,
        "state": "published",
        "require_personal_information_access": require_personal_information_access,
    }
    (version,) = await insert(store, SERVICE_VERSION, [version_row])
    return Vendor(application, service, version)


@dataclass(frozen=True)
class Customer:
    """A customer, the ids of its items by resource, and one activation that asks for it.

    `context` carries the activation's credential, so that every statement proves it.
    """

    id: str
    vendor: Vendor
    context: Context
    ids: Mapping[str, Sequence[str]]

    @property
    def own(self) -> Context:
        """The context of our own work, where no credential is involved."""
        caller = replace(self.context.caller, kind=OPERATOR)
        return replace(self.context, caller=caller, rechecked=False)

    def at(self, seconds: float) -> Context:
        """The context of a request that comes some seconds later."""
        return replace(self.context, now=moment(seconds))

    def a(self, resource: Resource, place: int = 0) -> str:
        """The id of one of the seeded items."""
        return self.ids[resource.name][place]


def people(number: int) -> list[Item]:
    """Bodies of tenants or sub-tenants."""
    return [{"first_name": f"Åsa {place}", "last_name": "Öberg"} for place in range(number)]


PERMISSIONS = {
    field.name: True for field in SUB_TENANT.fields if field.required and field.kind is Kind.boolean
}
"""What a sub-tenant may do: all of it has to be said."""


def address(number: int) -> Item:
    """The body of an address."""
    place = {"postal_code": "123 45", "city": "Låtsasby", "country": "Sverige"}
    return {"street": "Påhittade vägen", "street_number": str(number + 1), **place}


async def add_customer(store: Store, vendor: Vendor | None = None) -> Customer:
    """A new customer with a few items of each kind that others refer to."""
    vendor = vendor or await add_vendor(store)
    (customer,) = await insert(store, CUSTOMER, [{"name": "Åkerö Bostäder"}])
    context = Context(store, unproven_scope(customer, vendor), moment(), new_id, rechecked=False)
    ids: dict[str, list[str]] = {
        CUSTOMER.name: [customer],
        APPLICATION.name: [vendor.application],
        SERVICE.name: [vendor.service],
        SERVICE_VERSION.name: [vendor.version],
        CONTENT_TYPE.name: list(store.registry.content_types),
    }

    own = replace(context, caller=replace(context.caller, kind=OPERATOR))

    async def fill(resource: Resource, bodies: Sequence[Item]) -> None:
        ids[resource.name] = [item["id"] for item in await add(own, resource, bodies)]

    await fill(ORGANIZATION, [{"name": "Norr"}, {"name": "Söder"}])
    await fill(COMPANY, [{"name": "Bolaget"}])
    await fill(REAL_ESTATE, [{"name": f"Gården {place}"} for place in range(4)])
    await fill(SEGMENT, [{"name": "Väst"}])
    await fill(ROLE, [{"name": "Förvaltare"}, {"name": "Värd"}])
    await fill(ADDRESS, [address(place) for place in range(2)])
    await fill(TENANT, people(4))
    await fill(SUB_TENANT, [{**person, **PERMISSIONS} for person in people(2)])
    users = [{"first_name": "Örjan", "detail_access": level} for level in (0, 2)]
    await fill(ORGANIZATION_USER, users)
    await fill(ACTIVATION, [activation(vendor, ids[ORGANIZATION.name][0], n) for n in (1, 2)])
    await fill(NOTICE, [notice(version) for version in (1, 2)])
    secrets = [credential(pk) for pk in ids[ACTIVATION.name]]
    ids[CREDENTIAL.name] = await insert(store, CREDENTIAL, secrets, customer)
    caller = replace(
        context.caller, activation=ids[ACTIVATION.name][0], credential=ids[CREDENTIAL.name][0]
    )
    return Customer(customer, vendor, replace(context, caller=caller, rechecked=True), ids)


def unproven_scope(customer: str, vendor: Vendor) -> Caller:
    """A scope of the customer and the vendor, whose activation and credential don't exist."""
    return Caller(
        customer=customer,
        application=vendor.application,
        service=vendor.service,
        service_version=vendor.version,
        activation=str(uuid4()),
        activation_revision=1,
        credential=str(uuid4()),
        credential_revision=1,
        recheck=Recheck.credential,
        rights=ALL_RIGHTS,
        consent_terms=ConsentTerms(active=True, requires=True, mode=0),
    )


def activation(vendor: Vendor, organization: str, priority: int) -> Item:
    """The body of an activation of the vendor's service on an organization."""
    return {
        "application_id": vendor.application,
        "service_id": vendor.service,
        "service_version_id": vendor.version,
        "clashing_priority": priority,
        "activation_content_type": ref(content_type_id("sales.organization")),
        "activation_object_id": organization,
        "personal_information_acceptance_mode": 0,
    }


def notice(version: int, **said: Any) -> Item:
    """The body of a notice, about all integrations unless something else is said."""
    return {"version": version, "language": "sv", "text": f"Vi visar {version}.", **said}


def credential(integration: str) -> Item:
    """A clean credential of an activation."""
    return {"integration": integration, "digest": "ab" * 32, "key_number": 1}


async def add(context: Context, resource: Resource, bodies: Sequence[Any]) -> list[Item]:
    """Store items by the operation that does it; the clean items."""
    return [change.item for change in await write.bulk(context, resource, bodies, Bulk())]


async def add_samples(context: Context, resource: Resource, bodies: Sequence[Any]) -> list[Item]:
    """Store random items, but for those that happen to repeat a unique key; the clean items.

    People store what no integration can create.
    """
    # An address of nobody is no integration's to give.
    if resource.made_by_people or resource.of_application is None:
        context = replace(context, caller=replace(context.caller, kind=OPERATOR))
    changes = await write.bulk(context, resource, bodies, Bulk(atomic=False))
    codes = {fault.code for change in changes for fault in change.faults}
    assert codes <= {FaultCode.repeated_key, FaultCode.conflict}
    return [change.item for change in changes if not change.faults]


def clean_item(resource: Resource, item: Item) -> Item:
    """An item as it travels -> the clean item."""
    return {
        name: None if item[name] is None else field.parse(item[name])
        for name, field in resource.known.items()
        if name in item
    }


async def two_customers(store: Store) -> tuple[Customer, Customer]:
    """Two customers of one vendor, alike but for their ids."""
    vendor = await add_vendor(store)
    return await add_customer(store, vendor), await add_customer(store, vendor)


async def stored_row(customer: Customer, resource: Resource, pk: str) -> dict[str, Any]:
    """All stored columns of an item."""
    store = customer.context.store
    statement = store.statements.rows.select_for_update(resource, UNBOUNDED)
    ids = store.dialect.bind_list(resource.by_name["id"].kind, [pk])
    async with store.database.transaction() as connection:  # the statement locks
        values = customer.own.bind(statement, {"ids": ids})
        (row,) = await connection.fetch(statement.text, values)
    return store.rows(resource, tuple(columns_of(resource))).clean(row)


def outcomes(changes: Sequence[Change]) -> list[str]:
    """What became of each item of a bulk write."""
    return [change.outcome for change in changes]
