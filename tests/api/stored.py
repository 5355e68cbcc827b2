"""Looks at and changes what is stored, beside the server and its rights."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from portvakt.app import clock, new_id
from portvakt.cli.sample_data import SampleCustomer
from portvakt.operations import read, write
from portvakt.operations.context import Context
from portvakt.schema.query import Filter, Query
from portvakt.storage.store import Store
from tests.servers import open_store, scope_of

Item = dict[str, Any]
T = TypeVar("T")

CREDENTIAL = "platform.credential"
CUSTOMER = "platform.customer"
INTEGRATION = "accounts.integrationuseragent"


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, whatever loop this thread may have."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def context(store: Store, sample: SampleCustomer) -> Context:
    """The surroundings of our own work on a customer's items: no credential is involved."""
    scope = scope_of(sample, sample.first_integration)
    return Context(store, scope, clock(), new_id, proven=False)


def change(database: str, sample: SampleCustomer, name: str, pk: str, **values: Any) -> None:
    """Change a stored item as an operator does: in one transaction, with a new revision."""

    async def work() -> None:
        async with open_store(database) as store:
            resource = store.registry.resources[name]
            await write.update(context(store, sample), resource, pk, values)

    run(work())


def credentials(database: str, sample: SampleCustomer, integration: str) -> list[Item]:
    """The stored credentials of an integration, the oldest first."""

    async def work() -> list[Item]:
        async with open_store(database) as store:
            resource = store.registry.resources[CREDENTIAL]
            query = Query(filters=(Filter("integration", "", False, integration),))
            async with read.export(context(store, sample), resource, query) as export:
                return [item async for chunk in export.chunks for item in chunk]

    return run(work())
