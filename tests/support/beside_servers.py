"""What a test does beside a server: with its database, and with rights that no API can give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from portvakt import resources
from portvakt.access.authentication import HEADERS
from portvakt.access.credentials import parse_keys
from portvakt.app import clock, new_id
from portvakt.operations.accounts import credentials
from portvakt.operations.context import Context
from portvakt.sandbox.data import SampleCustomer
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import INTEGRATION
from portvakt.schema.rights import RIGHTS
from portvakt.storage.databases.interface import Connection
from portvakt.storage.databases.opening import open_database
from portvakt.storage.store import Store
from tests.support.servers import Customer


@asynccontextmanager
async def open_store(database: str) -> AsyncIterator[Store]:
    """The store of a database, for what a test does beside the server."""
    opened = await open_database(database, pool_size=2)
    try:
        yield Store(opened, resources.load())
    finally:
        await opened.close()


EVERYTHING = {
    resource.name: [*RIGHTS]
    for resource in resources.load().offered
    if INTEGRATION in resource.used_by and not resource.platform
}
"""All rights to all resources that integrations may use."""


async def grant(
    database: str, version: str, rights: dict[str, list[str]], *, mode: int = 0
) -> None:
    """Give a service version, and the activations that mirror it, these rights.

    They may see what is personal of all persons who don't forbid it, unless `mode` is another
    acceptance mode. To be called before the first request: no API can change a published version.
    """
    async with open_store(database) as store, store.database.transaction() as connection:
        await _grant(connection, version, rights, mode)


async def _grant(
    connection: Connection, version: str, rights: dict[str, list[str]], mode: int = 0
) -> None:
    changes = f"allowed_access = '{json.dumps(rights)}', require_personal_information_access = '1'"
    chosen = f", personal_information_acceptance_mode = {mode}"
    for table, key, more in (
        ("platform_serviceversion", "id", ""),
        ("accounts_integrationuseragent", "service_version_id", chosen),
    ):
        await connection.execute(f"UPDATE {table} SET {changes}{more} WHERE {key} = '{version}'")


async def another_integration(
    database: str, keys: str, sample: SampleCustomer, index: int, **options: str
) -> Customer:
    """A caller for one of a customer's integrations, with a secret of its own.

    The integration at 0 is the one whose headers the sandbox tells; any other gets its object, and
    all rights. `options` go to `issue`.
    """
    first = sample.first_integration
    integration = {
        **sample.of_kind("integration")[index],
        "activation_object_id": first["activation_object_id"],
    }
    caller = caller_of(sample, integration)
    async with open_store(database) as store, store.database.transaction() as connection:
        await _grant(connection, caller.service_version, EVERYTHING)
        await connection.execute(
            "UPDATE accounts_integrationuseragent"
            f" SET activation_object_id = '{first['activation_object_id']}'"
            f" WHERE id = '{integration['id']}'"
        )
        context = Context(store, caller, clock(), new_id, rechecked=False)
        issued = await credentials.add(
            context, connection, parse_keys(keys), caller.activation, **options
        )
        name = store.registry.content_types[integration["activation_content_type"]]
    values = (
        *(caller.customer, caller.application, caller.service, caller.service_version),
        *(name, integration["activation_object_id"], issued["secret"]),
    )
    return Customer(dict(zip(HEADERS.values(), values, strict=True)), {})


def caller_of(sample: SampleCustomer, integration: Mapping[str, Any]) -> Caller:
    """What an integration of the sample data may touch."""
    return Caller(
        customer=sample.id,
        application=integration["application_id"],
        service=integration["service_id"],
        service_version=integration["service_version_id"],
        activation=integration["id"],
        activation_revision=1,
        credential="",
        credential_revision=0,
        rights=dict.fromkeys(resources.load().resources, frozenset(RIGHTS)),
    )
