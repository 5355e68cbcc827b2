"""The sample data of `portvakt sandbox`: two invented customers and all that belongs to them.

`sample_data` is pure and gives the same each time; `seed` inserts it. Both customers have the same
`custom_id`s and external ids in places, so that one can see that neither sees the other's items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portvakt.app import new_id
from portvakt.errors import IntegrityViolation, TransactionConflict
from portvakt.operations.context import Context
from portvakt.operations.writing import write_rows
from portvakt.sandbox.ids import Item
from portvakt.sandbox.integrations import platform_items
from portvakt.sandbox.items import customer_items
from portvakt.sandbox.words import CUSTOMERS
from portvakt.schema.caller import UNBOUNDED, Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.registry import Registry
from portvakt.schema.validation import merge
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM
from portvakt.storage.sql.rows import new_row
from portvakt.storage.store import Store

Items = dict[str, list[Item]]
"""Complete clean items by the name of their resource, in the order to insert them."""

KINDS = {
    "organization": "sales.organization",
    "company": "organization.company",
    "real_estate": "objects.realestate",
    "segment": "organization.segment",
    "role": "organization.role",
    "address": "common.address",
    "organization_user": "accounts.organizationuser",
    "membership": "accounts.organizationusersegment",
    "tenant": "accounts.tenant",
    "sub_tenant": "accounts.subtenant",
    "household": "accounts.subtenanttenantconnection",
    "protected_identity": "accounts.protectedidentity",
    "integration": "accounts.integrationuseragent",
    "notice": "integrations.notice",
    "answer": "integrations.answeredintegrationpersonalinformationaccess",
    "id_connection": "integrations.integrationserviceidconnection",
}
"""A short word for each resource of which a customer has items."""

_CUSTOMER = "platform.customer"
_TRIES = 3  # so many may be beginning with the same empty database


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """One customer. `items` begins with the customer itself."""

    items: Items

    @property
    def id(self) -> str:
        """The customer's id."""
        return str(self.items[_CUSTOMER][0]["id"])

    @property
    def name(self) -> str:
        """The customer's name."""
        return str(self.items[_CUSTOMER][0]["name"])

    def of_kind(self, kind: str) -> list[Item]:
        """The items of one of `KINDS`."""
        return self.items[KINDS[kind]]

    def ids(self, kind: str) -> list[str]:
        """The ids of the items of one of `KINDS`."""
        return [item["id"] for item in self.of_kind(kind)]

    @property
    def first_integration(self) -> Item:
        """The integration to show first: it is active, and sees no person who hasn't answered."""
        return self.of_kind("integration")[0]


@dataclass(frozen=True, slots=True)
class SampleData:
    """What belongs to the platform, and the customers."""

    platform: Items
    customers: tuple[SampleCustomer, ...]


def sample_data(registry: Registry) -> SampleData:
    """All of the sample data, as complete items of the registry's resources."""
    customers = tuple(
        SampleCustomer(_complete(registry, customer_items(words))) for words in CUSTOMERS
    )
    return SampleData(_complete(registry, platform_items()), customers)


def _complete(registry: Registry, items: Items) -> Items:
    return {
        name: [merge(registry.resources[name], item, None) for item in given]
        for name, given in items.items()
    }


async def seed(store: Store, now: str) -> int:
    """Insert the customers of the sample data that the database lacks; returns how many rows.

    All in one transaction. A customer that is there is left as it is, whatever of its items has
    been changed or deleted. May be run by several programs at once. `now` is when the rows are
    written (`updated_at`). The content types must be there (`storage.migrations.migrate.prepare`).

    Raises `DatabaseUnavailable`; and `IntegrityViolation` if another application already has the
    name of one of the sample's.
    """
    for _ in range(_TRIES - 1):
        try:
            return await _add_missing(store, now)
        except (IntegrityViolation, TransactionConflict):
            continue  # another program was faster: look again at what is missing
    return await _add_missing(store, now)


async def _add_missing(store: Store, now: str) -> int:
    data = sample_data(store.registry)
    async with store.database.transaction(long=True) as connection:
        found = await _found(store, connection, _CUSTOMER, [each.id for each in data.customers])
        lacking = [customer for customer in data.customers if customer.id not in found]
        inserted = 0
        if lacking:
            inserted += await _add_platform(store, connection, data.platform, now)
        for customer in lacking:
            inserted += await _add(store, connection, customer.id, customer.items, now)
    return inserted


async def _add_platform(store: Store, connection: Connection, items: Items, now: str) -> int:
    """Add the platform's items that are missing."""
    missing: Items = {}
    for name, given in items.items():
        found = await _found(store, connection, name, [item["id"] for item in given])
        missing[name] = [item for item in given if item["id"] not in found]
    return await _add(store, connection, "", missing, now)


async def _found(
    store: Store, connection: Connection, name: str, ids: Sequence[str]
) -> frozenset[str]:
    """Those of the ids that a resource of the platform has."""
    resource = store.registry.resources[name]
    statement = store.statements.rows.existing(resource, UNBOUNDED)
    listed = store.dialect.bind_list(resource.by_name["id"].kind, ids)
    rows = await connection.fetch(statement.text, statement.values({"ids": listed}))
    return frozenset(str(row[0]) for row in rows)


async def _add(store: Store, connection: Connection, customer: str, items: Items, now: str) -> int:
    caller = Caller(customer=customer, kind=OPERATOR)
    context = Context(store, caller, now, new_id, rechecked=False, through="import")
    for name, given in items.items():
        resource = store.registry.resources[name]
        # One that was there before, and was deleted, goes on where its events end.
        ids = [item["id"] for item in given]
        owner = PLATFORM if resource.platform else customer
        last = await store.events.last_revisions(connection, owner, ids)
        rows = [
            new_row(resource, customer, item, now=now, revision=last.get(item["id"], 0) + 1)
            for item in given
        ]
        await write_rows.add(context, connection, resource, rows)
    return sum(map(len, items.values()))
